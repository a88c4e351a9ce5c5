import type { AppendError, InvalidError, RoundNum } from '@paxakos/core/contracts';
import type { AppendItem } from './message.ts';

/** What came of an append at a delegatee. */
export type RequestResult =
  | { readonly type: 'committed'; readonly round: RoundNum }
  | { readonly type: 'failed'; readonly error: AppendError | InvalidError }
  /** Nothing has happened there, and nothing will: it said nothing, or it has never got the request. */
  | { readonly type: 'unreached' }
  /** Nothing has been sent, and another node seems to lead by now. */
  | { readonly type: 'moved' };

/** One append at one delegatee. It is placed there at most once. */
export interface Request {
  readonly item: Omit<AppendItem, 'id' | 'type'>;
  readonly startedAt: number;
  readonly finish: (result: RequestResult) => void;
  /** 0 until it is sent; then unique for this node and that delegatee. */
  id: number;
  /**
   * `waiting`: not sent. `sent`: perhaps being worked on. `cancelling`: not wanted any more; the delegatee is asked what came of
   * it. `doubtful`: it will not say any more. `finished`: whoever waited knows.
   */
  phase: 'waiting' | 'sent' | 'cancelling' | 'doubtful' | 'finished';
  /** When it was last sent or asked about. */
  askedAt: number;
  resends: number;
  /** What it fails with at `endsAt`, where nothing else is known of it by then. */
  error: AppendError | undefined;
  endsAt: number;
}
