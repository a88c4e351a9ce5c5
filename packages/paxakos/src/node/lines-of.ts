/** The longest line, in bytes. */
export const lineBytesMax: number = 64 * 1024;

/** A line without its end, or `undefined` in place of one that is too long. */
export type Line = string | undefined;

const lineFeed = 0x0a;

/** Cuts bytes into lines, those of each chunk together. Holds no more than one line, whatever comes. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<readonly Line[]> {
  const splitter = new LineSplitter();
  for await (const chunk of chunks) {
    const lines = splitter.push(chunk);
    if (lines.length > 0) yield lines;
  }
  const last = splitter.end();
  if (last.length > 0) yield last;
}

/** Cuts bytes into lines. */
export class LineSplitter {
  #rest: Uint8Array[] = [];
  #restBytes = 0;
  #isTooLong = false;

  push(chunk: Uint8Array): Line[] {
    const lines: Line[] = [];
    let from = 0;
    for (;;) {
      const end = chunk.indexOf(lineFeed, from);
      if (end < 0) break;
      lines.push(this.#finish(chunk.subarray(from, end)));
      from = end + 1;
    }
    this.#keep(chunk.subarray(from));
    return lines;
  }

  /** What came after the last line's end. */
  end(): Line[] {
    return this.#restBytes > 0 || this.#isTooLong ? [this.#finish(new Uint8Array(0))] : [];
  }

  #keep(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#restBytes += bytes.length;
    if (this.#restBytes > lineBytesMax) {
      this.#isTooLong = true;
      this.#rest = [];
    } else if (!this.#isTooLong) {
      this.#rest.push(bytes);
    }
  }

  #finish(bytes: Uint8Array): Line {
    const isTooLong = this.#isTooLong || this.#restBytes + bytes.length > lineBytesMax;
    const whole = this.#rest.length === 0 ? bytes : Buffer.concat([...this.#rest, bytes]);
    this.#rest = [];
    this.#restBytes = 0;
    this.#isTooLong = false;
    return isTooLong ? undefined : Buffer.from(whole.buffer, whole.byteOffset, whole.length).toString('utf8');
  }
}
