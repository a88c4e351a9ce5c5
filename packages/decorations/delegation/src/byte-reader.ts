/** Bytes are not what they must be. Never leaves this package. */
export class MalformedError extends Error {}

/** Reads what `ByteWriter` writes, and believes no length before the bytes are there. Blocks are parts of the bytes. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  u8(): number {
    const value = this.#bytes[this.#at];
    if (value === undefined) throw new MalformedError('truncated');
    this.#at += 1;
    return value;
  }

  int(): number {
    let value = 0;
    for (let factor = 1; factor < Number.MAX_SAFE_INTEGER; factor *= 0x80) {
      const byte = this.u8();
      value += (byte % 0x80) * factor;
      if (value > Number.MAX_SAFE_INTEGER) break;
      if (byte < 0x80) return value;
    }
    throw new MalformedError('an integer is too large');
  }

  text(lengthMax: number): string {
    const length = this.int();
    if (length > lengthMax || length > this.#bytes.length - this.#at) throw new MalformedError('a text is too long');
    const units: number[] = [];
    for (let left = length; left > 0; left -= 1) {
      const unit = this.int();
      if (unit > 0xffff) throw new MalformedError('no code unit');
      units.push(unit);
    }
    let text = '';
    for (let at = 0; at < units.length; at += 4_096) text += String.fromCharCode(...units.slice(at, at + 4_096));
    return text;
  }

  token(): string {
    let text = '';
    for (let left = 16; left > 0; left -= 1) text += this.u8().toString(16).padStart(2, '0');
    return text;
  }

  block(): Uint8Array {
    const length = this.int();
    if (length > this.#bytes.length - this.#at) throw new MalformedError('truncated');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}
