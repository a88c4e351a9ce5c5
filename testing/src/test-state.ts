import {
  applyWith,
  type EntryOfType,
  type LogEntry,
  type NodeInfo,
  type OutcomeOf,
  type State,
  type StateFactory,
} from '@paxakos/core';
import { freshId } from './fresh-id.ts';

/** What a `TestState` applies. */
export type TestEntry =
  | LogEntry<'add', { value: number }, number>
  | LogEntry<'members', { ids: readonly string[] }>
  | LogEntry<'setting', { value: number }>;

/** What a `TestState` freezes to. */
export interface FrozenTestState {
  readonly sum: number;
  readonly ids: readonly string[];
  readonly window: number;
  readonly setting: number;
  readonly log: readonly string[];
}

/** A sum, its members, its window, a setting for whoever reads it, and the ids of all entries in their order. */
export class TestState implements State<TestEntry, FrozenTestState> {
  sum: number;
  ids: readonly string[];
  readonly window: number;
  setting: number;
  readonly log: string[];

  constructor({ sum, ids, window, setting, log }: FrozenTestState) {
    this.sum = sum;
    this.ids = ids;
    this.window = window;
    this.setting = setting;
    this.log = [...log];
  }

  readonly #apply = applyWith<TestEntry>({
    add: ({ value }) => {
      this.sum += value;
      return this.sum;
    },
    members: ({ ids }) => {
      this.ids = ids;
    },
    setting: ({ value }) => {
      this.setting = value;
    },
  });

  apply(entry: TestEntry, context: { readonly round: number; change(change: unknown): void }): OutcomeOf<TestEntry> {
    this.log.push(entry.id);
    return this.#apply(entry, context);
  }

  cluster(): readonly NodeInfo[] {
    return this.ids.map((id) => ({ id }));
  }

  concurrency(): number {
    return this.window;
  }

  freeze(): FrozenTestState {
    const { sum, ids, window, setting, log } = this;
    return { sum, ids, window, setting, log: [...log] };
  }
}

/** Makes states of a cluster of these founders. */
export function testStates(
  ids: readonly string[],
  window: number,
  setting: number,
): StateFactory<TestState, FrozenTestState> {
  return {
    create: () => new TestState({ sum: 0, ids, window, setting, log: [] }),
    thaw: (frozen) => new TestState(frozen),
  };
}

export function add(value = 1, id: string = freshId()): EntryOfType<TestEntry, 'add'> {
  return { id, type: 'add', value };
}

export function setMembers(...ids: string[]): EntryOfType<TestEntry, 'members'> {
  return { id: freshId(), type: 'members', ids };
}

export function set(value: number): EntryOfType<TestEntry, 'setting'> {
  return { id: freshId(), type: 'setting', value };
}
