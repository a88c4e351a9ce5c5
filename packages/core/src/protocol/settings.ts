import type {
  Candidacy,
  CandidateVote,
  CoordNum,
  Entry,
  IncarnationId,
  NodeInfo,
  RoundNum,
} from '../contracts/index.ts';

/** A candidate vote with its data encoded. */
export type EncodedCandidateVote = { readonly vote: CandidateVote['vote']; readonly data: Uint8Array };

/** A vote on a proposal with its data encoded. */
export type EncodedProposalVote = { readonly vote: 'yea' | 'nay'; readonly data: Uint8Array };

/** The application's say in the votes, made safe by the driver: these never throw. */
export interface VoterHooks {
  contemplateCandidate(candidacy: Candidacy): EncodedCandidateVote;
  contemplateProposal(round: RoundNum, number: CoordNum, entry: Entry): EncodedProposalVote;
  observeCommit(round: RoundNum, number: CoordNum): void;
}

/** The log is to name `incarnation` for `node`, where it names `replaces` by then. */
export interface Rejoin {
  readonly node: NodeInfo;
  readonly incarnation: IncarnationId;
  readonly replaces: IncarnationId | undefined;
}

/** Makes and reads the entries of the protocol's own. */
export interface SystemEntries {
  readonly noop: Entry;
  rejoin(rejoin: Rejoin): Entry;
  rejoinOf(entry: Entry): Rejoin | undefined;
}

/** Bounds and delays of the protocol, all overridable for tests and slow networks. */
export interface Tuning {
  /** Milliseconds until something unanswered is sent again; doubles up to `retransmitMsMax`. Default: 150. */
  readonly retransmitMs: number;
  /** Milliseconds, at most, until something unanswered is sent again. Default: 2,000. */
  readonly retransmitMsMax: number;
  /** Milliseconds an attempt to append may take before it fails. Default: 2,000. */
  readonly attemptMs: number;
  /** Milliseconds of back-off after a lost election; doubles up to `backoffMsMax`, randomised. Default: 10. */
  readonly backoffMs: number;
  /** Milliseconds of back-off, at most. Default: 1,000. */
  readonly backoffMsMax: number;
  /** Milliseconds a write may take before leadership is given up (H47). Default: 5,000. */
  readonly persistMsMax: number;
  /** Bytes of one entry, at most; it must fit in one message. Default: 16 MiB. */
  readonly entryBytesMax: number;
  /** Bytes of entries that may wait for a round. Default: 64 MiB. */
  readonly queuedBytesMax: number;
  /** Bytes of entries that may be proposed and not yet committed. Default: 32 MiB. */
  readonly openBytesMax: number;
  /** Bytes of entries in one `promise`, `propose`, or `entries` message; one larger entry goes alone. Default: 1 MiB. */
  readonly messageEntryBytesMax: number;
  /** Bytes of committed entries kept at hand for peers. Default: 16 MiB. */
  readonly recentBytesMax: number;
  /** Rounds beyond the last commit known here that are proposed, and that an acceptor takes on. Default: 65,536. */
  readonly acceptAheadMax: number;
}

export const defaultTuning: Tuning = {
  retransmitMs: 150,
  retransmitMsMax: 2_000,
  attemptMs: 2_000,
  backoffMs: 10,
  backoffMsMax: 1_000,
  persistMsMax: 5_000,
  entryBytesMax: 16 * 1024 * 1024,
  queuedBytesMax: 64 * 1024 * 1024,
  openBytesMax: 32 * 1024 * 1024,
  messageEntryBytesMax: 1024 * 1024,
  recentBytesMax: 16 * 1024 * 1024,
  acceptAheadMax: 65_536,
};

/** How a node that remembers nothing comes to life. */
export type Origin =
  /** A founding member of a new cluster. */
  | 'founder'
  /** Lost its memory, or never had one: it asks for a place in the log. */
  | 'newcomer';

/** What a replica is made of. */
export interface ReplicaSettings {
  readonly cluster: string;
  readonly self: NodeInfo;
  readonly incarnation: IncarnationId;
  readonly origin: Origin;
  /** The initial state's members and window; also whom to ask before anything else is known. */
  readonly initial: { readonly members: readonly NodeInfo[]; readonly concurrency: number };
  readonly random: () => number;
  readonly voter: VoterHooks;
  readonly entries: SystemEntries;
  readonly tuning: Tuning;
  /** Whether to emit `vote` events. */
  readonly votesWanted: () => boolean;
}
