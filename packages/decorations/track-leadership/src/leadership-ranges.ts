import type { CoordNum, GoverningCluster, NodeId, RoundNum } from '@paxakos/core/contracts';
import type { Leadership } from './leadership.ts';

interface Range {
  readonly number: CoordNum;
  from: RoundNum;
  /** The greatest round it was seen to lead; less than `from` where it was seen in none. */
  through: RoundNum;
  /** Whether it leads no round beyond `through`. */
  isOver: boolean;
  at: number | undefined;
}

/**
 * The rounds that each number leads: from the first that it was seen for, up to where a greater one begins. So both the rounds
 * and the numbers of the ranges ascend.
 */
export class LeadershipRanges {
  readonly #rangesMax: number;
  #ranges: Range[] = [];

  constructor(rangesMax: number) {
    this.#rangesMax = rangesMax;
  }

  /** Where the last range begins; 0 where there is none. */
  get lastFrom(): RoundNum {
    return this.#ranges.at(-1)?.from ?? 0;
  }

  /** A number leads from `from` on, and was seen to lead through `through`. Gives whether that changed whose rounds they are. */
  note(number: CoordNum, from: RoundNum, through: RoundNum, at: number | undefined): boolean {
    const known = this.#find(number);
    if (known === undefined) return this.#insert({ number, from, through, isOver: false, at });
    if (at !== undefined) known.at = at;
    const isLonger = known.isOver && through > known.through;
    known.through = Math.max(known.through, through);
    if (from >= known.from) return isLonger;
    known.from = from;
    this.#cut(this.#ranges.indexOf(known));
    return true;
  }

  /** The number leads no round beyond `through`, unless it is seen to. */
  end(number: CoordNum, through: RoundNum): boolean {
    const known = this.#find(number);
    if (known === undefined || known.isOver) return false;
    known.isOver = true;
    known.through = Math.max(known.through, through);
    return true;
  }

  /** Nothing is known any more of rounds up to this one, nor of who leads those beyond it, but for what was seen. */
  forgetThrough(round: RoundNum): void {
    this.#ranges = this.#ranges.filter((range) => range.through > round);
    for (const range of this.#ranges) range.from = Math.max(range.from, round + 1);
  }

  /** Forgets who only asked to lead, and may not any more: nobody else's rounds are theirs. Gives whether there was anybody. */
  forgetVoid(clusters: readonly GoverningCluster[]): boolean {
    const before = this.#ranges.length;
    this.#ranges = this.#ranges.filter((range) => !isVoid(range, clusters));
    return this.#ranges.length < before;
  }

  /** The ranges, where these clusters govern the open rounds. */
  list(clusters: readonly GoverningCluster[]): Leadership[] {
    const list: Leadership[] = [];
    for (let index = 0; index < this.#ranges.length; index += 1) {
      const range = this.#ranges[index] as Range;
      const { number, from, at } = range;
      const to = this.#endOf(index, clusters);
      if (to >= from)
        list.push({
          leader: number.node,
          number,
          from,
          to: to === Number.POSITIVE_INFINITY ? undefined : to,
          lastDirectiveAt: at,
        });
    }
    return list;
  }

  leaderOf(round: RoundNum, clusters: readonly GoverningCluster[]): NodeId | undefined {
    for (let index = this.#ranges.length - 1; index >= 0; index -= 1) {
      const range = this.#ranges[index] as Range;
      if (range.from > round) continue;
      return round <= this.#endOf(index, clusters) ? range.number.node : undefined;
    }
    return undefined;
  }

  /** Where the last range ends; infinite where no end is known, 0 where there is no range. */
  lastEnd(clusters: readonly GoverningCluster[]): RoundNum {
    return this.#ranges.length === 0 ? 0 : this.#endOf(this.#ranges.length - 1, clusters);
  }

  #endOf(index: number, clusters: readonly GoverningCluster[]): RoundNum {
    const { through, isOver, number } = this.#ranges[index] as Range;
    const limit = isOver ? through : Math.max(through, reachOf(number.node, clusters));
    const next = this.#ranges[index + 1];
    return next === undefined ? limit : Math.min(limit, next.from - 1);
  }

  #find(number: CoordNum): Range | undefined {
    for (let index = this.#ranges.length - 1; index >= 0; index -= 1) {
      const range = this.#ranges[index] as Range;
      if (compareNumbers(range.number, number) === 0) return range;
    }
    return undefined;
  }

  #insert(range: Range): boolean {
    const above = this.#ranges.findIndex(({ number }) => compareNumbers(number, range.number) > 0);
    if (above >= 0 && (this.#ranges[above] as Range).from <= range.from) return false;
    const index = above < 0 ? this.#ranges.length : above;
    this.#ranges.splice(index, 0, range);
    this.#cut(index);
    return this.#ranges.length <= this.#rangesMax || this.#ranges.shift() !== range;
  }

  /** Takes the rounds of a range from the lesser numbers before it. */
  #cut(index: number): void {
    const { from } = this.#ranges[index] as Range;
    let first = index;
    while (first > 0 && (this.#ranges[first - 1] as Range).from >= from) first -= 1;
    this.#ranges.splice(first, index - first);
  }
}

/** Whether it was asked for by one who was seen to lead nothing, and is no member for any of it now. */
function isVoid({ number, from, through, isOver }: Range, clusters: readonly GoverningCluster[]): boolean {
  return !isOver && through < from && reachOf(number.node, clusters) < from;
}

/** The last round that a node is a member for: infinite where no end is known, 0 where it is none. */
export function reachOf(node: NodeId, clusters: readonly GoverningCluster[]): RoundNum {
  let end = Number.POSITIVE_INFINITY;
  for (let index = clusters.length - 1; index >= 0; index -= 1) {
    const { from, members } = clusters[index] as GoverningCluster;
    if (members.some(({ id }) => id === node)) return end;
    end = from - 1;
  }
  return clusters.length === 0 ? end : 0;
}

/** Coordination numbers are ordered by counter, then node, then memory. */
export function compareNumbers(a: CoordNum, b: CoordNum): number {
  if (a === b) return 0;
  if (a.counter !== b.counter) return a.counter - b.counter;
  if (a.node !== b.node) return a.node < b.node ? -1 : 1;
  if (a.incarnation !== b.incarnation) return a.incarnation < b.incarnation ? -1 : 1;
  return 0;
}
