import type { NodeId, TransportTrouble } from '@paxakos/core/contracts';

const windowMs = 100;

interface Withheld {
  readonly peer: NodeId | undefined;
  readonly reason: string;
  count: number;
}

/** Tells the one listener of trouble; drops are added up, so that each kind is reported at most once in 100 ms. */
export class TroubleReporter {
  listener: ((trouble: TransportTrouble) => void) | undefined;
  readonly #withheld = new Map<string, Withheld>();
  #timer: NodeJS.Timeout | undefined;

  report(trouble: TransportTrouble): void {
    try {
      this.listener?.(trouble);
    } catch {
      // The listener's own business: sending and receiving must go on.
    }
  }

  dropped(peer: NodeId | undefined, count: number, reason: string): void {
    const name = `${reason}\0${peer ?? ''}`;
    const withheld = this.#withheld.get(name);
    if (withheld !== undefined) {
      withheld.count += count;
      return;
    }
    this.#withheld.set(name, { peer, reason, count: 0 });
    this.#timer ??= setTimeout(() => this.#flush(), windowMs).unref();
    this.#report({ peer, reason, count });
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#flush();
    clearTimeout(this.#timer);
    this.listener = undefined;
  }

  #flush(): void {
    this.#timer = undefined;
    for (const [name, withheld] of this.#withheld) {
      const { count } = withheld;
      withheld.count = 0;
      if (count > 0) this.#report({ ...withheld, count });
      else this.#withheld.delete(name);
    }
    if (this.#withheld.size > 0) this.#timer = setTimeout(() => this.#flush(), windowMs).unref();
  }

  #report({ peer, reason, count }: Withheld): void {
    this.report({ type: 'dropped', count, reason, ...(peer === undefined ? {} : { peer }) });
  }
}
