import type {
  CoordNum,
  Entry,
  Founding,
  IncarnationId,
  Incarnations,
  NodeId,
  Proposal,
  RoundNum,
} from '../contracts/index.ts';

/** Whose the log is: its first record, and again where an operator makes the node take up its lost incarnation. */
export interface IdentityRecord {
  readonly type: 'identity';
  readonly cluster: string;
  readonly node: NodeId;
  readonly incarnation: IncarnationId;
}

/** This founder binds itself to these incarnations: it never founds the cluster with others (rule P10). */
export interface BindRecord {
  readonly type: 'bind';
  readonly incarnations: Incarnations;
}

/** The cluster has been founded, or this node was told how. */
export interface FoundingRecord {
  readonly type: 'founding';
  readonly founding: Founding;
}

/** This node is about to bid under a number, or has observed one: it never bids under it, or a lesser one, again (rule P4). */
export interface BidRecord {
  readonly type: 'bid';
  readonly number: CoordNum;
}

/** The acceptor promised a number, for every round. */
export interface PromiseRecord {
  readonly type: 'promise';
  readonly number: CoordNum;
}

/** The acceptor accepted a run, and so promised its number. */
export interface AcceptRecord {
  readonly type: 'accept';
  readonly number: CoordNum;
  readonly from: RoundNum;
  readonly entries: readonly Entry[];
}

/** The rounds are committed as accepted under `number`. */
export interface CommitRecord {
  readonly type: 'commit';
  readonly number: CoordNum;
  readonly from: RoundNum;
  readonly to: RoundNum;
}

/** Committed entries that had not been accepted here. */
export interface EntriesRecord {
  readonly type: 'entries';
  readonly entries: readonly Proposal[];
}

/** What a node must remember; replayed in order it gives the acceptor and the learner as they were. */
export type DurableRecord =
  | IdentityRecord
  | BindRecord
  | FoundingRecord
  | BidRecord
  | PromiseRecord
  | AcceptRecord
  | CommitRecord
  | EntriesRecord;
