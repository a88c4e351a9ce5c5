import type {
  CoordNum,
  Founding,
  Memories,
  MemoryId,
  NodeId,
  NodeInfo,
  Participation,
  Proposal,
  RoundNum,
} from '../contracts/index.ts';

/** Who governs the rounds from `from` on, up to the next epoch: the members whose votes count, each by one memory. */
export interface Epoch {
  readonly from: RoundNum;
  readonly members: readonly NodeInfo[];
  /** The memory id of each member. */
  readonly memories: ReadonlyMap<NodeId, MemoryId>;
}

/** What a snapshot holds, before it is encoded. */
export interface SnapshotImage {
  readonly cluster: string;
  /** Whose promises and accepted proposals these are. */
  readonly node: NodeId;
  readonly memory: MemoryId;
  readonly round: RoundNum;
  /** Whether the node stopped with it: it has promised nothing since. */
  readonly final: boolean;
  /** The frozen state, encoded by the application's codec. */
  readonly state: Uint8Array;
  readonly founding: Founding;
  /** Every memory id that the log has named so far, the last one of each node. */
  readonly memories: Memories;
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
