import type { NodeInfo } from './node-info.ts';
import type { CoordNum, IncarnationId, NodeId, RoundNum } from './numbers.ts';

/** What an entry is: the application's, or one of the protocol's own, which is never given to the state. */
export type EntryKind = 'application' | 'noop' | 'rejoin';

/** An entry as it travels and rests: bytes made once by the appender, never decoded on the way. */
export interface Entry {
  readonly kind: EntryKind;
  /** The entry's id in UTF-8; a part of `bytes`. */
  readonly id: Uint8Array;
  /** Version, kind, id and payload. */
  readonly bytes: Uint8Array;
}

/** A proposal: an entry with the round and the number it was, or is to be, accepted under. */
export interface Proposal {
  readonly round: RoundNum;
  readonly number: CoordNum;
  readonly entry: Entry;
}

/** The incarnation of each node that the log, or the founding, has named. */
export type Incarnations = readonly (readonly [NodeId, IncarnationId])[];

/** The members as of a founding, each with its incarnation. */
export interface Founding {
  readonly members: readonly NodeInfo[];
  readonly incarnations: Incarnations;
}

/** Phase 1a: a bid for leadership of all rounds from `from` on. */
export interface PrepareMessage {
  readonly type: 'prepare';
  readonly number: CoordNum;
  readonly from: RoundNum;
}

/**
 * Phase 1b. It binds from `from` on. `accepted` holds every proposal that the voter has accepted in `from` to `through`;
 * `through` is `Number.MAX_SAFE_INTEGER` where that is all there is.
 */
export interface PromiseMessage {
  readonly type: 'promise';
  readonly number: CoordNum;
  readonly incarnation: IncarnationId;
  readonly from: RoundNum;
  readonly through: RoundNum;
  readonly accepted: readonly Proposal[];
  /** The round up to which the voter knows every entry as committed. */
  readonly committed: RoundNum;
}

/** The voter saw a greater number. */
export interface SupplantedMessage {
  readonly type: 'supplanted';
  /** The number that was refused. */
  readonly refused: CoordNum;
  readonly greatest: CoordNum;
}

/** The round has converged already; the entries follow in an `entries` message where they are retained. */
export interface ConvergedMessage {
  readonly type: 'converged';
  readonly refused: CoordNum;
  readonly greatest: CoordNum;
  readonly round: RoundNum;
  readonly committed: RoundNum;
}

/** The voter's application keeps out of the election. */
export interface AbstentionMessage {
  readonly type: 'abstention';
  readonly number: CoordNum;
  readonly incarnation: IncarnationId;
  readonly data: Uint8Array;
}

/** Phase 2a: a run of entries, the first in round `from`. */
export interface ProposeMessage {
  readonly type: 'propose';
  readonly number: CoordNum;
  readonly from: RoundNum;
  readonly entries: readonly Entry[];
}

/** Phase 2b: accepted and, with durable storage, durable. */
export interface AcceptanceMessage {
  readonly type: 'acceptance';
  readonly number: CoordNum;
  readonly incarnation: IncarnationId;
  readonly from: RoundNum;
  readonly to: RoundNum;
  readonly committed: RoundNum;
  /** The data of the application's voter, by position in the run; empty where it gave none. */
  readonly data: readonly Uint8Array[];
}

/** The voter's application is against the entry in `round`. */
export interface RejectionMessage {
  readonly type: 'rejection';
  readonly number: CoordNum;
  readonly incarnation: IncarnationId;
  readonly round: RoundNum;
  readonly data: Uint8Array;
}

/** A run of rounds has converged, the first in `from`, to entries that the receiver is thought to have accepted under `number`. */
export interface CommitMessage {
  readonly type: 'commit';
  readonly number: CoordNum;
  readonly from: RoundNum;
  readonly ids: readonly Uint8Array[];
}

/** Committed entries in full. */
export interface EntriesMessage {
  readonly type: 'entries';
  readonly entries: readonly Proposal[];
  /** How far the sender knows every entry as committed. */
  readonly committed: RoundNum;
}

/** Asks for committed entries; answered by `entries` or `progress`. */
export interface FetchMessage {
  readonly type: 'fetch';
  readonly from: RoundNum;
  readonly to: RoundNum;
}

/** The greatest number under which the sender has seen this incarnation vote. */
export interface SeenVote {
  readonly incarnation: IncarnationId;
  readonly number: CoordNum;
}

/**
 * How far the sender is. `retained` is the first round it can still serve; `reply` asks the receiver for its own. `seen`: what the
 * receiver itself once voted, which it must not have forgotten (H9).
 */
export interface ProgressMessage {
  readonly type: 'progress';
  readonly committed: RoundNum;
  readonly retained: RoundNum;
  readonly reply: boolean;
  readonly seen?: SeenVote;
}

/** Asks whether `round` has converged; answered by `converged` or `progress`. */
export interface InquireMessage {
  readonly type: 'inquire';
  readonly number: CoordNum;
  readonly round: RoundNum;
}

/**
 * A founder says whom it has met so far. `bound`: it binds itself to these incarnations, one of each founder, for as long as its
 * memory lasts.
 */
export interface MeetMessage {
  readonly type: 'meet';
  readonly incarnation: IncarnationId;
  readonly incarnations: Incarnations;
  readonly bound: boolean;
}

/** The cluster runs already, and this is what it was founded as. `incarnation` is what the log names for the receiver by now. */
export interface FoundedMessage {
  readonly type: 'founded';
  readonly founding: Founding;
  readonly incarnation: IncarnationId | undefined;
  readonly committed: RoundNum;
}

/**
 * A node that lost its memory, or never voted, asks to have its new incarnation logged, in place of the one that the log names
 * for it: so a request of a former life, arriving late, has no effect. `attempt` counts from 1.
 */
export interface RejoinMessage {
  readonly type: 'rejoin';
  readonly node: NodeInfo;
  readonly incarnation: IncarnationId;
  readonly replaces: IncarnationId | undefined;
  readonly attempt: number;
}

/** Bytes between the same decoration on different nodes. */
export interface ChannelMessage {
  readonly type: 'channel';
  readonly channel: string;
  readonly bytes: Uint8Array;
}

/** Everything that nodes say to one another. */
export type Message =
  | PrepareMessage
  | PromiseMessage
  | SupplantedMessage
  | ConvergedMessage
  | AbstentionMessage
  | ProposeMessage
  | AcceptanceMessage
  | RejectionMessage
  | CommitMessage
  | EntriesMessage
  | FetchMessage
  | ProgressMessage
  | InquireMessage
  | MeetMessage
  | FoundedMessage
  | RejoinMessage
  | ChannelMessage;
