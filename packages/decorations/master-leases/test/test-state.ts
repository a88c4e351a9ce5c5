import {
  type ApplyContext,
  applyWith,
  type LogEntry,
  type NodeInfo,
  type OutcomeOf,
  type State,
  type StateFactory,
} from '@paxakos/core';
import { freshId } from '@paxakos/testing';

export type Op =
  | LogEntry<'add', object, number>
  | LogEntry<'members', { ids: readonly string[] }>
  | LogEntry<'lease', { ms: number }>;

interface Frozen {
  readonly count: number;
  readonly leaseMs: number;
  readonly ids: readonly string[];
}

/** Counts. */
export class Counter implements State<Op, Frozen> {
  count = 0;
  leaseMs = 1_000;
  ids: readonly string[];
  readonly #window: number;

  constructor(ids: readonly string[], window: number) {
    this.ids = ids;
    this.#window = window;
  }

  readonly #apply = applyWith<Op>({
    add: () => {
      this.count += 1;
      return this.count;
    },
    members: ({ ids }) => {
      this.ids = ids;
    },
    lease: ({ ms }) => {
      this.leaseMs = ms;
    },
  });

  apply(entry: Op, context: ApplyContext): OutcomeOf<Op> {
    return this.#apply(entry, context);
  }

  cluster(): readonly NodeInfo[] {
    return this.ids.map((id) => ({ id }));
  }

  concurrency(): number {
    return this.#window;
  }

  freeze(): Frozen {
    return { count: this.count, leaseMs: this.leaseMs, ids: this.ids };
  }
}

export function counters(ids: readonly string[], window: number): StateFactory<Counter, Frozen> {
  return {
    create: () => new Counter(ids, window),
    thaw({ count, leaseMs, ids: members }) {
      const counter = new Counter(members, window);
      counter.count = count;
      counter.leaseMs = leaseMs;
      return counter;
    },
  };
}

export const add = () => ({ id: freshId(), type: 'add' }) as const;
export const setMembers = (...ids: string[]) => ({ id: freshId(), type: 'members', ids }) as const;
export const setLease = (ms: number) => ({ id: freshId(), type: 'lease', ms }) as const;
