import type { CoordNum, Entry, Proposal, RoundNum } from '../contracts/index.ts';
import { compareCoordNums, greaterCoordNum, sameCoordNum } from './coord-num.ts';
import type { AcceptRecord, DurableRecord, PromiseRecord } from './durable-record.ts';
import { invariant } from './invariant.ts';
import { sameBytes } from './same-bytes.ts';

/** Some of what an acceptor has accepted, and how far that is all. */
export interface AcceptedSlice {
  readonly accepted: readonly Proposal[];
  readonly through: RoundNum;
}

/**
 * What this node promised and accepted (Paxos Made Simple, section 2.2). One promise holds for all rounds, so that a number
 * below it is refused everywhere.
 */
export class Acceptor {
  #promised: CoordNum | undefined;
  #greatest: CoordNum | undefined;
  readonly #accepted = new Map<RoundNum, Proposal>();

  get promised(): CoordNum | undefined {
    return this.#promised;
  }

  /** The greatest number observed anywhere. */
  get greatest(): CoordNum | undefined {
    return this.#greatest;
  }

  /** Accepted proposals in round order. */
  get accepted(): readonly Proposal[] {
    return [...this.#accepted.values()].sort((a, b) => a.round - b.round);
  }

  acceptedIn(round: RoundNum): Proposal | undefined {
    return this.#accepted.get(round);
  }

  observe(number: CoordNum): void {
    this.#greatest = greaterCoordNum(this.#greatest, number);
  }

  /** Whether a message under this number must be refused (rule P2). */
  refuses(number: CoordNum): boolean {
    return this.#promised !== undefined && compareCoordNums(number, this.#promised) < 0;
  }

  /** Promises a number; gives the record of it, or none where it was promised already. */
  promise(number: CoordNum): PromiseRecord | undefined {
    if (sameCoordNum(number, this.#promised)) return undefined;
    this.#raise(number);
    return { type: 'promise', number };
  }

  #raise(number: CoordNum): void {
    invariant(!this.refuses(number), 'P2: a promised number never decreases');
    this.#promised = number;
    this.observe(number);
  }

  /** Whether this number was used in the round for another entry: then the proposer is at fault (rule P4). */
  contradicts(round: RoundNum, number: CoordNum, entry: Entry): boolean {
    const held = this.#accepted.get(round);
    return held !== undefined && sameCoordNum(held.number, number) && !sameBytes(held.entry.bytes, entry.bytes);
  }

  holds(round: RoundNum, number: CoordNum): boolean {
    return sameCoordNum(this.#accepted.get(round)?.number, number);
  }

  /** Accepts a run; gives the record of it. */
  accept(number: CoordNum, from: RoundNum, entries: readonly Entry[]): AcceptRecord {
    this.#raise(number);
    for (let index = 0; index < entries.length; index += 1) {
      const round = from + index;
      this.#accepted.set(round, { round, number, entry: entries[index] as Entry });
    }
    return { type: 'accept', number, from, entries };
  }

  /** The accepted proposals from `from` on, as many as fit in `bytesMax`, at least one. */
  report(from: RoundNum, bytesMax: number): AcceptedSlice {
    const accepted: Proposal[] = [];
    let bytes = 0;
    for (const proposal of this.accepted) {
      if (proposal.round < from) continue;
      bytes += proposal.entry.bytes.length;
      if (accepted.length > 0 && bytes > bytesMax) return { accepted, through: proposal.round - 1 };
      accepted.push(proposal);
    }
    return { accepted, through: Number.MAX_SAFE_INTEGER };
  }

  /** Rounds up to this one are committed; what was accepted there is settled. */
  forgetThrough(after: RoundNum, through: RoundNum): void {
    if (through - after > this.#accepted.size) {
      for (const round of this.#accepted.keys()) if (round <= through) this.#accepted.delete(round);
      return;
    }
    for (let round = after + 1; round <= through; round += 1) this.#accepted.delete(round);
  }

  /** Takes back what a record of the log says. */
  replay(record: DurableRecord, committed: RoundNum): void {
    if (record.type === 'bid') this.observe(record.number);
    if (record.type === 'promise' && !this.refuses(record.number)) this.#raise(record.number);
    if (record.type !== 'accept') return;
    const { number, from, entries } = record;
    this.#raise(number);
    for (let index = Math.max(0, committed + 1 - from); index < entries.length; index += 1) {
      this.#accepted.set(from + index, { round: from + index, number, entry: entries[index] as Entry });
    }
  }

  /** Takes back what a snapshot of this node's own memory holds. */
  restore(promised: CoordNum | undefined, greatest: CoordNum | undefined, accepted: readonly Proposal[]): void {
    if (promised !== undefined) this.#raise(promised);
    if (greatest !== undefined) this.observe(greatest);
    for (const proposal of accepted) this.#accepted.set(proposal.round, proposal);
  }
}
