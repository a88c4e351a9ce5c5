import type { AppendLeadership, Entry, Message, NodeInfo, RoundNum, RoundRange } from '../contracts/index.ts';
import type { SnapshotImage } from './snapshot-image.ts';

/** One entry to append. `key` names the append in later inputs and effects. */
export interface AppendRequest {
  readonly key: number;
  readonly entry: Entry;
  readonly rounds: RoundRange | undefined;
  readonly leadership: AppendLeadership;
}

/** What the state names after `round` was applied. */
export interface StateReport {
  readonly round: RoundNum;
  readonly members: readonly NodeInfo[];
  readonly concurrency: number;
}

/** Everything that can happen to a replica. */
export type Input =
  | { readonly type: 'message'; readonly sender: NodeInfo; readonly message: Message }
  | { readonly type: 'append'; readonly requests: readonly AppendRequest[] }
  /** Tries once more an append whose attempt failed with effect `unknown`. */
  | { readonly type: 'retry'; readonly key: number }
  /** Nobody waits for this append any more. */
  | { readonly type: 'abandon'; readonly key: number }
  /** The records of this and of every earlier ticket are durable. */
  | { readonly type: 'persisted'; readonly ticket: number }
  /** All rounds up to `through` are applied; `reports` holds what the state named where that changed. */
  | { readonly type: 'applied'; readonly through: RoundNum; readonly reports: readonly StateReport[] }
  /** The state of a snapshot has been installed. */
  | { readonly type: 'installed'; readonly image: SnapshotImage; readonly report: StateReport }
  | { readonly type: 'ejected' }
  | { readonly type: 'forceActive' }
  | { readonly type: 'time' }
  | { readonly type: 'stop' };
