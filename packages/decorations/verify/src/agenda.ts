import type { RoundNum } from '@paxakos/core/contracts';

/** How many announced rounds are remembered, and how far ahead they may lie. */
const announcedMax = 16;
const aheadMax = 1 << 17;

/** In which rounds to look at the state: each multiple of `everyRounds`, and those that a node announced. */
export class Agenda {
  readonly #everyRounds: () => number;
  readonly #announced = new Set<RoundNum>();
  #multiple: RoundNum = Number.POSITIVE_INFINITY;
  /** Nothing is to be done in rounds below this one. */
  due: RoundNum = 0;

  constructor(everyRounds: () => number) {
    this.#everyRounds = everyRounds;
  }

  /** Looks at a round that is still to come. Gives whether it will. */
  announce(round: RoundNum, at: RoundNum): boolean {
    if (round <= at || round > at + aheadMax || this.#announced.size >= announcedMax) return false;
    this.#announced.add(round);
    this.due = Math.min(this.due, round);
    return true;
  }

  /** The state stands after `round`. Gives whether that is a check point, and sees what comes next. */
  reach(round: RoundNum): boolean {
    const isDue = round === this.#multiple || this.#announced.has(round);
    this.skip(round);
    return isDue;
  }

  /** The state stands after `round`; what lies below is passed over. */
  skip(round: RoundNum): void {
    const every = this.#everyRounds();
    this.#multiple = (Math.floor(round / every) + 1) * every;
    this.due = this.#multiple;
    for (const announced of this.#announced)
      if (announced <= round) this.#announced.delete(announced);
      else this.due = Math.min(this.due, announced);
  }
}
