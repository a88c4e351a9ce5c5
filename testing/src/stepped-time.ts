import { settle } from './settle.ts';

/** A timer that goes off now, and when it was due. */
export interface DueTimer {
  readonly at: number;
  readonly callback: () => void;
}

/** Time that moves when it is told to, with everything that follows from a timer happening before the next one. */
export abstract class SteppedTime {
  #now = 0;
  readonly #runLimitMs: number;

  /** `runLimitMs` is how long `run` waits where it isn't told how long. */
  constructor(runLimitMs = 120_000) {
    this.#runLimitMs = runLimitMs;
  }

  get now(): number {
    return this.#now;
  }

  /** Takes out the timer that is due first, where that is at or before `until`. */
  protected abstract take(until: number): DueTimer | undefined;

  /** Runs the next timer at or before `until`, and all that follows. Gives whether there was one. */
  async #step(until: number): Promise<boolean> {
    const next = this.take(until);
    if (next === undefined) return false;
    this.#now = Math.max(this.#now, next.at);
    next.callback();
    await settle();
    return true;
  }

  /** Lets time pass. */
  async pass(ms: number): Promise<void> {
    const until = this.#now + ms;
    await settle();
    while (await this.#step(until));
    this.#now = Math.max(this.#now, until);
  }

  /** Time passes while nothing runs: timers that were due go off at the next occasion only (H64). */
  stall(ms: number): void {
    this.#now += ms;
  }

  /** Time jumps, as after a stall: all timers in between go off late, together (H64). */
  async jump(ms: number): Promise<void> {
    this.stall(ms);
    await settle();
    while (await this.#step(this.#now));
  }

  /** Lets time pass until it is so. Throws where that takes longer than `limitMs`. */
  async until(isSo: () => boolean, limitMs = 60_000): Promise<void> {
    const limit = this.#now + limitMs;
    await settle();
    for (let idle = 0; !isSo(); ) {
      if (await this.#step(limit)) idle = 0;
      else if (idle < 20) {
        // Something may take a few turns of the event loop without a timer.
        idle += 1;
        await settle();
      } else {
        throw new Error(`it was not so within ${limitMs} ms: ${isSo.toString()}`);
      }
    }
  }

  /** Lets time pass until the promise is settled, and gives what it gives. */
  async run<T>(promise: Promise<T>, limitMs: number = this.#runLimitMs): Promise<T> {
    let isSettled = false;
    const mark = (): void => {
      isSettled = true;
    };
    promise.then(mark, mark);
    await this.until(() => isSettled, limitMs);
    return promise;
  }

  /** As `run`, and gives what the promise is rejected with. */
  failure(promise: Promise<unknown>, limitMs: number = this.#runLimitMs): Promise<unknown> {
    const failed = promise.then(
      (value) => {
        throw new Error(`it was fulfilled: ${JSON.stringify(value)}`);
      },
      (error: unknown) => error,
    );
    return this.run(failed, limitMs);
  }
}
