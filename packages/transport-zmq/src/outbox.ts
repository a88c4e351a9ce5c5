import { batchBytesMax, batchFramesMax } from './batch.ts';

/** What waits for one peer: bounded in bytes and frames, the oldest dropped first. */
export class Outbox {
  readonly #bytesMax: number;
  readonly #framesMax: number;
  #frames: Uint8Array[] = [];
  #head = 0;
  #bytes = 0;

  constructor(bytesMax: number, framesMax: number) {
    this.#bytesMax = bytesMax;
    this.#framesMax = framesMax;
  }

  get length(): number {
    return this.#frames.length - this.#head;
  }

  /** Adds a frame and returns how many older ones had to go for it. */
  push(frame: Uint8Array): number {
    this.#frames.push(frame);
    this.#bytes += frame.byteLength;
    let dropped = 0;
    while (this.#bytes > this.#bytesMax || this.length > this.#framesMax) {
      this.#shift();
      dropped += 1;
    }
    return dropped;
  }

  /** Takes the frames of the next message: at least one, if there is any. */
  take(): Uint8Array[] {
    const last = Math.min(this.#frames.length, this.#head + batchFramesMax);
    let bytes = 0;
    let end = this.#head;
    for (; end < last; end += 1) {
      const next = this.#frames[end]?.byteLength ?? 0;
      if (end > this.#head && bytes + next > batchBytesMax) break;
      bytes += next;
    }
    const taken = this.#frames.slice(this.#head, end);
    this.#bytes -= bytes;
    this.#frames.fill(emptyFrame, this.#head, end); // lets go of the bytes at once
    this.#head = end;
    this.#compact();
    return taken;
  }

  #shift(): void {
    this.#bytes -= this.#frames[this.#head]?.byteLength ?? 0;
    this.#frames[this.#head] = emptyFrame;
    this.#head += 1;
    this.#compact();
  }

  /** Half of the array at most is dead, so a frame costs the same however many wait. */
  #compact(): void {
    if (this.#head * 2 < this.#frames.length) return;
    this.#frames = this.#frames.slice(this.#head);
    this.#head = 0;
  }
}

const emptyFrame = new Uint8Array(0);
