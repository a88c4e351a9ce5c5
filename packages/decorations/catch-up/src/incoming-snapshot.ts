import type { SnapshotName } from './message.ts';

/** A snapshot that is here in part. */
export class IncomingSnapshot {
  readonly name: SnapshotName;
  readonly chunkBytes: number;
  readonly bytes: Uint8Array;
  /** How many bytes have come. */
  received = 0;
  readonly #has: Uint8Array;
  /** Every chunk below this one has come. */
  #first = 0;

  /** Takes the memory for the whole at once. Throws a RangeError where there is not enough. */
  constructor(name: SnapshotName, chunkBytes: number) {
    this.name = name;
    this.chunkBytes = chunkBytes;
    this.bytes = new Uint8Array(name.length);
    this.#has = new Uint8Array(Math.ceil(name.length / chunkBytes));
  }

  get isComplete(): boolean {
    return this.received === this.name.length;
  }

  /** The first chunks that have not come and are not in `asked`: `count` of them, at most. */
  missing(count: number, asked: ReadonlySet<number>): number[] {
    const missing: number[] = [];
    while (this.#has[this.#first] === 1) this.#first += 1;
    for (let index = this.#first; index < this.#has.length && missing.length < count; index += 1)
      if (this.#has[index] === 0 && !asked.has(index)) missing.push(index);
    return missing;
  }

  /** Takes a chunk in. Gives whether it was one that was lacking. */
  add(index: number, bytes: Uint8Array): boolean {
    if (this.#has[index] !== 0) return false;
    const from = index * this.chunkBytes;
    if (bytes.length !== Math.min(this.chunkBytes, this.name.length - from)) return false;
    this.bytes.set(bytes, from);
    this.#has[index] = 1;
    this.received += bytes.length;
    return true;
  }
}
