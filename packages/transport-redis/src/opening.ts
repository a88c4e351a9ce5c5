import { TransportError } from '@paxakos/core/contracts';
import { finalRefusal, lateRefusal, type RefusalContext } from './refusal.ts';

interface Step {
  readonly isDone: () => boolean;
  readonly context: RefusalContext;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** An attempt to open: it ends at a deadline, when the transport is closed, or with an error that trying again cannot mend. */
export class Opening {
  /** Aborted when it ends early. */
  readonly signal: AbortSignal;
  readonly #aborting = new AbortController();
  readonly #closing: AbortSignal;
  readonly #deadline: NodeJS.Timeout;
  readonly #onAbort = () => this.#abort();
  #lastError: unknown;
  #step: Step | undefined;

  constructor(timeMsMax: number, closing: AbortSignal) {
    this.signal = this.#aborting.signal;
    this.#closing = closing;
    this.#deadline = setTimeout(this.#onAbort, timeMsMax);
    closing.addEventListener('abort', this.#onAbort, { once: true });
    if (closing.aborted) this.#abort();
  }

  /** Resolves when a step is done. Rejects with a `TransportError` that says why it is not. */
  until(isDone: () => boolean, context: RefusalContext): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#step = { isDone, context, resolve, reject };
      if (this.signal.aborted) this.#abort();
      else this.check();
    });
  }

  /** Looks whether the step is done. */
  check(): void {
    if (this.#step?.isDone() === true) this.#step.resolve();
  }

  fail(error: unknown): void {
    this.#lastError = error;
    const refusal = this.#step === undefined ? undefined : finalRefusal(error, this.#step.context);
    if (refusal !== undefined) this.#step?.reject(refusal);
  }

  end(): void {
    clearTimeout(this.#deadline);
    this.#closing.removeEventListener('abort', this.#onAbort);
    this.#step = undefined;
  }

  #abort(): void {
    this.#aborting.abort();
    if (this.#step === undefined) return;
    const { reject, context } = this.#step;
    if (this.#closing.aborted) reject(new TransportError('the transport was closed while it opened'));
    else reject(lateRefusal(this.#lastError, context));
  }
}
