import type { BusConnection } from './bus-connection.ts';

/** How many bytes go between two questions whether the server keeps up. */
const strideBytes = 256 * 1024;
/** What a message takes beside its payload, about. */
const overheadBytes = 64;

/** Publishes while the server keeps up: what it has not taken yet is bounded. */
export class SendWindow {
  readonly #bus: BusConnection;
  readonly #bytesMax: number;
  /** Sent before the last question, and not known to be taken. */
  #bytesAsked = 0;
  #bytesSince = 0;

  constructor(bus: BusConnection, bytesMax: number) {
    this.#bus = bus;
    this.#bytesMax = bytesMax;
  }

  /** Publishes, or says why not. Never throws. */
  publish(subject: string, payload: Uint8Array): string | undefined {
    const bytes = payload.byteLength + overheadBytes;
    // One frame always goes, so that a small bound never stops all.
    if (this.#bytesAsked > 0 && this.#bytesAsked + this.#bytesSince + bytes > this.#bytesMax) {
      return 'the NATS server does not keep up';
    }
    try {
      this.#bus.publish(subject, payload);
    } catch (error) {
      return String(error);
    }
    this.#bytesSince += bytes;
    if (this.#bytesSince >= Math.min(strideBytes, this.#bytesMax / 4)) this.#ask();
    return undefined;
  }

  #ask(): void {
    const asked = this.#bytesSince;
    this.#bytesSince = 0;
    this.#bytesAsked += asked;
    const answered = (): void => {
      this.#bytesAsked -= asked;
    };
    // It rejects where the connection breaks: what was on its way is no more.
    this.#bus.flush().then(answered, answered);
  }
}
