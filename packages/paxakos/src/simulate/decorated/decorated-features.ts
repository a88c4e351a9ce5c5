import type { LeaseTable } from '@paxakos/leaser';
import type { Features } from '../../preset/features.ts';
import type { DecoratedState } from './decorated-state.ts';

/** How far off the rates of clocks may be in a plan without the fault `clockRate`: from 0.8 to 1.25. */
export const driftMax = 0.25;

/** What the decorations have of the run. */
export interface FeatureParts {
  /** The time of the world. */
  worldMs(this: void): number;
  /** An id that no other entry of the run has. */
  nextId(this: void): string;
  /** Whether leaders look at the pace of others' clocks. */
  readonly measuresDrift: boolean;
}

/**
 * All ten, with times that are short beside the eight seconds in which there are faults.
 *
 * Clocks jump, and go at any rate, also beyond the drift of at most 0.1 that master leases can be told of: they have a wall clock
 * that is right beside, by which no read is ever stale. Leases of the leaser have none, and are told of as much drift as a plan
 * has from its beginning; what goes wrong where the fault `clockRate` takes a clock beyond that is not held against them. Master
 * leases last longer than nodes wait until they ask to lead: else they would have nothing to hold off.
 */
export function decoratedFeatures({ worldMs, nextId, measuresDrift }: FeatureParts): Features<DecoratedState> {
  const table = ({ leases }: DecoratedState): LeaseTable => leases;
  const entry = () => ({ id: nextId(), type: 'beat' }) as never;
  return {
    trackLeadership: true,
    heartbeats: { intervalMs: 300, leaderIntervalMs: 100, entry },
    autofill: { delayMs: 60 },
    ensureLeadership: { intervalMs: 400 },
    catchUp: {
      checkMs: 200,
      stalledMs: 1_500,
      answerMs: 300,
      retryMs: 100,
      retryMsMax: 1_500,
      snapshotEveryMs: 500,
      holdMs: 5_000,
      chunkBytes: 1_024,
    },
    verify: { everyRounds: 50, intervalMs: 500, answerMs: 250 },
    masterLeases: { leaseMs: 1_200, driftMax: 0.1, measuresDrift, wallClock: worldMs },
    delegation: { answerMs: 600, cancelMs: 200, resendMs: 80 },
    leaser: { table, driftMax },
    releaser: { table, driftMax, marginMs: 0, checkMs: 40, staggerMs: 200 },
  };
}
