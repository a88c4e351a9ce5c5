import type { Clock } from '@paxakos/core';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly owner: object;
  readonly callback: () => void;
}

/** The time of one node. */
export interface NodeClock extends Clock {
  /** Its timers never go off any more, as those of a process that was killed. */
  kill(): void;
  /** Its timers wait, as those of a process that is suspended, until it is thawed. */
  freeze(): void;
  thaw(): void;
  /** How many of its timers have not gone off. */
  readonly pending: number;
}

/** A clock that moves when it is told to, with everything that follows from a timer happening before the next one. */
export class TestClock {
  #now = 0;
  #order = 0;
  #timers: Timer[] = [];
  readonly #frozen = new Set<object>();

  get now(): number {
    return this.#now;
  }

  /** The same time for one node, at a rate of its own. */
  view(rate = 1): NodeClock {
    const owner = {};
    let isDead = false;
    const mine = (): Timer[] => this.#timers.filter((timer) => timer.owner === owner);
    return {
      now: () => this.#now * rate,
      after: (delayMs, callback) => {
        if (!(delayMs >= 0)) throw new RangeError(`a timer of ${delayMs} ms`);
        if (isDead) return () => {};
        this.#order += 1;
        const timer: Timer = { at: this.#now + delayMs / rate, order: this.#order, owner, callback };
        this.#timers.push(timer);
        return () => {
          this.#timers = this.#timers.filter((other) => other !== timer);
        };
      },
      kill: () => {
        isDead = true;
        this.#timers = this.#timers.filter((timer) => timer.owner !== owner);
      },
      freeze: () => {
        this.#frozen.add(owner);
      },
      thaw: () => {
        this.#frozen.delete(owner);
      },
      get pending() {
        return mine().length;
      },
    };
  }

  async #step(until: number): Promise<boolean> {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (this.#frozen.has(timer.owner)) continue;
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

  /** Lets time pass until it is so. Throws where that takes longer than `limitMs`. */
  async until(isSo: () => boolean, limitMs = 60_000): Promise<void> {
    const limit = this.#now + limitMs;
    await settle();
    while (!isSo())
      if (!(await this.#step(limit))) throw new Error(`it was not so within ${limitMs} ms: ${isSo.toString()}`);
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
}

/** Lets everything that is due without time passing happen: microtasks, and what they start. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
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
