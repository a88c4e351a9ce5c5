import type { BusConnection } from './bus-connection.ts';
import type { TroubleReporter } from './trouble-reporter.ts';

interface BusStatus {
  readonly type: string;
  /** Of `@nats-io/transport-node`. */
  readonly error?: Error;
  /** Of `nats`: an error's code. */
  readonly data?: unknown;
}

/** Follows whether there is a connection, and reports when it goes and comes. */
export class BusWatch {
  readonly #bus: BusConnection;
  readonly #trouble: TroubleReporter;
  readonly #statuses: AsyncIterable<BusStatus> & { stop?(): void };
  #isDown = false;
  /** Until then trouble is not reported but told by `open`. */
  isOpen = false;
  /** What the server does not let this user do. */
  permissionError: Error | undefined;

  constructor(bus: BusConnection, trouble: TroubleReporter) {
    this.#bus = bus;
    this.#trouble = trouble;
    this.#statuses = bus.status();
    void this.#follow();
  }

  /** Why nothing can be sent now; `undefined` where it can. */
  get downReason(): string | undefined {
    if (this.#isDown) return 'there is no connection to a NATS server';
    return this.#bus.isClosed() ? 'the connection to NATS is closed for good' : undefined;
  }

  close(): void {
    this.#statuses.stop?.();
  }

  async #follow(): Promise<void> {
    for await (const status of this.#statuses) this.#take(status);
    if (this.isOpen && !this.#isDown && this.#bus.isClosed()) this.#down('the connection to NATS was closed');
  }

  #take(status: BusStatus): void {
    if (status.type === 'disconnect') this.#down('the connection to the NATS server broke');
    else if (status.type === 'reconnect') this.#up();
    else if (status.type === 'error') this.#error(status.error ?? new Error(String(status.data)));
  }

  #down(reason: string): void {
    if (this.#isDown) return;
    this.#isDown = true;
    if (this.isOpen) this.#trouble.report({ type: 'disconnected', reason });
  }

  #up(): void {
    this.#isDown = false;
    if (this.isOpen) this.#trouble.report({ type: 'reconnected' });
  }

  #error(error: Error): void {
    const isPermission = /permission/i.test(`${error.name} ${error.message}`);
    if (isPermission) this.permissionError ??= error;
    if (!this.isOpen) return;
    if (isPermission) this.#trouble.dropped(undefined, 1, `the NATS server refused: ${error.message}`);
    else this.#trouble.report({ type: 'disconnected', reason: `the NATS server says: ${error.message}` });
  }
}
