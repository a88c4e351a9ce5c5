import type { CoordNum, Entry, Proposal, RoundNum, RoundRange } from '../contracts/index.ts';
import { invariant } from './invariant.ts';
import type { Outbox } from './outbox.ts';
import { sameBytes } from './same-bytes.ts';

/** What a kept proposal weighs beside its entry's bytes. */
const proposalBytes = 64;

/** Knows which entries are committed, and hands them on to be applied: once a round, in order, with no gap (rule P12). */
export class Learner {
  /** Every round up to this one is known as committed. Never decreases. */
  committed: RoundNum = 0;
  /** Rounds committed beyond a gap. */
  readonly #ahead = new Map<RoundNum, Proposal>();
  /** Committed entries at hand, for peers and to be applied. */
  readonly #recent = new Map<RoundNum, Proposal>();
  #recentBytes = 0;
  /** The next round to be applied; `undefined` where there is no state to apply to. */
  #next: RoundNum | undefined = 1;
  /** Whether the gaps may be others than when they were last reported. */
  #gapsMoved = false;
  #gapsSeen = '';
  readonly #recentBytesMax: number;

  constructor(recentBytesMax: number) {
    this.#recentBytesMax = recentBytesMax;
  }

  get disoriented(): boolean {
    return this.#next === undefined;
  }

  /** The first round whose entry is needed and not at hand. */
  get missing(): RoundNum {
    return this.#next !== undefined && this.#next <= this.committed ? this.#next : this.committed + 1;
  }

  /** Whether a committed round lies beyond one that is not known. */
  get hasGap(): boolean {
    return this.#ahead.size > 0;
  }

  /** The first round from which on every committed entry is at hand. */
  get atHandFrom(): RoundNum {
    let from = this.committed + 1;
    for (const round of this.#recent.keys()) {
      if (round < from) from = round;
      break;
    }
    return from;
  }

  /** The greatest round known as committed, gaps or not. */
  get greatest(): RoundNum {
    let greatest = this.committed;
    for (const round of this.#ahead.keys()) if (round > greatest) greatest = round;
    return greatest;
  }

  knows(round: RoundNum): boolean {
    return round <= this.committed || this.#ahead.has(round);
  }

  /** The committed entry of a round, where it is at hand. */
  recall(round: RoundNum): Proposal | undefined {
    return this.#recent.get(round) ?? this.#ahead.get(round);
  }

  /** Returns whether another entry is known as committed in this round. */
  contradicts(round: RoundNum, entry: Entry): boolean {
    const known = this.recall(round);
    return known !== undefined && !sameBytes(known.entry.bytes, entry.bytes);
  }

  /** Notes a committed entry. Gives whether it was news that the round is committed. */
  learn(round: RoundNum, number: CoordNum, entry: Entry): boolean {
    const known = this.recall(round);
    if (known !== undefined) {
      invariant(!this.contradicts(round, entry), 'stability: a learned entry never changes');
      return false;
    }
    if (round <= this.committed) {
      if (this.#next !== undefined && round >= this.#next) this.#keep({ round, number, entry });
      return false;
    }
    this.#ahead.set(round, { round, number, entry });
    this.#gapsMoved = true;
    this.#advance();
    return true;
  }

  #advance(): void {
    for (;;) {
      const next = this.#ahead.get(this.committed + 1);
      if (next === undefined) return;
      this.#ahead.delete(next.round);
      this.committed = next.round;
      this.#keep(next);
    }
  }

  #keep(proposal: Proposal): void {
    this.#recent.set(proposal.round, proposal);
    this.#recentBytes += proposal.entry.bytes.length + proposalBytes;
  }

  /** Drops the oldest entries at hand, but none that is still to be applied. */
  #prune(applied: RoundNum): void {
    for (const [round, proposal] of this.#recent) {
      if (this.#recentBytes <= this.#recentBytesMax) return;
      if (this.#next !== undefined && (round >= this.#next || round > applied)) return;
      this.#recent.delete(round);
      this.#recentBytes -= proposal.entry.bytes.length + proposalBytes;
    }
  }

  /** A state is there that stands after `round`: what comes next is to be applied to it. */
  orient(round: RoundNum): void {
    this.#next = round + 1;
    if (round <= this.committed) return;
    this.committed = round;
    this.#recent.clear();
    this.#recentBytes = 0;
    for (const ahead of this.#ahead.keys()) if (ahead <= round) this.#ahead.delete(ahead);
    this.#gapsMoved = true;
    this.#advance();
  }

  /** There is no state to apply to. */
  disorient(): void {
    this.#next = undefined;
  }

  /** Hands on, and gives, what can be applied. */
  flush(outbox: Outbox, applied: RoundNum): readonly Proposal[] {
    const proposals: Proposal[] = [];
    if (this.#next !== undefined && this.#next <= this.committed) {
      for (let next = this.#recent.get(this.#next); next !== undefined && next.round <= this.committed; ) {
        proposals.push(next);
        next = this.#recent.get(next.round + 1);
      }
      this.#next += proposals.length;
      if (proposals.length > 0) outbox.apply(proposals);
    }
    if (this.#recentBytes > this.#recentBytesMax) this.#prune(applied);
    return proposals;
  }

  /** The rounds not known to be committed below ones that are. */
  gaps(): RoundRange[] {
    const gaps: RoundRange[] = [];
    if (this.#ahead.size === 0) return gaps;
    let from = this.committed + 1;
    for (const round of [...this.#ahead.keys()].sort((a, b) => a - b)) {
      if (round > from) gaps.push({ from, to: round - 1 });
      from = round + 1;
    }
    return gaps;
  }

  /** Says where the gaps are, when that has changed. */
  reportGaps(outbox: Outbox): void {
    if (!this.#gapsMoved) return;
    this.#gapsMoved = false;
    const gaps = this.gaps();
    const seen = gaps.map(({ from, to }) => `${from}-${to}`).join(' ');
    if (seen === this.#gapsSeen) return;
    this.#gapsSeen = seen;
    outbox.emit({ type: 'gaps', gaps });
  }

  /** Committed entries at hand from `from` on, up to `to`, without a gap, and no more than `bytesMax` but for the first. */
  slice(from: RoundNum, to: RoundNum, bytesMax: number): Proposal[] {
    const slice: Proposal[] = [];
    let bytes = 0;
    for (let round = from; round <= to; round += 1) {
      const proposal = this.recall(round);
      if (proposal === undefined) break;
      bytes += proposal.entry.bytes.length + proposalBytes;
      if (slice.length > 0 && bytes > bytesMax) break;
      slice.push(proposal);
    }
    return slice;
  }
}
