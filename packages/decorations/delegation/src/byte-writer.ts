/** Writes integers, texts and blocks of bytes, one after the other. */
export class ByteWriter {
  #bytes = new Uint8Array(256);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  u8(value: number): void {
    this.#need(1);
    this.#bytes[this.#length++] = value;
  }

  /** An integer from 0 to 2^53 - 1, seven bits a byte. */
  int(value: number): void {
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.u8((rest % 0x80) + 0x80);
    this.u8(rest);
  }

  /** A text by its code units, so that every string comes back as it was. */
  text(value: string): void {
    this.int(value.length);
    for (let at = 0; at < value.length; at += 1) this.int(value.charCodeAt(at));
  }

  /** A text of 32 hexadecimal digits. */
  token(value: string): void {
    for (let at = 0; at < 32; at += 2) this.u8(Number.parseInt(value.slice(at, at + 2), 16));
  }

  block(bytes: Uint8Array): void {
    this.int(bytes.length);
    this.#need(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** What has been written; the writer must not be used any more. */
  done(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #need(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
