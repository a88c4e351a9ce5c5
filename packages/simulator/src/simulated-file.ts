const sectorBytes = 512;

interface Change {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** The contents of one file: as programs see them, and as a power cut would leave them. */
export class SimulatedFile {
  #seen = new Uint8Array(0);
  #length = 0;
  #durable = new Uint8Array(0);
  #durableLength = 0;
  #pending: Change[] = [];
  /** Where the last write began that is durable and says something: a flipped byte there is like a write that was cut off. */
  lastWriteAt = 0;

  get length(): number {
    return this.#length;
  }

  read(target: Uint8Array, position: number): number {
    const part = this.#seen.subarray(
      Math.min(position, this.#length),
      Math.min(position + target.length, this.#length),
    );
    target.set(part);
    return part.length;
  }

  write(position: number, bytes: Uint8Array): void {
    this.#seen = put(this.#seen, position, bytes);
    this.#length = Math.max(this.#length, position + bytes.length);
    this.#pending.push({ at: position, bytes: bytes.slice() });
  }

  sync(): void {
    for (const change of this.#pending) {
      this.#keep(change);
      if (change.bytes.length > 0 && change.bytes.some((byte) => byte !== 0)) this.lastWriteAt = change.at;
    }
    this.#pending = [];
  }

  /** A sync fails: what it was to write counts as written, and whether it was is anybody's guess. */
  failSync(isKept: () => boolean): void {
    this.#settle(isKept);
  }

  /** The power goes. Each sector that was not synced is as it was or as it was written; gives whether any was lost. */
  cut(isKept: () => boolean): boolean {
    const isTorn = this.#settle(isKept);
    this.#seen = this.#durable.slice();
    this.#length = this.#durableLength;
    return isTorn;
  }

  #settle(isKept: () => boolean): boolean {
    let isTorn = false;
    for (const { at, bytes } of this.#pending) {
      for (let from = 0; from < bytes.length; ) {
        const to = Math.min(bytes.length, sectorBytes * (Math.floor((at + from) / sectorBytes) + 1) - at);
        if (isKept()) this.#keep({ at: at + from, bytes: bytes.subarray(from, to) });
        else isTorn = true;
        from = to;
      }
    }
    this.#pending = [];
    return isTorn;
  }

  #keep({ at, bytes }: Change): void {
    this.#durable = put(this.#durable, at, bytes);
    this.#durableLength = Math.max(this.#durableLength, at + bytes.length);
  }

  /** Flips a bit, for good. */
  flip(at: number, bit: number): void {
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
