import type { Fetcher } from './fetcher.ts';
import type { Kernel } from './kernel.ts';
import { majorityOf } from './majority-of.ts';

/** Asks the others how far they are: at the start, until a majority has been heard of, and while this node is no member and hears nothing else. */
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
    const heard = audience.filter(({ id }) => peers.get(id) !== undefined).length;
    const enough = this.#askMs > 0 && heard + 1 >= majorityOf(audience.length + 1);
    if (audience.length === 0 || (!outside && enough)) return;
    if (now >= this.#askedAt + this.#askMs) {
      const { retransmitMs, retransmitMsMax } = settings.tuning;
      this.#askedAt = now;
      this.#askMs = Math.min(Math.max(this.#askMs * 2, retransmitMs), retransmitMsMax);
      this.#fetcher.tell(audience, true);
    }
    outbox.wakeAt(this.#askedAt + this.#askMs);
  }
}
