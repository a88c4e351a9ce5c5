import {
  type AnyLogEntry,
  type Candidacy,
  type CandidateVote,
  type Decoration,
  type DecorationHost,
  defineDecoration,
  type NodeId,
  type ProposalSeen,
  type ProposalVote,
  type ReadFunction,
  type RoundNum,
  type Voter,
} from '@paxakos/core/contracts';
import { checkCodec, type GrantingData } from './grant.ts';
import { LeaseError } from './lease-error.ts';
import { LeaseReader } from './lease-reader.ts';
import { Lessee } from './lessee.ts';
import { Lessor, msUntil } from './lessor.ts';
import {
  type CheckedMasterLeases,
  checkedLease,
  checkedMasterLeases,
  type MasterLeasesOptions,
} from './master-leases-options.ts';
import { later, never, Timekeeper } from './timekeeper.ts';

/** What master leases add to a node. */
export interface MasterLeases {
  /** For how many milliseconds the node may still read with `'lease'`: 0 where it may not. */
  readonly strictForMs: number;
  /** For how many milliseconds the node may still read with `'laxLease'`: 0 where it may not. */
  readonly laxForMs: number;
  /**
   * Renews the leases by a no-op, without gaining leadership. Resolves when that is applied here, and rejects with the `AppendError`
   * of the no-op: `PAXAKOS_LOST` where this node does not lead.
   */
  renew(): Promise<void>;
}

/**
 * Lets the leader read from memory, without a message, and never stale: members that accept its proposals promise to help nobody
 * else to lead for a time (Gray, Cheriton, *Leases*, 1989; *Paxos Made Live*, section 5.2). Throws `InvalidError` where an option
 * is not what it must be.
 */
export function masterLeases<S = unknown>(
  options: MasterLeasesOptions<S> = {},
): Decoration<'masterLeases', MasterLeases> {
  const checked = checkedMasterLeases(options);
  return defineDecoration()({
    name: 'masterLeases',
    inert: { strictForMs: 0, laxForMs: 0 },
    install: (host) => install(host, checked),
  });
}

/** How much longer a lease is here than what this node counts on, at most: once for both clocks, once to be able to tell. */
function ratioOf(driftMax: number): number {
  return ((1 + driftMax) / (1 - driftMax)) ** 2;
}

function install(host: DecorationHost, options: CheckedMasterLeases): MasterLeases {
  const { node, clock, random } = host;
  const { leaseMsMax, driftMax, measuresDrift: measures, fallback } = options;
  checkCodec(host.codec);
  const ratioMax = ratioOf(driftMax);
  const check = (value: unknown): number => checkedLease(value, leaseMsMax);
  const leaseMs = host.setting('leaseMs', options.leaseMs, Math.min(1_000, leaseMsMax), check);
  const wallClock = options.wallClock ?? (clock.wallNow && (() => clock.wallNow?.() ?? Number.NaN));
  const time = new Timekeeper(clock, wallClock, leaseMsMax, ratioMax);
  const lessor = new Lessor(time, random(), leaseMs);
  const lessee = new Lessee({ self: node, time, ratioMax, measures });
  const reader = new LeaseReader(host, lessee);
  host.onVote((vote) => lessee.onVote(vote));
  host.aroundVoter((next) => leasingVoter(host, next, { time, lessor, leaseMsMax, formerMs: leaseMsMax * ratioMax }));
  host.aroundRead((next) => leasingRead(node, next, reader, fallback));
  return {
    get strictForMs() {
      return reader.remainingMs(false);
    },
    get laxForMs() {
      return reader.remainingMs(true);
    },
    async renew() {
      const commit = await host.appendNoop({ leadership: 'require' });
      await commit.applied();
    },
  };
}

interface VoterParts {
  readonly time: Timekeeper;
  readonly lessor: Lessor;
  readonly leaseMsMax: number;
  /** For how long, from now on, a promise of a former life may bind. */
  readonly formerMs: number;
}

function leasingVoter(
  { node, mandate }: DecorationHost,
  next: Required<Voter<AnyLogEntry>>,
  { time, lessor, leaseMsMax, formerMs }: VoterParts,
): Voter<AnyLogEntry> {
  const { incarnation } = node;
  const formerUntil = later(time.now(), formerMs);
  // A memory that knows of no number has promised nothing, and what a lost one has promised binds nobody else (rule P10).
  const isNew = node.leader === undefined;
  /** What a former life of this node may have promised (H25). */
  const former = (): number => (isNew && node.incarnation === incarnation ? 0 : msUntil(formerUntil, time.now()));
  /** A leader keeps to itself, too, while others may be about to keep to it: else a duel costs them all a lease. */
  let ownUntil = never;
  return {
    contemplateCandidate(candidacy: Candidacy): CandidateVote {
      const { number, candidate } = candidacy;
      const formerForMs = former();
      if (formerForMs > 0) return abstention(undefined, formerForMs);
      const bond = lessor.bond(number);
      if (bond !== undefined) return abstention(bond.holder, bond.forMs);
      const ownForMs = candidate === node.id || mandate() === undefined ? 0 : msUntil(ownUntil, time.now());
      if (ownForMs > 0) return abstention(node.id, ownForMs);
      return next.contemplateCandidate(candidacy);
    },
    contemplateProposal(proposal: ProposalSeen<AnyLogEntry>): ProposalVote {
      const vote = next.contemplateProposal(proposal);
      if (vote.vote === 'nay') return vote;
      if (proposal.leader === node.id) {
        // It is just about to leave.
        time.keep();
        ownUntil = later(time.now(), leaseMsMax);
        return vote;
      }
      const masterLease = lessor.grant(proposal.number);
      if (masterLease === undefined && vote.data === undefined) return vote;
      const data: GrantingData = {
        ...(masterLease && { masterLease }),
        ...(vote.data !== undefined && { data: vote.data }),
      };
      return { vote: 'yea', data };
    },
  };
}

function abstention(holder: NodeId | undefined, forMs: number): CandidateVote {
  return { vote: 'abstain', data: { masterLease: holder === undefined ? { forMs } : { holder, forMs } } };
}

function leasingRead(
  node: DecorationHost['node'],
  next: ReadFunction,
  reader: LeaseReader,
  fallback: CheckedMasterLeases['fallback'],
): ReadFunction {
  return async <Result>(fn: (state: unknown, round: RoundNum) => Result, options: Parameters<ReadFunction>[1]) => {
    const consistency = options?.consistency;
    if (consistency !== 'lease' && consistency !== 'laxLease') return next(fn, options) as Promise<Result>;
    try {
      return await reader.read(next, fn, options, consistency === 'laxLease');
    } catch (error) {
      // It is the read below that says so.
      if (node.status === 'stopped') return next(fn, { ...options, consistency: 'stale' });
      if (!(error instanceof LeaseError) || fallback === 'refuse') throw error;
      return next(fn, { ...options, consistency: 'linearizable' });
    }
  };
}
