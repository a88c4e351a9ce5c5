const sectorBytes = 512;

interface Change {
  readonly at: number;
  readonly bytes: Uint8Array;
  /** Its place among all writes of the file, from 1. */
  readonly ordinal: number;
}

/** The contents of one file: as programs see them, and as a power cut would leave them. */
export class SimulatedFile {
  #seen = new Uint8Array(0);
  #length = 0;
  #durable = new Uint8Array(0);
  #durableLength = 0;
  #pending: Change[] = [];
  readonly #flipped = new Set<number>();
  /** How many writes there were: a sync that begins now is one of these. */
  writes = 0;
  /** Where the last write began that is durable and says something: a flipped byte there is like a write that was cut off. */
  lastWriteAt = 0;

  get length(): number {
    return this.#length;
  }

  get durableLength(): number {
    return this.#durableLength;
  }

  read(target: Uint8Array, position: number): number {
    const part = this.#seen.subarray(
      Math.min(position, this.#length),
      Math.min(position + target.length, this.#length),
    );
    target.set(part);
    return part.length;
  }

  /** Whether there is anything but zeros. */
  holdsAny(position: number, bytesLength: number): boolean {
    const end = Math.min(position + bytesLength, this.#length);
    return this.#seen.subarray(Math.min(position, end), end).some((byte) => byte !== 0);
  }

  /** Whether a bit was flipped there. */
  isFlipped(position: number, bytesLength: number): boolean {
    return [...this.#flipped].some((at) => at >= position && at < position + bytesLength);
  }

  write(position: number, bytes: Uint8Array): void {
    for (const at of this.#flipped) if (at >= position && at < position + bytes.length) this.#flipped.delete(at);
    this.#seen = put(this.#seen, position, bytes);
    this.#length = Math.max(this.#length, position + bytes.length);
    this.writes += 1;
    this.#pending.push({ at: position, bytes: bytes.slice(), ordinal: this.writes });
  }

  /** A sync ends: so many writes had been made when it began, and no later one is sure to be durable with it. */
  sync(writes: number): void {
    for (const change of this.#take(writes)) {
      this.#keep(change.at, change.bytes);
      if (change.bytes.some((byte) => byte !== 0)) this.lastWriteAt = change.at;
    }
  }

  /** A sync fails: what it was to write counts as written, and whether it was is anybody's guess. */
  failSync(writes: number, isKept: () => boolean): void {
    this.#settle(this.#take(writes), isKept);
  }

  /** What is not durable of the first so many writes; from now on that is settled. */
  #take(writes: number): readonly Change[] {
    const taken = this.#pending.filter(({ ordinal }) => ordinal <= writes);
    this.#pending = this.#pending.filter(({ ordinal }) => ordinal > writes);
    return taken;
  }

  /** The power goes. Each sector that was not synced is as it was or as it was written; gives whether any was lost. */
  cut(isKept: () => boolean): boolean {
    const isTorn = this.#settle(this.#take(this.writes), isKept);
    this.#seen = this.#durable.slice();
    this.#length = this.#durableLength;
    return isTorn;
  }

  #settle(changes: readonly Change[], isKept: () => boolean): boolean {
    let isTorn = false;
    for (const { at, bytes } of changes) {
      for (let from = 0; from < bytes.length; ) {
        const to = Math.min(bytes.length, sectorBytes * (Math.floor((at + from) / sectorBytes) + 1) - at);
        if (isKept()) this.#keep(at + from, bytes.subarray(from, to));
        else isTorn = true;
        from = to;
      }
    }
    return isTorn;
  }

  #keep(at: number, bytes: Uint8Array): void {
    this.#durable = put(this.#durable, at, bytes);
    this.#durableLength = Math.max(this.#durableLength, at + bytes.length);
  }

  /** Flips a bit, for good. */
  flip(at: number, bit: number): void {
    this.#flipped.add(at);
    for (const bytes of [this.#seen, this.#durable])
      if (at < bytes.length) bytes[at] = (bytes[at] as number) ^ (1 << bit);
  }
}

function put(target: Uint8Array<ArrayBuffer>, at: number, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const end = at + bytes.length;
  if (end <= target.length) {
    target.set(bytes, at);
    return target;
  }
  const longer = new Uint8Array(Math.max(end, target.length * 2));
  longer.set(target);
  longer.set(bytes, at);
  return longer;
}
