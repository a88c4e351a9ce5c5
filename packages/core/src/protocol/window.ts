import type { Founding, IncarnationId, Incarnations, NodeId, NodeInfo, RoundNum } from '../contracts/index.ts';
import type { StateReport } from './input.ts';
import { invariant } from './invariant.ts';
import { majorityOf } from './majority-of.ts';
import type { Epoch } from './snapshot-image.ts';

/**
 * Which rounds may be proposed, and who governs each, derived from the applied log alone (rule P9; Reconfiguring a State
 * Machine, section 4.2).
 */
export class Window {
  #reach = 0;
  #applied: RoundNum = 0;
  #epochs: Epoch[] = [];
  #incarnations = new Map<NodeId, IncarnationId>();
  #members: readonly NodeInfo[] = [];
  #concurrency = 1;
  #changes = false;

  /** The last round that may be proposed; 0 before the founding. */
  get reach(): RoundNum {
    return this.#reach;
  }

  get applied(): RoundNum {
    return this.#applied;
  }

  /** The epochs that govern rounds above the last applied one. */
  get epochs(): readonly Epoch[] {
    return this.#epochs;
  }

  get incarnations(): Incarnations {
    return [...this.#incarnations];
  }

  incarnationOf(node: NodeId): IncarnationId | undefined {
    return this.#incarnations.get(node);
  }

  /** The members that the state names, whether they count already or not. */
  get members(): readonly NodeInfo[] {
    return this.#members;
  }

  /** Whether other members, or incarnations, would govern the rounds beyond the window than those at its end. */
  get changes(): boolean {
    return this.#changes;
  }

  /** The latest epoch: who governs once the window has been used up. */
  get latest(): Epoch | undefined {
    return this.#epochs.at(-1);
  }

  found(founding: Founding, concurrency: number): void {
    invariant(this.#applied === 0, 'a cluster is founded before anything is applied');
    this.#incarnations = new Map(founding.incarnations);
    this.#members = founding.members;
    this.#concurrency = concurrency;
    this.#epochs = [this.#epochFrom(1)];
    this.#reach = concurrency;
  }

  install(
    round: RoundNum,
    reach: RoundNum,
    epochs: readonly Epoch[],
    incarnations: Incarnations,
    report: StateReport,
  ): void {
    this.#applied = round;
    this.#reach = reach;
    this.#epochs = [...epochs];
    this.#incarnations = new Map(incarnations);
    this.#members = report.members;
    this.#concurrency = report.concurrency;
  }

  /** Who governs the round; `undefined` where the window does not reach, or the round lies too far back. */
  epochOf(round: RoundNum): Epoch | undefined {
    if (round > this.#reach) return undefined;
    const epochs = this.#epochs;
    for (let index = epochs.length - 1; index >= 0; index -= 1) {
      const epoch = epochs[index] as Epoch;
      if (epoch.from <= round) return epoch;
    }
    return undefined;
  }

  /**
   * The log names the incarnation of a node, in an entry that is applied next. It counts only in place of the one that it was
   * asked for: incarnations never recur, so that the late request of a former life changes nothing (rule P11).
   */
  rejoin(node: NodeId, incarnation: IncarnationId, replaces: IncarnationId | undefined): void {
    if (this.#incarnations.get(node) === replaces) this.#incarnations.set(node, incarnation);
  }

  /** Every round up to `round` is applied, and the state names what `report` says, if it says anything new. */
  advance(round: RoundNum, report: StateReport | undefined): void {
    invariant(round > this.#applied, 'P12: rounds are applied in order');
    if (report !== undefined) {
      this.#members = report.members;
      this.#concurrency = report.concurrency;
    }
    this.#applied = round;
    const reach = Math.min(Math.max(this.#reach, round + this.#concurrency), Number.MAX_SAFE_INTEGER);
    if (reach > this.#reach) {
      const next = this.#epochFrom(this.#reach + 1);
      const latest = this.latest;
      if (latest === undefined || !sameEpoch(latest, next)) this.#epochs.push(next);
      this.#reach = reach;
    }
    const { latest } = this;
    this.#changes = latest !== undefined && !sameEpoch(latest, this.#epochFrom(this.#reach + 1));
    while (this.#epochs.length > 1 && (this.#epochs[1] as Epoch).from <= round + 1) this.#epochs.shift();
  }

  /**
   * The members named now govern, as far as the log knows their incarnation: one that never started lowers no availability
   * (H32). A change waits until that is a majority of those named.
   */
  #epochFrom(from: RoundNum): Epoch {
    const met = this.#members.filter((member) => this.#incarnations.has(member.id));
    const latest = this.latest;
    const members = met.length >= majorityOf(this.#members.length) || latest === undefined ? met : latest.members;
    const incarnations = new Map(
      members.map((member) => [member.id, this.#incarnations.get(member.id) as IncarnationId]),
    );
    return { from, members, incarnations };
  }
}

function sameEpoch(a: Epoch, b: Epoch): boolean {
  if (a.members.length !== b.members.length) return false;
  return b.members.every((member, index) => {
    const other = a.members[index];
    return (
      other?.id === member.id &&
      other.address === member.address &&
      a.incarnations.get(member.id) === b.incarnations.get(member.id)
    );
  });
}
