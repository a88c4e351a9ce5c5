import type { Clock } from '@paxakos/core/contracts';

/** A moment by the node's clock, and by a wall clock that never goes back; the same where there is none. */
export interface Moment {
  readonly own: number;
  readonly wall: number;
}

/** A moment long before any other. */
export const never: Moment = { own: Number.NEGATIVE_INFINITY, wall: Number.NEGATIVE_INFINITY };

/** How many moments are kept, over one lease. */
const keptMax = 64;

/**
 * Tells time by the node's clock and, where there is one, by a wall clock: on some systems the own clock stands still while the
 * machine is suspended. A wall clock may be set: where it goes back, it is taken to stand still.
 */
export class Timekeeper {
  readonly #clock: Clock;
  readonly #wallClock: (() => number) | undefined;
  readonly #spacingMs: number;
  readonly #ratioMax: number;
  #wall = 0;
  /** What both clocks showed last. */
  #own: number;
  #shown = Number.POSITIVE_INFINITY;
  #kept: Moment[] = [];

  constructor(clock: Clock, wallClock: (() => number) | undefined, leaseMsMax: number, ratioMax: number) {
    this.#clock = clock;
    this.#wallClock = wallClock;
    this.#spacingMs = leaseMsMax / keptMax;
    this.#ratioMax = ratioMax;
    this.#own = clock.now();
  }

  now(): Moment {
    const own = this.#clock.now();
    if (this.#wallClock === undefined) return { own, wall: own };
    const shown = readingOf(this.#wallClock);
    // One that tells nothing is taken to go as the own one does.
    this.#wall += Number.isFinite(shown) ? Math.max(0, shown - this.#shown) : own - this.#own;
    this.#own = own;
    if (Number.isFinite(shown)) this.#shown = shown;
    return { own, wall: this.#wall };
  }

  /** Keeps this moment in mind, so that one soon after it can be told by the wall clock, too. */
  keep(): void {
    if (this.#wallClock === undefined) return;
    const last = this.#kept.at(-1)?.own ?? Number.NEGATIVE_INFINITY;
    if (this.#clock.now() < last + this.#spacingMs) return;
    this.#kept.push(this.now());
    if (this.#kept.length > keptMax) this.#kept.shift();
  }

  /**
   * The moment at which the node's clock showed this; its wall clock showed no less than what is given. That is told by the moments
   * kept before and after: from the one before on, it went no slower than the clocks may drift, unless it was set.
   */
  at(own: number): Moment {
    if (this.#wallClock === undefined) return { own, wall: own };
    for (let index = this.#kept.length - 1; index >= 0; index -= 1) {
      const kept = this.#kept[index] as Moment;
      if (kept.own > own) continue;
      const least = kept.wall + (own - kept.own) / this.#ratioMax;
      return { own, wall: Math.min(least, this.#kept[index + 1]?.wall ?? kept.wall + this.#spacingMs) };
    }
    return never;
  }
}

function readingOf(wallClock: () => number): number {
  try {
    return wallClock();
  } catch {
    return Number.NaN;
  }
}

/** So much later by both clocks. */
export function later({ own, wall }: Moment, ms: number): Moment {
  return { own: own + ms, wall: wall + ms };
}
