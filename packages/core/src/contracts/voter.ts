import type { AnyLogEntry } from './log-entry.ts';
import type { CoordNum, NodeId, RoundNum } from './numbers.ts';

/** A node asks for leadership from `round` on. */
export interface Candidacy {
  readonly round: RoundNum;
  readonly number: CoordNum;
  readonly candidate: NodeId;
  /** Who owns the greatest number seen so far, if anyone. */
  readonly leader: NodeId | undefined;
}

/** A leader proposes an entry. */
export interface ProposalSeen<E extends AnyLogEntry> {
  readonly round: RoundNum;
  readonly number: CoordNum;
  readonly leader: NodeId;
  /** Decodes the entry; `undefined` for an entry of the protocol's own. */
  entry(): E | undefined;
}

/** For a candidate, or not; `data` reaches it as an abstention of its `NoQuorumError`. */
export type CandidateVote = { readonly vote: 'yea' } | { readonly vote: 'abstain'; readonly data?: unknown };
/** For a proposal, or against it; `data` reaches the leader, a nay's as a rejection of its `NoQuorumError`. */
export type ProposalVote =
  | { readonly vote: 'yea'; readonly data?: unknown }
  | { readonly vote: 'nay'; readonly data?: unknown };

/**
 * The application's say in this node's votes. Each hook is synchronous; data is encoded by the node's codec.
 *
 * A hook that throws counts as against (`abstain`, `nay`) and is reported by a `hookError` event. A nay delays a proposal and
 * need not stop it: another majority may accept it, and it is proposed again until it is settled.
 */
export interface Voter<E extends AnyLogEntry> {
  /**
   * Asked before this node promises a candidate its votes, also where it is the candidate itself; to accept what is proposed
   * under a number is no such promise. Default: yea.
   */
  contemplateCandidate?(candidacy: Candidacy): CandidateVote;
  /**
   * Asked before this node accepts a proposal. A nay to a new entry of its own fails the append with `UnacceptableError`.
   * Default: yea.
   */
  contemplateProposal?(proposal: ProposalSeen<E>): ProposalVote;
  /** Told of each round that is known here to be committed, not always in order; not of those that a snapshot jumps over. */
  observeCommit?(round: RoundNum, number: CoordNum): void;
}
