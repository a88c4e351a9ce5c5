/** What another clock showed at some moment between two of this node's own, all in milliseconds. */
export interface ClockSample {
  readonly theirs: number;
  readonly earliest: number;
  readonly latest: number;
}

/** Clocks may show full milliseconds only. */
const granularityMs = 2;

/** How long samples are compared over, as parts of the longest: what has just gone wrong shows over a short time first. */
const parts = [1, 8, 64, 512];

/** A sample to compare others with for so long, and the one that then takes its place. */
class Stretch {
  readonly #spanMs: number;
  #middle: ClockSample | undefined;
  anchor: ClockSample;

  constructor(spanMs: number, anchor: ClockSample) {
    this.#spanMs = spanMs;
    this.anchor = anchor;
  }

  /** Moves on, so that a clock which changes its pace cannot hide behind its past. */
  pass(sample: ClockSample): void {
    const least = sample.earliest - this.anchor.latest;
    if (least > this.#spanMs) {
      this.anchor = this.#middle ?? sample;
      this.#middle = sample;
    } else if (this.#middle === undefined && least > this.#spanMs / 2) {
      this.#middle = sample;
    }
  }
}

/**
 * Whether another clock is known to run at most `ratioMax` times as fast as this node's own. Nothing is known until two samples
 * are so far apart that what their messages took does not matter; from then on it holds until samples show the contrary.
 */
export class Pace {
  readonly #ratioMax: number;
  /** How far apart the samples are, at most, that are compared. */
  readonly #spanMs: number;
  /** The longest first. */
  #stretches: readonly Stretch[] = [];
  #life: number | undefined;
  isKept = false;

  constructor(ratioMax: number, spanMs: number) {
    this.#ratioMax = ratioMax;
    this.#spanMs = spanMs;
  }

  /** Takes a sample in. `life`: another one for each process, as its clock may start anew. */
  note(sample: ClockSample, life: number): void {
    const anchor = this.#stretches[0]?.anchor;
    if (anchor === undefined || life !== this.#life || sample.theirs < anchor.theirs) {
      this.#life = life;
      this.#restart(sample);
      return;
    }
    if (this.#stretches.some((stretch) => this.#isTooFast(stretch.anchor, sample))) {
      this.#restart(sample);
      return;
    }
    const theirs = sample.theirs - anchor.theirs;
    const least = sample.earliest - anchor.latest;
    if (theirs + granularityMs <= least * this.#ratioMax) this.isKept = true;
    else if (!this.isKept && widthOf(sample) * 2 < widthOf(anchor)) this.#restart(sample);
    for (const stretch of this.#stretches) stretch.pass(sample);
  }

  /** Whether it ran too fast from one sample to the other, whatever their messages took. */
  #isTooFast(from: ClockSample, to: ClockSample): boolean {
    return to.theirs - from.theirs - granularityMs > (to.latest - from.earliest) * this.#ratioMax;
  }

  #restart(sample: ClockSample): void {
    this.#stretches = parts.map((part) => new Stretch(this.#spanMs / part, sample));
    this.isKept = false;
  }
}

function widthOf({ earliest, latest }: ClockSample): number {
  return latest - earliest;
}
