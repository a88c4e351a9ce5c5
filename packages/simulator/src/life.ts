import type { Clock } from '@paxakos/core/contracts';
import type { Scheduler } from './scheduler.ts';

/** One life of a node: from its start to its crash or stop. What reaches it later has no effect. */
export class Life implements Clock {
  readonly node: string;
  /** Counts the lives of the node, from 1. */
  readonly ordinal: number;
  isAlive = true;
  /** Whether its time ever stood still, or jumped. */
  isDisturbed = false;
  readonly #ending = new AbortController();
  #isPaused = false;
  #held: (() => void)[] = [];
  readonly #scheduler: Scheduler;
  #rate: number;
  #base: number;
  #baseAt: number;

  /** Shows the time of the world, whatever the own clock does; not every node has one. */
  readonly wallNow?: () => number;

  constructor(
    scheduler: Scheduler,
    node: string,
    ordinal: number,
    clock: { readonly rate: number; readonly base: number; readonly hasWall?: boolean },
  ) {
    this.#scheduler = scheduler;
    this.node = node;
    this.ordinal = ordinal;
    this.#rate = clock.rate;
    this.#base = clock.base;
    this.#baseAt = scheduler.now;
    if (clock.hasWall) this.wallNow = () => scheduler.now;
  }

  /** Aborted when this life ends. */
  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  /** The node's own clock, which may go faster or slower than the others'. */
  now(): number {
    return this.#base + (this.#scheduler.now - this.#baseAt) * this.#rate;
  }

  after(delayMs: number, callback: () => void): () => void {
    const due = this.now() + delayMs;
    let cancel = (): void => {};
    const wait = (): void => {
      // A little later, so that rounding never makes it too early.
      const leftMs = Math.max(0, due - this.now()) / this.#rate + 1e-6;
      cancel = this.#scheduler.after(leftMs, () => this.enter(() => (this.now() < due ? wait() : callback())));
    };
    wait();
    return () => cancel();
  }

  /** From now on a second of the world is `rate` seconds of this node. */
  setRate(rate: number): void {
    this.#base = this.now();
    this.#baseAt = this.#scheduler.now;
    this.#rate = rate;
  }

  /** The clock jumps ahead, as after a suspension. */
  jump(aheadMs: number): void {
    this.isDisturbed = true;
    this.#base += aheadMs;
  }

  /** Lets something happen in this node: now, or once it runs again. */
  enter(run: () => void): void {
    if (!this.isAlive) return;
    if (this.#isPaused) this.#held.push(run);
    else run();
  }

  pause(): void {
    this.isDisturbed = true;
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    const held = this.#held;
    this.#held = [];
    for (const run of held) this.#scheduler.after(0, () => this.enter(run));
  }

  end(): void {
    this.isAlive = false;
    this.#ending.abort();
    this.#held = [];
  }
}
