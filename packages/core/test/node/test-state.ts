import {
  type ApplyContext,
  applyWith,
  type LogEntry,
  type NodeInfo,
  type OutcomeOf,
  type State,
  type StateFactory,
} from '../../src/index.ts';

export type Op =
  | LogEntry<'add', { value: number }, number>
  | LogEntry<'members', { ids: readonly string[] }>
  | LogEntry<'window', { size: number }>
  | LogEntry<'bytes', { bytes: Uint8Array }, number>
  | LogEntry<'break', { how: 'throw' | 'promise' | 'cluster' }>;

interface Frozen {
  readonly sum: number;
  readonly window: number;
  readonly ids: readonly string[];
  readonly log: readonly string[];
}

/** A sum, its members and its window, and the ids of all entries in their order. */
export class Ledger implements State<Op, Frozen, string> {
  sum = 0;
  window = 1_024;
  ids: readonly string[];
  log: string[] = [];
  /** Called before an entry is applied. */
  onApply: (entry: Op) => void = () => {};
  #isBroken = false;

  constructor(ids: readonly string[], window = 1_024) {
    this.ids = ids;
    this.window = window;
  }

  readonly #apply = applyWith<Op, string>({
    add: ({ value }, { change }) => {
      this.sum += value;
      change(`+${value}`);
      return this.sum;
    },
    members: ({ ids }) => {
      this.ids = ids;
    },
    window: ({ size }) => {
      this.window = size;
    },
    bytes: ({ bytes }) => bytes.reduce((sum, byte) => sum + byte, 0),
    break: ({ how }) => {
      if (how === 'throw') throw new Error('apply broke');
      if (how === 'cluster') this.#isBroken = true;
      if (how === 'promise') return Promise.reject(new Error('a promise broke')) as never;
      return undefined;
    },
  });

  apply(entry: Op, context: ApplyContext<string>): OutcomeOf<Op> {
    this.onApply(entry);
    const outcome = this.#apply(entry, context);
    this.log.push(entry.id);
    return outcome;
  }

  cluster(): readonly NodeInfo[] {
    if (this.#isBroken) return [];
    return this.ids.map((id) => ({ id }));
  }

  concurrency(): number {
    return this.window;
  }

  freeze(): Frozen {
    return { sum: this.sum, window: this.window, ids: this.ids, log: [...this.log] };
  }
}

/** Makes ledgers. `onMade` is told of each. */
export function ledgers(
  ids: readonly string[],
  window = 1_024,
  onMade: (ledger: Ledger) => void = () => {},
): StateFactory<Ledger, Frozen> {
  return {
    create() {
      const ledger = new Ledger(ids, window);
      onMade(ledger);
      return ledger;
    },
    thaw({ sum, window: frozenWindow, ids: members, log }) {
      const ledger = new Ledger(members, frozenWindow);
      ledger.sum = sum;
      ledger.log = [...log];
      onMade(ledger);
      return ledger;
    },
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
export const breakIt = (how: 'throw' | 'promise' | 'cluster') => ({ id: freshId(), type: 'break', how }) as const;
