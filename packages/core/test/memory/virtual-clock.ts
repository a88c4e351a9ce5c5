import type { Clock } from '../../src/contracts/index.ts';

/** A clock that moves when it is told to. */
export class VirtualClock implements Clock {
  #now = 0;
  #timers: { readonly at: number; readonly order: number; readonly callback: () => void }[] = [];
  #started = 0;

  now(): number {
    return this.#now;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { at: this.#now + delayMs, order: this.#started++, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Lets time pass, and everything that is due on the way happen. */
  advance(byMs: number): void {
    const until = this.#now + byMs;
    for (;;) {
      const [next] = this.#timers.filter(({ at }) => at <= until).sort((x, y) => x.at - y.at || x.order - y.order);
      if (next === undefined) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.#now = next.at;
      next.callback();
    }
    this.#now = until;
  }
}
