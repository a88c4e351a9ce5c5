import type { Clock } from '@paxakos/core';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly owner: object;
  readonly callback: () => void;
}

/** The clock of one life of a node. */
export interface ClockView extends Clock {
  /** Timers that have not gone off. */
  readonly pending: number;
  /** None of its timers goes off any more. */
  kill(): void;
}

/** Lets everything that is due without time passing happen. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A clock that moves when it is told to, with everything that follows from a timer happening before the next one. */
export class VirtualClock {
  now = 0;
  /** By how much every timer set from now on goes off late. */
  lateMs = 0;
  #order = 0;
  #timers: Timer[] = [];
  readonly #dead = new Set<object>();

  view(): ClockView {
    const owner = {};
    const pending = (): number => this.#timers.filter((timer) => timer.owner === owner).length;
    return {
      now: () => this.now,
      after: (delayMs, callback) => this.#after(owner, delayMs, callback),
      get pending() {
        return pending();
      },
      kill: () => {
        this.#dead.add(owner);
        this.#timers = this.#timers.filter((timer) => timer.owner !== owner);
      },
    };
  }

  #after(owner: object, delayMs: number, callback: () => void): () => void {
    if (!(delayMs >= 0)) throw new RangeError(`a timer of ${delayMs} ms`);
    if (this.#dead.has(owner)) return () => {};
    this.#order += 1;
    const timer: Timer = { at: this.now + delayMs + this.lateMs, order: this.#order, owner, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  async #step(until: number): Promise<boolean> {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (next === undefined || timer.at < next.at || (timer.at === next.at && timer.order < next.order)) next = timer;
    }
    if (next === undefined || next.at > until) return false;
    this.#timers = this.#timers.filter((other) => other !== next);
    this.now = Math.max(this.now, next.at);
    next.callback();
    await settle();
    return true;
  }

  /** Lets time pass. */
  async pass(ms: number): Promise<void> {
    const until = this.now + ms;
    await settle();
    while (await this.#step(until));
    this.now = until;
  }

  /** Time jumps, as after a stall: all timers in between go off late, together. */
  async jump(ms: number): Promise<void> {
    this.now += ms;
    await settle();
    while (await this.#step(this.now));
  }

  /** Lets time pass until it is so. Throws where that takes longer than `limitMs`. */
  async until(isSo: () => boolean, limitMs = 60_000): Promise<void> {
    const limit = this.now + limitMs;
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
  async run<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const mark = (): void => {
      isSettled = true;
    };
    promise.then(mark, mark);
    await this.until(() => isSettled);
    return promise;
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
