import type { DecorationHost } from '@paxakos/core/contracts';

/** Whether this node is in touch with the others, and whoever wants to know. */
export class Contact {
  readonly #host: DecorationHost;
  readonly #listeners = new Set<(isCutOff: boolean) => unknown>();
  isCutOff = false;
  lastAliveAt: number | undefined;

  constructor(host: DecorationHost) {
    this.#host = host;
  }

  onChange(listener: (isCutOff: boolean) => void): () => void {
    // A listener of its own each time, so that the same function can be there twice and leave once.
    const own = (isCutOff: boolean): unknown => listener(isCutOff);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  /** There was a sign of life at this moment. */
  alive(at: number): void {
    this.lastAliveAt = at;
    this.#set(false);
  }

  lost(): void {
    this.#set(true);
  }

  /** Nobody hears anything any more. */
  close(): void {
    this.#listeners.clear();
  }

  #set(isCutOff: boolean): void {
    if (isCutOff === this.isCutOff) return;
    this.isCutOff = isCutOff;
    for (const listener of Array.from(this.#listeners)) this.#call(listener, isCutOff);
  }

  #call(listener: (isCutOff: boolean) => unknown, isCutOff: boolean): void {
    const onError = (error: unknown): void => this.#host.reportError('onChange', error);
    try {
      const result = listener(isCutOff);
      // An asynchronous listener is not waited for, and must not bring the process down.
      if (result instanceof Promise) result.then(undefined, onError);
    } catch (error) {
      onError(error);
    }
  }
}
