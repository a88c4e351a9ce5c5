import type {
  AnyLogEntry,
  Message,
  NodeId,
  NodeInfo,
  PaxakosEvent,
  RoundNum,
  RoundRange,
} from '@paxakos/core/contracts';
import type { DurableRecord, SnapshotImage } from '@paxakos/core/protocol';
import type { Harm } from './checkers/is-caused-by.ts';
import type { Life } from './life.ts';

/** Something that an application appends, and what came of it. */
export interface Operation {
  /** The id of its entry; another attempt after a proven failure is another operation with the same id. */
  readonly entry: AnyLogEntry;
  readonly node: NodeId;
  /** Its place among all operations. */
  readonly ordinal: number;
  /** Whether it is a read, whose entry is never appended. */
  readonly isRead?: boolean;
}

/** What came of an operation. */
export type Settled =
  /** Acknowledged as committed in a round. */
  | { readonly kind: 'committed'; readonly round: RoundNum }
  /** Committed before, and now applied. */
  | { readonly kind: 'applied'; readonly round: RoundNum; readonly outcome: unknown }
  /** Failed; `isFinal`: nobody appends the entry again. */
  | { readonly kind: 'failed'; readonly code: string; readonly effect: 'none' | 'unknown'; readonly isFinal: boolean }
  /** The node crashed meanwhile, or the outcome cannot be had. */
  | { readonly kind: 'unknown' };

/** Everything that is seen of a cluster from outside, in the order in which it happens. */
export type Observation =
  /** A node begins a life. */
  | { readonly type: 'started'; readonly life: Life; readonly as: string }
  /** It takes part. */
  | { readonly type: 'running'; readonly life: Life; readonly incarnation: string }
  | { readonly type: 'ended'; readonly life: Life; readonly how: 'crash' | 'stop' }
  /** What a node kept is gone, or damaged. */
  | { readonly type: 'forgot'; readonly node: NodeId }
  /** The disk of a node did, or has done, what may make its storage fail. */
  | { readonly type: 'harmed'; readonly life: Life; readonly by: Harm }
  /** A node could not start, or not stop, for this reason. */
  | { readonly type: 'refused'; readonly life: Life; readonly what: 'start' | 'stop'; readonly error: unknown }
  /** A message left a node. */
  | { readonly type: 'sent'; readonly life: Life; readonly to: readonly NodeInfo[]; readonly message: Message }
  /** Records are given to the storage, are durable, or were found when it was opened. */
  | {
      readonly type: 'written' | 'durable' | 'recovered';
      readonly life: Life;
      readonly records: readonly DurableRecord[];
    }
  /** A snapshot is given to the storage: from now on it stands for what was written before. */
  | { readonly type: 'saving'; readonly life: Life }
  /** A snapshot is durable, or was found when the storage was opened. */
  | { readonly type: 'saved' | 'restored'; readonly life: Life; readonly image: SnapshotImage }
  /** The storage is asked for what a peer lacks. */
  | { readonly type: 'served'; readonly life: Life; readonly rounds: RoundRange }
  /** The storage has given all that it holds. */
  | { readonly type: 'opened'; readonly life: Life }
  | { readonly type: 'event'; readonly life: Life; readonly event: PaxakosEvent }
  /** A state has applied an entry; `digest` is of the state afterwards. */
  | {
      readonly type: 'applied';
      readonly life: Life;
      readonly round: RoundNum;
      readonly entry: AnyLogEntry;
      readonly outcome: unknown;
      readonly digest: string;
    }
  /** A node takes up the state of a snapshot, or gives up its own. */
  | { readonly type: 'thawed'; readonly life: Life; readonly digest: string }
  | { readonly type: 'invoked'; readonly operation: Operation }
  /** An entry reaches the append below all decorations, which may have made it. */
  | { readonly type: 'offered'; readonly life: Life; readonly entry: AnyLogEntry }
  | { readonly type: 'settled'; readonly operation: Operation; readonly settled: Settled }
  /** Something was done to the cluster. */
  | { readonly type: 'fault'; readonly text: string }
  | { readonly type: 'healed' };

/** Watches a run, and complains where its property does not hold. */
export interface Checker {
  readonly name: string;
  /** How much it could not judge, by the end of the run. */
  readonly undecided?: number;
  see(observation: Observation): void;
  /** The run is over. */
  end?(): void;
}

/** Says that a property does not hold. */
export type Complain = (problem: string) => void;
