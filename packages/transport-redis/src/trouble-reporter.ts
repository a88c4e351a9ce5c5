import type { NodeId, TransportTrouble } from '@paxakos/core/contracts';

const windowMs = 100;

/** Tells the one listener of trouble; drops are added up, so that a peer is reported at most once in 100 ms. */
export class TroubleReporter {
  listener: ((trouble: TransportTrouble) => void) | undefined;
  readonly #withheld = new Map<NodeId | undefined, { count: number; reason: string }>();
  #timer: NodeJS.Timeout | undefined;

  report(trouble: TransportTrouble): void {
    try {
      this.listener?.(trouble);
    } catch {
      // The listener's own business: sending and receiving must go on.
    }
  }

  dropped(peer: NodeId | undefined, count: number, reason: string): void {
    const withheld = this.#withheld.get(peer);
    if (withheld !== undefined) {
      withheld.count += count;
      withheld.reason = reason;
      return;
    }
    this.#withheld.set(peer, { count: 0, reason });
    this.#timer ??= setTimeout(() => this.#flush(), windowMs).unref();
    this.#report(peer, count, reason);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#flush();
    clearTimeout(this.#timer);
    this.listener = undefined;
  }

  #flush(): void {
    this.#timer = undefined;
    for (const [peer, withheld] of this.#withheld) {
      const { count, reason } = withheld;
      withheld.count = 0;
      if (count > 0) this.#report(peer, count, reason);
      else this.#withheld.delete(peer);
    }
    if (this.#withheld.size > 0) this.#timer = setTimeout(() => this.#flush(), windowMs).unref();
  }

  #report(peer: NodeId | undefined, count: number, reason: string): void {
    this.report({ type: 'dropped', count, reason, ...(peer === undefined ? {} : { peer }) });
  }
}
