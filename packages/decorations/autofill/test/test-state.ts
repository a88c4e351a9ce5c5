import { applyWith, type LogEntry, type NodeInfo, type OutcomeOf, type State, type StateFactory } from '@paxakos/core';

export type Op =
  | LogEntry<'add', { value: number }, number>
  | LogEntry<'members', { ids: readonly string[] }>
  | LogEntry<'window', { size: number }>
  | LogEntry<'setting', { value: number }>;

interface Frozen {
  readonly sum: number;
  readonly ids: readonly string[];
  readonly window: number;
  readonly setting: number;
  readonly log: readonly string[];
}

/** A sum, its members, its window, a setting for whoever reads it, and the ids of all entries in their order. */
export class TestState implements State<Op, Frozen> {
  sum: number;
  ids: readonly string[];
  window: number;
  setting: number;
  readonly log: string[];

  constructor({ sum, ids, window, setting, log }: Frozen) {
    this.sum = sum;
    this.ids = ids;
    this.window = window;
    this.setting = setting;
    this.log = [...log];
  }

  readonly #apply = applyWith<Op>({
    add: ({ value }) => {
      this.sum += value;
      return this.sum;
    },
    members: ({ ids }) => {
      this.ids = ids;
    },
    window: ({ size }) => {
      this.window = size;
    },
    setting: ({ value }) => {
      this.setting = value;
    },
  });

  apply(entry: Op, context: { readonly round: number; change(change: unknown): void }): OutcomeOf<Op> {
    this.log.push(entry.id);
    return this.#apply(entry, context);
  }

  cluster(): readonly NodeInfo[] {
    return this.ids.map((id) => ({ id }));
  }

  concurrency(): number {
    return this.window;
  }

  freeze(): Frozen {
    const { sum, ids, window, setting, log } = this;
    return { sum, ids, window, setting, log: [...log] };
  }
}

/** Makes states of a cluster of these founders. */
export function testStates(ids: readonly string[], window: number, setting: number): StateFactory<TestState, Frozen> {
  return {
    create: () => new TestState({ sum: 0, ids, window, setting, log: [] }),
    thaw: (frozen) => new TestState(frozen),
  };
}

let made = 0;

/** An id that no other entry of this process has. */
export function freshId(): string {
  made += 1;
  return `entry-${made}`;
}

export const add = (value = 1, id: string = freshId()) => ({ id, type: 'add', value }) as const;
export const setMembers = (...ids: string[]) => ({ id: freshId(), type: 'members', ids }) as const;
export const setWindow = (size: number) => ({ id: freshId(), type: 'window', size }) as const;
export const set = (value: number) => ({ id: freshId(), type: 'setting', value }) as const;
