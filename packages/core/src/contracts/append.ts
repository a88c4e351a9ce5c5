import type { AppendError } from './errors.ts';
import type { RoundNum } from './numbers.ts';

/** The way in which an append treats leadership if its node does not lead. */
export type AppendLeadership =
  /** Bids for leadership. */
  | 'acquire'
  /** Only uses leadership that the node already holds. Fails with `LostError` if the node does not lead. */
  | 'require'
  /**
   * Only uses leadership that the node already holds, but first asks up to a majority whether the round has converged. Fails with
   * `ConvergedError` if it has, with `LostError` if a majority answers that it has not, and with `NoQuorumError` if no majority
   * answers in time.
   */
  | 'check';

/** What a retry policy is told of a failed attempt. */
export interface RetryContext {
  /** How many attempts have failed, this one included. */
  readonly attempts: number;
  readonly error: AppendError;
  /** Milliseconds since the append was called. */
  readonly elapsedMs: number;
  readonly random: () => number;
}

/**
 * Decides after each failed attempt: milliseconds to wait before the next one, or `undefined` to give up.
 *
 * A retry never places the entry a second time: while an earlier attempt is in doubt, the next one first settles that.
 */
export type RetryPolicy = (context: RetryContext) => number | undefined;

/** How to append. */
export interface AppendOptions {
  /**
   * Rounds to place the entry in, both ends included. Default: the next free one. Where the first lies beyond the window of
   * concurrency, the entry waits until the log comes near; where that takes longer than `tuning.attemptMs`, the attempt fails
   * with a `NoQuorumError` whose reasons are all empty.
   */
  readonly round?: { readonly from?: RoundNum; readonly to?: RoundNum };
  /** The append may do this to lead. Default: `'acquire'`. */
  readonly leadership?: AppendLeadership;
  /** Default: `backoff()`. */
  readonly retry?: RetryPolicy;
  /** Gives the append up. The entry may still be committed where a proposal has left. */
  readonly signal?: AbortSignal;
}

/** An entry has been committed: it stands in `round` for ever. */
export interface Commit<Outcome> {
  readonly round: RoundNum;
  /** Resolves to the outcome when this node has applied the entry; rejects where it is stopped or ejects its state before. */
  applied(): Promise<Outcome>;
}
