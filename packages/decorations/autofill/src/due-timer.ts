import type { DecorationHost } from '@paxakos/core/contracts';

/** One timer that goes off when it is due; that moment may change at any time. It ends with the node. */
export class DueTimer {
  readonly #host: DecorationHost;
  /** Gives when it is due, in milliseconds of the clock; infinite for never. */
  readonly #dueAt: () => number;
  readonly #onDue: () => void;
  #armedFor = Number.POSITIVE_INFINITY;
  #cancel = (): void => {};
  #isLookingAnew = false;

  constructor(host: DecorationHost, dueAt: () => number, onDue: () => void) {
    this.#host = host;
    this.#dueAt = dueAt;
    this.#onDue = onDue;
    host.signal.addEventListener('abort', () => this.#cancel(), { once: true });
  }

  /** When it was to go off, in milliseconds of the clock. */
  get armedFor(): number {
    return this.#armedFor;
  }

  /** It may be due sooner than before. Where it is due later, that is seen when it goes off. */
  arm(): void {
    const { clock, signal } = this.#host;
    const dueAt = this.#dueAt();
    if (signal.aborted || dueAt >= this.#armedFor) return;
    this.#cancel();
    this.#armedFor = dueAt;
    this.#cancel = clock.after(Math.max(dueAt - clock.now(), 0), () => this.#goOff());
  }

  /** As `arm`, once all entries have been applied that are being applied now. */
  armSoon(): void {
    if (this.#isLookingAnew) return;
    this.#isLookingAnew = true;
    void Promise.resolve().then(() => {
      this.#isLookingAnew = false;
      this.arm();
    });
  }

  #goOff(): void {
    const { clock, signal } = this.#host;
    if (signal.aborted) return;
    const isDue = this.#dueAt() <= clock.now();
    if (isDue) this.#onDue();
    this.#armedFor = Number.POSITIVE_INFINITY;
    this.arm();
  }
}
