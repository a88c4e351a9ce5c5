import type { Clock, DueTimer } from '../contracts/index.ts';

/** One timer that goes off when it is due; that moment may change at any time. It ends with the signal. */
export class HostDueTimer implements DueTimer {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #dueAt: () => number;
  readonly #onDue: () => void;
  readonly #onError: (error: unknown) => void;
  #armedFor = Number.POSITIVE_INFINITY;
  #cancel = (): void => {};
  #isLookingAnew = false;
  #isBroken = false;

  constructor(
    { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
    dueAt: () => number,
    onDue: () => void,
    onError: (error: unknown) => void,
  ) {
    this.#clock = clock;
    this.#signal = signal;
    this.#dueAt = dueAt;
    this.#onDue = onDue;
    this.#onError = onError;
    signal.addEventListener('abort', () => this.#cancel(), { once: true });
  }

  get armedFor(): number {
    return this.#armedFor;
  }

  arm(): void {
    this.#guard(() => this.#arm());
  }

  armSoon(): void {
    if (this.#isLookingAnew) return;
    this.#isLookingAnew = true;
    void Promise.resolve().then(() => {
      this.#isLookingAnew = false;
      this.arm();
    });
  }

  #arm(): void {
    const dueAt = this.#dueAt();
    if (dueAt >= this.#armedFor) return;
    this.#cancel();
    this.#armedFor = dueAt;
    this.#cancel = this.#clock.after(Math.max(dueAt - this.#clock.now(), 0), () => this.#guard(() => this.#goOff()));
  }

  #goOff(): void {
    if (this.#dueAt() <= this.#clock.now()) this.#onDue();
    this.#armedFor = Number.POSITIVE_INFINITY;
    this.#arm();
  }

  /** What throws once is not called again: it would be due at once, for ever. */
  #guard(call: () => void): void {
    if (this.#signal.aborted || this.#isBroken) return;
    try {
      call();
    } catch (error) {
      this.#isBroken = true;
      this.#cancel();
      this.#onError(error);
    }
  }
}
