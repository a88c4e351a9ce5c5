import { eventLoopTurn } from './event-loop-turn.ts';

interface Scheduled {
  readonly at: number;
  readonly order: number;
  run: (() => void) | undefined;
}

/** A moment in which so much happens never ends. */
const momentEventsMax = 200_000;

/**
 * Virtual time. What is due happens one after the other, in the order of its time, then of its scheduling; each time all
 * promises come to rest before the next.
 */
export class Scheduler {
  /** Milliseconds since the run began. */
  now = 0;
  /** How much has happened. */
  events = 0;
  #order = 0;
  #isStopped = false;
  #moment = 0;
  readonly #heap: Scheduled[] = [];

  /** Calls `run` once, at a moment; gives a function that takes that back. */
  at(time: number, run: () => void): () => void {
    this.#order += 1;
    const scheduled: Scheduled = { at: Math.max(time, this.now), order: this.#order, run };
    this.#push(scheduled);
    return () => {
      scheduled.run = undefined;
    };
  }

  after(delayMs: number, run: () => void): () => void {
    return this.at(this.now + delayMs, run);
  }

  /** Nothing happens any more. */
  stop(): void {
    this.#isStopped = true;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Lets everything happen that is due up to a moment, unless it is stopped. Rejects with what is thrown. */
  runUntil(time: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const turn = (): void => {
        try {
          if (this.#step(time)) eventLoopTurn(turn);
          else resolve();
        } catch (error) {
          reject(error as Error);
        }
      };
      eventLoopTurn(turn);
    });
  }

  #step(until: number): boolean {
    if (this.#isStopped) return false;
    let next = this.#heap[0];
    while (next !== undefined && next.run === undefined) {
      this.#pop();
      next = this.#heap[0];
    }
    if (next === undefined || next.at > until) {
      this.now = Math.max(this.now, until);
      return false;
    }
    this.#pop();
    this.#moment = next.at > this.now ? 0 : this.#moment + 1;
    if (this.#moment > momentEventsMax) throw new Error(`at ${this.now} ms the cluster never comes to rest`);
    this.now = next.at;
    this.events += 1;
    next.run?.();
    return true;
  }

  #push(scheduled: Scheduled): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(scheduled);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as Scheduled;
      if (!isSooner(scheduled, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = scheduled;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Scheduled;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isSooner(heap[child + 1] as Scheduled, heap[child] as Scheduled)) child += 1;
      if (!isSooner(heap[child] as Scheduled, last)) break;
      heap[at] = heap[child] as Scheduled;
      at = child;
    }
    heap[at] = last;
  }
}

function isSooner(a: Scheduled, b: Scheduled): boolean {
  return a.at === b.at ? a.order < b.order : a.at < b.at;
}
