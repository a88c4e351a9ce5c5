/** What another clock showed at some moment between two of this node's own, all in milliseconds. */
export interface ClockSample {
  readonly theirs: number;
  readonly earliest: number;
  readonly latest: number;
}

/** Clocks may show full milliseconds only. */
const granularityMs = 2;

/**
 * Whether another clock is known to run at most `ratioMax` times as fast as this node's own. Nothing is known until two samples
 * are so far apart that what their messages took does not matter; from then on it holds until samples show the contrary.
 */
export class Pace {
  readonly #ratioMax: number;
  /** How far apart the samples are, at most, that are compared: a clock that changes its pace must not hide behind its past. */
  readonly #spanMs: number;
  #anchor: ClockSample | undefined;
  #middle: ClockSample | undefined;
  #life: number | undefined;
  isKept = false;

  constructor(ratioMax: number, spanMs: number) {
    this.#ratioMax = ratioMax;
    this.#spanMs = spanMs;
  }

  /** Takes a sample in. `life`: another one for each process, as its clock may start anew. */
  note(sample: ClockSample, life: number): void {
    const anchor = this.#anchor;
    if (anchor === undefined || life !== this.#life || sample.theirs < anchor.theirs) {
      this.#life = life;
      this.#restart(sample);
      return;
    }
    const theirs = sample.theirs - anchor.theirs;
    const most = sample.latest - anchor.earliest;
    const least = sample.earliest - anchor.latest;
    if (theirs - granularityMs > most * this.#ratioMax) {
      this.#restart(sample);
      return;
    }
    if (theirs + granularityMs <= least * this.#ratioMax) this.isKept = true;
    else if (!this.isKept && widthOf(sample) * 2 < widthOf(anchor)) this.#restart(sample);
    if (least > this.#spanMs) {
      this.#anchor = this.#middle ?? sample;
      this.#middle = sample;
    } else if (this.#middle === undefined && least > this.#spanMs / 2) {
      this.#middle = sample;
    }
  }

  #restart(sample: ClockSample): void {
    this.#anchor = sample;
    this.#middle = undefined;
    this.isKept = false;
  }
}

function widthOf({ earliest, latest }: ClockSample): number {
  return latest - earliest;
}
