import type { CoordNum, Entry, NodeId, Proposal, RoundNum } from '../contracts/index.ts';
import { compareCoordNums } from './coord-num.ts';
import type { EncodedRefusal } from './effect.ts';
import { PromiseLedger } from './promise-ledger.ts';

/** A round in which this node has proposed, and that is not yet known to be committed. */
export interface OpenRound {
  readonly round: RoundNum;
  readonly entry: Entry;
  /** The members whose acceptance counts, each once (rule P6). */
  readonly votes: NodeId[];
  readonly openedAt: number;
  sentAt: number;
  resendMs: number;
  rejections: EncodedRefusal[] | undefined;
}

/** What has been asked of a voter. */
export interface Asked {
  readonly node: NodeId;
  from: RoundNum;
  sentAt: number;
  resendMs: number;
}

/** This node's own promise to itself, on its way to the disk. */
export interface OwnPromise {
  readonly ticket: number;
  readonly from: RoundNum;
}

/** A bid for leadership under one number, and what has come of it. */
export class Mandate {
  readonly number: CoordNum;
  /** The first round it was asked for. */
  readonly from: RoundNum;
  readonly startedAt: number;
  /** The write of the number: nothing leaves under it before that is durable. */
  readonly bidTicket: number;
  readonly ledger: PromiseLedger = new PromiseLedger();
  /** What was asked of whom, by the epoch that it was asked for. */
  readonly asked: Map<string, Asked> = new Map();
  readonly abstentions: EncodedRefusal[] = [];
  readonly open: Map<RoundNum, OpenRound> = new Map();
  openBytes = 0;
  /** Whether it has held for a round: from then on this node leads. */
  established = false;
  /** The next round to propose in. */
  next: RoundNum;
  /** It holds for every round from the first one not committed up to this one. */
  horizon: RoundNum;
  /** Own acceptances on their way to the disk. */
  readonly ownAcceptances: { readonly ticket: number; readonly from: RoundNum; readonly to: RoundNum }[] = [];
  ownPromise: OwnPromise | undefined;
  /** Who owned the greatest number seen before this one. */
  leaderBefore: NodeId | undefined;
  /** Whether this node has promised itself. */
  ownPromised = false;
  /** Before when this node's own voter is not asked again, once it has abstained. */
  ownAskAt: number = Number.NEGATIVE_INFINITY;
  /** When a vote last came from another node. */
  heardAt: number;
  /** When the horizon last moved. */
  movedAt: number;
  readonly #reports = new Map<RoundNum, Proposal>();
  #reportedThrough = 0;

  constructor(number: CoordNum, from: RoundNum, now: number, bidTicket: number) {
    this.bidTicket = bidTicket;
    this.number = number;
    this.from = from;
    this.startedAt = now;
    this.heardAt = now;
    this.movedAt = now;
    this.next = from;
    this.horizon = from - 1;
  }

  /** Rounds up to here are filled at once when the mandate is new. */
  fillThrough: RoundNum | undefined;

  /** Whatever leaders before may have placed in the rounds it holds for lies in rounds up to this one. */
  get inheritedThrough(): RoundNum {
    return Math.max(this.#reportedThrough, this.fillThrough ?? Number.MAX_SAFE_INTEGER);
  }

  /** The greatest round that any promise reported an accepted proposal for. */
  get reportedThrough(): RoundNum {
    return this.#reportedThrough;
  }

  /** Keeps the highest-numbered proposal of each round (Paxos Made Simple, section 2.2, P2c). */
  report(proposals: readonly Proposal[]): void {
    for (const proposal of proposals) {
      const known = this.#reports.get(proposal.round);
      if (known !== undefined && compareCoordNums(known.number, proposal.number) >= 0) continue;
      this.#reports.set(proposal.round, proposal);
      this.#reportedThrough = Math.max(this.#reportedThrough, proposal.round);
    }
  }

  /** Takes the entry that must be proposed in a round, if any was reported. */
  takeReport(round: RoundNum): Entry | undefined {
    const report = this.#reports.get(round);
    if (report !== undefined) this.#reports.delete(round);
    return report?.entry;
  }

  addOpen(open: OpenRound): void {
    this.open.set(open.round, open);
    this.openBytes += open.entry.bytes.length;
  }

  removeOpen(round: RoundNum): OpenRound | undefined {
    const open = this.open.get(round);
    if (open === undefined) return undefined;
    this.open.delete(round);
    this.openBytes -= open.entry.bytes.length;
    return open;
  }
}
