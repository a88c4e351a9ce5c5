/**
 * Notices that a wall clock has run ahead of the node's own: the machine was suspended, which the own clock does not see on
 * every system, or somebody has set the wall clock. What was measured before does not hold then.
 */
export class Suspension {
  readonly #now: () => number;
  readonly #wallClock: (() => number) | undefined;
  readonly #toleranceMs: number;
  #offset: number;

  constructor(now: () => number, wallClock: (() => number) | undefined, toleranceMs: number) {
    this.#now = now;
    this.#wallClock = wallClock;
    this.#toleranceMs = toleranceMs;
    this.#offset = this.#read();
  }

  #read(): number {
    if (this.#wallClock === undefined) return 0;
    try {
      return this.#wallClock() - this.#now();
    } catch {
      return Number.NaN;
    }
  }

  /** Whether there was one since the last call, as far as can be told: a clock that tells nothing is no help. */
  wasThere(): boolean {
    const offset = this.#read();
    const wasNot = offset - this.#offset <= this.#toleranceMs;
    this.#offset = offset;
    return !wasNot;
  }
}
