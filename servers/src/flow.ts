import type { Socket } from 'node:net';

/** How bytes get through a proxy; read anew for every chunk. */
export interface FlowSettings {
  readonly isHeld: boolean;
  readonly delayMs: number;
  readonly bytesPerSecond: number;
}

/** What may be on its way, beyond what the delay alone keeps there. */
const aheadMsMax = 50;

/** One direction of a connection: bytes arrive in order, late and at a bounded rate. */
export class Flow {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #settings: FlowSettings;
  #waiting: { readonly chunk: Buffer; readonly at: number }[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** When the last byte so far has passed the narrow place. */
  #passedAt = 0;

  constructor(from: Socket, to: Socket, settings: FlowSettings) {
    this.#from = from;
    this.#to = to;
    this.#settings = settings;
    from.on('data', (chunk) => this.#take(chunk));
    from.on('close', () => clearTimeout(this.#timer));
    to.on('drain', () => this.update());
    this.update();
  }

  /** Goes by the settings as they are now. */
  update(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { isHeld, delayMs } = this.#settings;
    if (isHeld) {
      this.#from.pause();
      return;
    }
    const now = performance.now();
    while ((this.#waiting[0]?.at ?? Number.POSITIVE_INFINITY) <= now && !this.#to.writableNeedDrain) {
      const next = this.#waiting.shift();
      if (next !== undefined && !this.#to.destroyed) this.#to.write(next.chunk);
    }
    const [first] = this.#waiting;
    if (first !== undefined) this.#timer = setTimeout(() => this.update(), Math.max(1, first.at - now));
    const isFull = this.#passedAt > now + aheadMsMax || this.#to.writableNeedDrain;
    if (isFull || (delayMs === 0 && first !== undefined)) this.#from.pause();
    else this.#from.resume();
  }

  #take(chunk: Buffer): void {
    const { delayMs, bytesPerSecond } = this.#settings;
    const now = performance.now();
    this.#passedAt = Math.max(now, this.#passedAt) + (chunk.length * 1_000) / bytesPerSecond;
    // Never before what came earlier, however long that was to take.
    const at = Math.max(this.#passedAt + delayMs, this.#waiting.at(-1)?.at ?? 0);
    this.#waiting.push({ chunk, at });
    this.update();
  }
}
