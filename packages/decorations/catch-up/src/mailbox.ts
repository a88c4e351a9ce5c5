import type { Clock, NodeInfo } from '@paxakos/core/contracts';
import type { Message } from './message.ts';

/** A message, and whom it is from. */
export interface Mail {
  readonly sender: NodeInfo;
  readonly message: Message;
}

/** How many messages wait at most; a chunk that is dropped is asked for again. */
const waitingMax = 2_048;

/** Answers, as they come, for one who waits for them. */
export class Mailbox {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #waiting: Mail[] = [];
  #endReading = (): void => {};
  #endSleep = (): void => {};

  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
    signal.addEventListener('abort', () => this.wake(), { once: true });
  }

  put(mail: Mail): void {
    if (this.#waiting.length >= waitingMax) return;
    this.#waiting.push(mail);
    this.#endReading();
  }

  clear(): void {
    this.#waiting = [];
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
    return this.#waiting.shift();
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
