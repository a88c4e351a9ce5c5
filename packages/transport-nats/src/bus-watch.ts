import type { BusConnection } from './bus-connection.ts';
import type { TroubleReporter } from './trouble-reporter.ts';

interface Permission {
  readonly operation?: string;
  readonly subject?: string;
}

interface BusStatus {
  readonly type: string;
  /** Of `@nats-io/transport-node`. */
  readonly error?: Error & Permission;
  /** Of `nats`: an error's code, and what was not permitted. */
  readonly data?: unknown;
  readonly permissionContext?: Permission;
}

/** Follows whether there is a connection, and reports when it goes and comes. */
export class BusWatch {
  readonly #bus: BusConnection;
  readonly #trouble: TroubleReporter;
  /** What the subjects of this transport begin with; on a given connection there are others. */
  readonly #subjects: string;
  readonly #onStale: () => void;
  readonly #statuses: AsyncIterable<BusStatus> & { stop?(): void };
  #isDown = false;
  #isStopped = false;
  /** What the server last said that was no refusal of a subject. */
  #serverError: string | undefined;
  /** Until then trouble is not reported but told by `open`. */
  isOpen = false;
  /** What the server does not let this user do. */
  refusal: string | undefined;

  /** `onStale` is called when the server answers no pings. */
  constructor(bus: BusConnection, trouble: TroubleReporter, base: string, onStale: () => void) {
    this.#bus = bus;
    this.#trouble = trouble;
    this.#subjects = `${base}.`;
    this.#onStale = onStale;
    this.#statuses = bus.status();
    void this.#follow();
    void bus.closed().then(() => this.#isStopped || this.#down('the connection to NATS was closed for good'));
  }

  /** Why nothing can be sent now; `undefined` where it can. */
  get downReason(): string | undefined {
    if (this.#bus.isClosed()) return 'the connection to NATS is closed for good';
    return this.#isDown ? 'there is no connection to a NATS server' : undefined;
  }

  close(): void {
    this.#isStopped = true;
    this.#statuses.stop?.();
  }

  async #follow(): Promise<void> {
    for await (const status of this.#statuses) if (!this.#isStopped) this.#take(status);
  }

  #take(status: BusStatus): void {
    if (status.type === 'disconnect') this.#down(this.#because('the connection to the NATS server broke'));
    else if (status.type === 'reconnect') this.#up();
    else if (status.type === 'staleConnection') this.#onStale();
    else if (status.type === 'error') this.#error(status);
  }

  #because(reason: string): string {
    return this.#serverError === undefined ? reason : `${reason}: ${this.#serverError}`;
  }

  #down(reason: string): void {
    if (this.#isDown) return;
    this.#isDown = true;
    this.#report(reason);
  }

  #report(reason: string): void {
    if (this.isOpen) this.#trouble.report({ type: 'disconnected', reason });
  }

  #up(): void {
    this.#isDown = false;
    this.#serverError = undefined;
    if (this.isOpen) this.#trouble.report({ type: 'reconnected' });
  }

  #error({ error, data, permissionContext }: BusStatus): void {
    const { operation, subject } = permissionContext ?? error ?? {};
    if (operation === undefined || subject === undefined) {
      this.#otherError(error?.message ?? String(data));
    } else if (subject.startsWith(this.#subjects)) {
      const verb = operation === 'subscription' ? 'subscribe' : 'publish';
      this.refusal = `the NATS server does not let this user ${verb} to ${subject}`;
      if (this.isOpen) this.#trouble.dropped(undefined, 1, this.refusal);
    }
  }

  /** Told once, however often it comes back while the client tries again. */
  #otherError(text: string): void {
    if (text === this.#serverError) return;
    this.#serverError = text;
    if (this.#isDown) this.#report(`there is no connection to a NATS server: ${text}`);
  }
}
