import type { IncarnationId, NodeId, RoundNum } from '../contracts/index.ts';
import { majorityOf } from './majority-of.ts';
import type { Epoch } from './snapshot-image.ts';

interface Coverage {
  readonly node: NodeId;
  readonly incarnation: IncarnationId;
  readonly from: RoundNum;
  readonly through: RoundNum;
}

/** Which rounds each voter's promises of one number cover, with all that it had accepted there reported. */
export class PromiseLedger {
  /** Of one voter these do not touch one another. */
  #coverages: Coverage[] = [];

  /** Notes a promise. */
  add(node: NodeId, incarnation: IncarnationId, from: RoundNum, through: RoundNum): void {
    const others: Coverage[] = [];
    let first = from;
    let last = through;
    for (const coverage of this.#coverages) {
      const isOwn = coverage.node === node && coverage.incarnation === incarnation;
      if (isOwn && coverage.from <= through + 1 && coverage.through >= from - 1) {
        first = Math.min(first, coverage.from);
        last = Math.max(last, coverage.through);
      } else {
        others.push(coverage);
      }
    }
    this.#coverages = [...others, { node, incarnation, from: first, through: last }];
  }

  /** Whether a majority of this very epoch promised for the round (rule P5). */
  holds(epoch: Epoch, round: RoundNum): boolean {
    return this.votes(epoch, round) >= majorityOf(epoch.members.length);
  }

  votes(epoch: Epoch, round: RoundNum): number {
    let votes = 0;
    for (const { node, incarnation, from, through } of this.#coverages) {
      if (from <= round && round <= through && epoch.incarnations.get(node) === incarnation) votes += 1;
    }
    return votes;
  }

  /** The last round of `epoch`, from `round` on and up to `to`, that a majority covers without a break. */
  heldThrough(epoch: Epoch, round: RoundNum, to: RoundNum): RoundNum {
    let held = round - 1;
    while (held < to && this.holds(epoch, held + 1)) {
      let next = to;
      for (const { from, through } of this.#coverages) {
        if (from > held + 1) next = Math.min(next, from - 1);
        if (through >= held + 1) next = Math.min(next, through);
      }
      held = next;
    }
    return held;
  }

  /** The first round from `round` on that this voter has not covered. */
  firstUncovered(node: NodeId, incarnation: IncarnationId, round: RoundNum): RoundNum {
    for (const coverage of this.#coverages) {
      if (
        coverage.node === node &&
        coverage.incarnation === incarnation &&
        coverage.from <= round &&
        round <= coverage.through
      ) {
        return coverage.through + 1;
      }
    }
    return round;
  }
}
