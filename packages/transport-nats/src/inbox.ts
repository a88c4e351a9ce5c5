import type { BusConnection } from './bus-connection.ts';

const againMs = 1_000;

/** Subscriptions that come back also after the server refused them for a while. */
export class Inbox {
  readonly #bus: BusConnection;
  readonly #bySubject = new Map<string, { unsubscribe(): void }>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #isClosed = false;

  constructor(bus: BusConnection) {
    this.#bus = bus;
  }

  on(subject: string, take: (data: Uint8Array) => unknown): void {
    const callback = (error: Error | null, message: { readonly data: Uint8Array }): void => {
      if (this.#isClosed) return;
      if (error === null) take(message.data);
      else this.#again(subject, take);
    };
    this.#bySubject.set(subject, this.#bus.subscribe(subject, { callback }));
  }

  close(): void {
    this.#isClosed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    for (const subscription of this.#bySubject.values()) subscription.unsubscribe();
    this.#bySubject.clear();
  }

  /** The client gives up a subscription that the server refuses, and permissions may change. */
  #again(subject: string, take: (data: Uint8Array) => unknown): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      // On a connection that is closed for good there is nothing to come back to.
      if (!this.#bus.isClosed() && this.#bus.isDraining?.() !== true) this.on(subject, take);
    }, againMs).unref();
    this.#timers.add(timer);
  }
}
