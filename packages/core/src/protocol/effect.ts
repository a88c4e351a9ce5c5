import type {
  Effect as AppendEffect,
  CoordNum,
  IncarnationId,
  Message,
  NodeId,
  NodeInfo,
  Participation,
  Proposal,
  RoundNum,
  RoundRange,
} from '../contracts/index.ts';
import type { DurableRecord } from './durable-record.ts';

/** What a voter had against an append; data is still encoded. */
export interface EncodedRefusal {
  readonly node: NodeId;
  readonly data: Uint8Array | string;
}

/** Why an attempt to append failed. */
export type AttemptFailure =
  | { readonly code: 'converged'; readonly effect: AppendEffect; readonly caughtUp: boolean }
  | { readonly code: 'lost'; readonly effect: AppendEffect; readonly leader: NodeId | undefined }
  | { readonly code: 'railroaded'; readonly effect: 'none'; readonly round: RoundNum }
  | {
      readonly code: 'noQuorum';
      readonly effect: AppendEffect;
      readonly abstentions: readonly EncodedRefusal[];
      readonly rejections: readonly EncodedRefusal[];
      readonly discards: readonly EncodedRefusal[];
      readonly unreachable: readonly EncodedRefusal[];
    }
  | { readonly code: 'unacceptable'; readonly effect: 'none'; readonly data: Uint8Array }
  | { readonly code: 'passive' | 'disoriented' | 'exiled' | 'aborted' | 'shutDown'; readonly effect: AppendEffect }
  | { readonly code: 'overloaded'; readonly effect: 'none' };

/** What came of an attempt. After `unknown` the append stays in doubt, and may still settle, until it is abandoned. */
export type Settlement =
  | { readonly type: 'committed'; readonly round: RoundNum }
  | { readonly type: 'failed'; readonly failure: AttemptFailure };

/** What a replica reports. */
export type ReplicaEvent =
  | { readonly type: 'commit'; readonly round: RoundNum; readonly number: CoordNum }
  | { readonly type: 'activate'; readonly participation: Participation }
  | { readonly type: 'gaps'; readonly gaps: readonly RoundRange[] }
  | {
      readonly type: 'directive';
      readonly kind: 'prepare' | 'accept' | 'commit';
      readonly leader: NodeId;
      readonly number: CoordNum;
      readonly rounds: RoundRange;
      readonly at: number;
    }
  | { readonly type: 'stranded'; readonly round: RoundNum; readonly retained: RoundNum }
  /** This node's own state contradicts the log. */
  | { readonly type: 'violation'; readonly peer: NodeId; readonly reason: string }
  /** A peer claims something that cannot be: its message is dropped (H80). */
  | { readonly type: 'distrust'; readonly peer: NodeId; readonly reason: string }
  | {
      readonly type: 'vote';
      readonly kind: 'promise' | 'abstention' | 'acceptance' | 'rejection';
      readonly voter: NodeId;
      readonly incarnation: IncarnationId;
      readonly number: CoordNum;
      readonly round: RoundNum;
      readonly data: Uint8Array;
      readonly requestedAt: number;
    };

/** What a driver must do, in the order given. */
export type Effect =
  /** Makes the records durable; only then carries out `then`, and feeds the ticket back as `persisted`. */
  | {
      readonly type: 'persist';
      readonly ticket: number;
      readonly records: readonly DurableRecord[];
      readonly then: readonly Effect[];
    }
  | { readonly type: 'send'; readonly to: readonly NodeInfo[]; readonly message: Message }
  /** Applies consecutive rounds, which follow those of the last `apply` effect. */
  | { readonly type: 'apply'; readonly proposals: readonly Proposal[] }
  /** Reads committed entries from the storage and sends them in an `entries` message. */
  | { readonly type: 'serve'; readonly to: NodeInfo; readonly rounds: RoundRange; readonly committed: RoundNum }
  | { readonly type: 'settle'; readonly key: number; readonly settlement: Settlement }
  | { readonly type: 'emit'; readonly event: ReplicaEvent }
  /** Feeds `time` at this moment or soon after, unless another `wakeAt` follows. */
  | { readonly type: 'wakeAt'; readonly at: number };
