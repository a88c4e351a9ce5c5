import type {
  CoordNum,
  Founding,
  IncarnationId,
  Incarnations,
  NodeId,
  NodeInfo,
  Participation,
  Proposal,
  RoundNum,
} from '../contracts/index.ts';

/** Who governs the rounds from `from` on, up to the next epoch: the members whose votes count, each under one incarnation. */
export interface Epoch {
  readonly from: RoundNum;
  readonly members: readonly NodeInfo[];
  /** The incarnation of each member. */
  readonly incarnations: ReadonlyMap<NodeId, IncarnationId>;
}

/** What a snapshot holds, before it is encoded. */
export interface SnapshotImage {
  readonly cluster: string;
  /** Whose promises and accepted proposals these are. */
  readonly node: NodeId;
  readonly incarnation: IncarnationId;
  readonly round: RoundNum;
  /** Whether the node stopped with it: it has promised nothing since. */
  readonly final: boolean;
  /** The frozen state, encoded by the application's codec. */
  readonly state: Uint8Array;
  readonly founding: Founding;
  /** Every incarnation that the log has named so far, the last one of each node. */
  readonly incarnations: Incarnations;
  /** How far the window reaches. */
  readonly reach: RoundNum;
  /** The epochs that govern rounds above `round`, in order. */
  readonly epochs: readonly Epoch[];
  readonly participation: Participation;
  readonly promised: CoordNum | undefined;
  /** The greatest number observed. */
  readonly greatest: CoordNum | undefined;
  /** Accepted proposals above `round`, in round order. */
  readonly accepted: readonly Proposal[];
}
