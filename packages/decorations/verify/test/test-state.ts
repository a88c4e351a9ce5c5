import { type ApplyContext, applyWith, type LogEntry, type NodeInfo, type State } from '@paxakos/core';
import { freshId } from '@paxakos/testing';

export type Op =
  | LogEntry<'add', { value: number }, number>
  | LogEntry<'members', { ids: readonly string[] }>
  | LogEntry<'every', { rounds?: number; ms?: number }>
  | LogEntry<'digest', { digest: string; of: number }>;

export interface Frozen {
  readonly sum: number;
  readonly ids: readonly string[];
  readonly everyRounds: number;
  readonly intervalMs: number;
  readonly digests: number;
}

/** A sum, its members, when to look at it, and how many digests stand in the log. */
export class Sum implements State<Op, Frozen> {
  sum: number;
  ids: readonly string[];
  everyRounds: number;
  intervalMs: number;
  digests: number;

  constructor({ sum, ids, everyRounds, intervalMs, digests }: Frozen) {
    this.sum = sum;
    this.ids = ids;
    this.everyRounds = everyRounds;
    this.intervalMs = intervalMs;
    this.digests = digests;
  }

  readonly #apply = applyWith<Op>({
    add: ({ value }) => {
      this.sum += value;
      return this.sum;
    },
    members: ({ ids }) => {
      this.ids = ids;
    },
    every: ({ rounds, ms }) => {
      if (rounds !== undefined) this.everyRounds = rounds;
      if (ms !== undefined) this.intervalMs = ms;
    },
    digest: () => {
      this.digests += 1;
    },
  });

  apply(entry: Op, context: ApplyContext): number | undefined {
    return this.#apply(entry, context) as number | undefined;
  }

  cluster(): readonly NodeInfo[] {
    return this.ids.map((id) => ({ id }));
  }

  concurrency(): number {
    return 4;
  }

  freeze(): Frozen {
    const { sum, ids, everyRounds, intervalMs, digests } = this;
    return { sum, ids, everyRounds, intervalMs, digests };
  }
}

export const add = (value = 1) => ({ id: freshId(), type: 'add', value }) as const;
export const setMembers = (...ids: string[]) => ({ id: freshId(), type: 'members', ids }) as const;
export const setEvery = (every: { rounds?: number; ms?: number }) =>
  ({ id: freshId(), type: 'every', ...every }) as const;
