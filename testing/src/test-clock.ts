import type { Clock } from '@paxakos/core';
import { type DueTimer, SteppedTime } from './stepped-time.ts';

interface Timer extends DueTimer {
  readonly order: number;
  readonly owner: object;
}

/** The time of one life of a node. */
export interface NodeClock extends Clock {
  /** How many of its timers have not gone off. */
  readonly pending: number;
  /** Its timers never go off any more, as those of a process that was killed. */
  kill(): void;
  /** Its timers wait, as those of a process that is suspended, until it is thawed. */
  freeze(): void;
  thaw(): void;
}

/** One time for all nodes, with the timers of each. */
export class TestClock extends SteppedTime {
  /** By how much every timer set from now on goes off late. */
  lateMs = 0;
  #order = 0;
  #timers: Timer[] = [];
  readonly #frozen = new Set<object>();

  /** The time of one node, at a rate of its own. */
  view(rate = 1): NodeClock {
    const owner = {};
    let isDead = false;
    const mine = (): readonly Timer[] => this.#timers.filter((timer) => timer.owner === owner);
    return {
      now: () => this.now * rate,
      after: (delayMs, callback) => {
        if (!(delayMs >= 0)) throw new RangeError(`a timer of ${delayMs} ms`);
        return isDead ? () => {} : this.#after(owner, delayMs / rate, callback);
      },
      get pending() {
        return mine().length;
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
    };
  }

  #after(owner: object, delayMs: number, callback: () => void): () => void {
    this.#order += 1;
    const timer: Timer = { at: this.now + delayMs + this.lateMs, order: this.#order, owner, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  protected override take(until: number): DueTimer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (this.#frozen.has(timer.owner)) continue;
      if (next === undefined || timer.at < next.at || (timer.at === next.at && timer.order < next.order)) next = timer;
    }
    if (next === undefined || next.at > until) return undefined;
    this.#timers = this.#timers.filter((other) => other !== next);
    return next;
  }
}
