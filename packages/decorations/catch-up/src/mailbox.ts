import type { Clock, NodeInfo } from '@paxakos/core/contracts';
import type { Message } from './message.ts';

/** A message, and whom it is from. */
export interface Mail {
  readonly sender: NodeInfo;
  readonly message: Message;
}

/** How many messages wait at most, and how many bytes of chunks; what is dropped is asked for again. */
const waitingMax = 2_048;
const waitingBytesMax = 32 * 1_024 ** 2;

/** Answers, as they come, for one who waits for them. */
export class Mailbox {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #waiting: Mail[] = [];
  #waitingBytes = 0;
  #endReading = (): void => {};
  #endSleep = (): void => {};

  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
    signal.addEventListener('abort', () => this.wake(), { once: true });
  }

  put(mail: Mail): void {
    const bytes = bytesOf(mail);
    if (this.#waiting.length >= waitingMax || (this.#waitingBytes > 0 && this.#waitingBytes + bytes > waitingBytesMax))
      return;
    this.#waiting.push(mail);
    this.#waitingBytes += bytes;
    this.#endReading();
  }

  clear(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  /** Lets who waits or sleeps look up. */
  wake(): void {
    this.#endReading();
    this.#endSleep();
  }

  /** The next message, or `undefined` where none has come in time, the node stops, or `wake` was called. */
  async next(timeoutMs: number): Promise<Mail | undefined> {
    if (this.#waiting.length === 0)
      await this.#pause(timeoutMs, (end) => {
        this.#endReading = end;
      });
    const mail = this.#waiting.shift();
    if (mail !== undefined) this.#waitingBytes -= bytesOf(mail);
    return mail;
  }

  /** Resolves after a time, or at once where the node stops or `wake` is called. */
  sleep(ms: number): Promise<void> {
    return this.#pause(ms, (end) => {
      this.#endSleep = end;
    });
  }

  #pause(ms: number, take: (end: () => void) => void): Promise<void> {
    if (this.#signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#clock.after(ms, resolve);
      take(() => {
        cancel();
        resolve();
      });
    });
  }
}

function bytesOf({ message }: Mail): number {
  return message.type === 'chunk' ? message.bytes.length : 0;
}
