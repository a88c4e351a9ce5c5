import type { Clock } from '@paxakos/core';

interface Timer {
  at: number;
  readonly order: number;
  readonly callback: () => void;
}

/** Lets everything that is due without time passing happen: microtasks, and what they start. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Time as it is. Each node has a clock of its own, which need not run as fast, can stand still and can leap. */
export class WorldClock {
  #now = 0;
  #order = 0;
  readonly clocks: NodeClock[] = [];

  get now(): number {
    return this.#now;
  }

  view(rate = 1): NodeClock {
    const clock = new NodeClock(
      () => this.#now,
      () => {
        this.#order += 1;
        return this.#order;
      },
      rate,
    );
    this.clocks.push(clock);
    return clock;
  }

  /** Runs the next timer at or before `until`, and all that follows. Gives whether there was one. */
  async #step(until: number): Promise<boolean> {
    let next: { readonly clock: NodeClock; readonly timer: Timer; readonly at: number } | undefined;
    for (const clock of this.clocks) {
      for (const timer of clock.timers) {
        const at = clock.worldOf(timer.at);
        if (at > until) continue;
        if (next === undefined || at < next.at || (at === next.at && timer.order < next.timer.order))
          next = { clock, timer, at };
      }
    }
    if (next === undefined) return false;
    next.clock.timers.delete(next.timer);
    this.#now = Math.max(this.#now, next.at);
    next.timer.callback();
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
    for (let idle = 0; !isSo(); ) {
      if (await this.#step(limit)) {
        idle = 0;
      } else {
        if (idle === 20) throw new Error(`it was not so within ${limitMs} ms: ${isSo.toString()}`);
        idle += 1;
        await settle();
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
  failure(promise: Promise<unknown>, limitMs = 120_000): Promise<unknown> {
    const failed = promise.then(
      (value) => {
        throw new Error(`it was fulfilled: ${JSON.stringify(value)}`);
      },
      (error: unknown) => error,
    );
    return this.run(failed, limitMs);
  }
}

/** The clock of one node. */
export class NodeClock implements Clock {
  readonly #world: () => number;
  readonly #nextOrder: () => number;
  readonly timers: Set<Timer> = new Set();
  #rate: number;
  #shown = 0;
  #since = 0;
  #isHeld = false;
  #isDead = false;

  constructor(world: () => number, nextOrder: () => number, rate: number) {
    this.#world = world;
    this.#nextOrder = nextOrder;
    this.#rate = rate;
    this.#since = world();
    this.now = this.now.bind(this);
    this.after = this.after.bind(this);
  }

  now(): number {
    return this.#shown + (this.#world() - this.#since) * this.#rate;
  }

  after(delayMs: number, callback: () => void): () => void {
    if (!(delayMs >= 0)) throw new RangeError(`a timer of ${delayMs} ms`);
    const timer: Timer = { at: this.now() + delayMs, order: this.#nextOrder(), callback };
    if (!this.#isDead) this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  /** When, as the world counts, this clock will show so much. */
  worldOf(at: number): number {
    if (this.#isHeld || this.#rate === 0) return Number.POSITIVE_INFINITY;
    const leftMs = (at - this.now()) / this.#rate;
    // A little later, so that rounding never makes it too early.
    return this.#world() + (leftMs > 0 ? leftMs + 1e-6 : 0);
  }

  /** How fast it runs from now on. */
  set rate(rate: number) {
    this.#shown = this.now();
    this.#since = this.#world();
    this.#rate = rate;
  }

  /** It shows so much more at once: its process, or its reader, stood still for a moment. */
  leap(ms: number): void {
    this.#shown += ms;
  }

  /** Its timers wait, as the process does not run; the clock itself goes on. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
  }

  /** Its process is gone. */
  kill(): void {
    this.#isDead = true;
    this.timers.clear();
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
