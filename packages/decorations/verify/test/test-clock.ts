import type { Clock } from '@paxakos/core';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly owner: number;
  readonly callback: () => void;
}

/** Lets everything that is due without time passing happen: microtasks, and what they start. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A clock that moves when it is told to, with everything that follows from a timer happening before the next one. */
export class TestClock {
  #now = 0;
  #order = 0;
  #owners = 0;
  #timers: Timer[] = [];
  readonly #dead = new Set<number>();

  get now(): number {
    return this.#now;
  }

  /** The same time for one node, which can be killed: its timers then never go off. */
  view(): Clock & { kill(): void; readonly pending: number } {
    this.#owners += 1;
    const owner = this.#owners;
    const { timers, now } = { timers: () => this.#timers, now: () => this.#now };
    return {
      now,
      after: (delayMs, callback) => this.#after(owner, delayMs, callback),
      kill: () => {
        this.#dead.add(owner);
        this.#timers = this.#timers.filter((timer) => timer.owner !== owner);
      },
      get pending() {
        return timers().filter((timer) => timer.owner === owner).length;
      },
    };
  }

  #after(owner: number, delayMs: number, callback: () => void): () => void {
    if (!(delayMs >= 0)) throw new RangeError(`a timer of ${delayMs} ms`);
    if (this.#dead.has(owner)) return () => {};
    this.#order += 1;
    const timer: Timer = { at: this.#now + delayMs, order: this.#order, owner, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Runs the next timer at or before `until`, and all that follows. Gives whether there was one. */
  async #step(until: number): Promise<boolean> {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (next === undefined || timer.at < next.at || (timer.at === next.at && timer.order < next.order)) next = timer;
    }
    if (next === undefined || next.at > until) return false;
    this.#timers = this.#timers.filter((other) => other !== next);
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
    this.#now = until;
  }

  /** The process does nothing for so long: called in the middle of something, such as an apply that blocks (H60). */
  stall(ms: number): void {
    this.#now += ms;
  }

  /** Time jumps, as after a stall: all timers in between go off late, together (H64). */
  async jump(ms: number): Promise<void> {
    this.#now += ms;
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
  async run<T>(promise: Promise<T>, limitMs = 120_000): Promise<T> {
    let isSettled = false;
    const mark = (): void => {
      isSettled = true;
    };
    promise.then(mark, mark);
    await this.until(() => isSettled, limitMs);
    return promise;
  }

  /** As `run`, and gives what the promise is rejected with. */
  async failure(promise: Promise<unknown>, limitMs = 120_000): Promise<unknown> {
    return this.run(
      promise.then(
        (value) => {
          throw new Error(`it was fulfilled: ${JSON.stringify(value)}`);
        },
        (error: unknown) => error,
      ),
      limitMs,
    );
  }
}

/** Random numbers that can be had again. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x100000000;
  };
}
