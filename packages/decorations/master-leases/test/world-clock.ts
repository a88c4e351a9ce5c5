import type { Clock } from '@paxakos/core';
import { type DueTimer, SteppedTime } from '@paxakos/testing';

interface Timer {
  at: number;
  readonly order: number;
  readonly callback: () => void;
}

/** Time as it is. Each node has a clock of its own, which need not run as fast, can stand still and can leap. */
export class WorldClock extends SteppedTime {
  #order = 0;
  readonly clocks: NodeClock[] = [];

  view(rate = 1): NodeClock {
    const clock = new NodeClock(
      () => this.now,
      () => {
        this.#order += 1;
        return this.#order;
      },
      rate,
    );
    this.clocks.push(clock);
    return clock;
  }

  protected override take(until: number): DueTimer | undefined {
    let next: { readonly clock: NodeClock; readonly timer: Timer; readonly at: number } | undefined;
    for (const clock of this.clocks) {
      for (const timer of clock.timers) {
        const at = clock.worldOf(timer.at);
        if (at > until) continue;
        if (next === undefined || at < next.at || (at === next.at && timer.order < next.timer.order))
          next = { clock, timer, at };
      }
    }
    if (next === undefined) return undefined;
    next.clock.timers.delete(next.timer);
    return { at: next.at, callback: next.timer.callback };
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
