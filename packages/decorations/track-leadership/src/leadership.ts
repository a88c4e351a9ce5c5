import type { CoordNum, NodeId, RoundNum } from '@paxakos/core/contracts';

/** A node leads a range of rounds under a number. */
export interface Leadership {
  readonly leader: NodeId;
  readonly number: CoordNum;
  readonly from: RoundNum;
  /** The last round, included; `undefined` where no end is known. */
  readonly to: RoundNum | undefined;
  /** When a directive of it was last seen, in milliseconds of the node's clock; `undefined` where others told of it. */
  readonly lastDirectiveAt: number | undefined;
}

/**
 * Who leads which rounds, as one view infers it. What it says is likely, not certain: another node may have taken over unseen.
 *
 * It is suspended, and says nothing, while the node is disoriented, lagging, failed or stopped, before it has started, and
 * where the decoration is off.
 */
export interface LeadershipView {
  readonly isSuspended: boolean;
  /** Oldest rounds first, without overlap; empty while suspended. A new array each time. */
  readonly ranges: readonly Leadership[];
  /** Who likely leads the next round; `undefined` where nobody is known to, and while suspended. */
  readonly leader: NodeId | undefined;
  /** Who leads this round; `undefined` where that is not known, and while suspended. */
  leaderOf(round: RoundNum): NodeId | undefined;
  /**
   * Calls `listener` after the leader, a range or `isSuspended` changed, though not for `lastDirectiveAt` alone. Gives a
   * function that stops it. What a listener throws becomes a `hookError`.
   */
  onChange(listener: (view: LeadershipView) => void): () => void;
}

/** What `node.trackLeadership` is. */
export interface TrackLeadership {
  /** Whoever owns the greatest number seen in a prepare, proposal or commit: sees a new leader first, and other candidates too. */
  readonly lax: LeadershipView;
  /** Whoever sent a proposal or commit: a majority has promised to follow it. */
  readonly strict: LeadershipView;
}
