import type { Fetcher } from './fetcher.ts';
import type { Kernel } from './kernel.ts';

/** Asks the others how far they are: at the start, until one answers, and while this node is no member and hears nothing else. */
export class Greeter {
  readonly #kernel: Kernel;
  readonly #fetcher: Fetcher;
  #askedAt = Number.NEGATIVE_INFINITY;
  #askMs = 0;

  constructor(kernel: Kernel, fetcher: Fetcher) {
    this.#kernel = kernel;
    this.#fetcher = fetcher;
  }

  greet(outside: boolean): void {
    const { audience, now, outbox, peers, settings } = this.#kernel;
    if (audience.length === 0 || (!outside && peers.heardAny && this.#askMs > 0)) return;
    if (now >= this.#askedAt + this.#askMs) {
      const { retransmitMs, retransmitMsMax } = settings.tuning;
      this.#askedAt = now;
      this.#askMs = Math.min(Math.max(this.#askMs * 2, retransmitMs), retransmitMsMax);
      this.#fetcher.tell(audience, true);
    }
    outbox.wakeAt(this.#askedAt + this.#askMs);
  }
}
