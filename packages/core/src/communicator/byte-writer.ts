import type { CoordNum, IncarnationId, NodeInfo } from '../contracts/index.ts';
import { encodeUtf8, putAscii } from './utf8.ts';

/** A buffer that is given up after use rather than kept, so that one large message does not stay in memory. */
const keptBytesMax = 1 << 20;

/** The longest node id, in bytes. */
export const nodeIdBytesMax = 255;

/** The longest address of a node, in bytes. */
export const addressBytesMax = 1_024;

/**
 * The most items in one list. A decoded item can take many times the memory of its bytes, so that their length alone is no
 * bound; a run is never longer than the widest window, 65,536 rounds.
 */
export const itemsMax = 131_072;

/** Writes the values that frames, records and snapshots are made of, one after another. Reusable: `reset`. */
export class ByteWriter {
  #bytes: Uint8Array;
  #length = 0;

  constructor(capacityBytes = 256) {
    this.#bytes = new Uint8Array(capacityBytes);
  }

  /** How many bytes have been written. */
  get length(): number {
    return this.#length;
  }

  /** Goes back to a shorter length. */
  truncate(length: number): void {
    this.#length = Math.min(length, this.#length);
    if (this.#length === 0 && this.#bytes.length > keptBytesMax) this.#bytes = new Uint8Array(256);
  }

  /** Starts anew. What `view` gave is overwritten from now on. */
  reset(): void {
    this.truncate(0);
  }

  /** What has been written, as bytes of its own. */
  copy(from = 0): Uint8Array {
    return this.#bytes.slice(from, this.#length);
  }

  /** What has been written, as a part of this writer: good until the next write. */
  view(from = 0): Uint8Array {
    return this.#bytes.subarray(from, this.#length);
  }

  /** Cuts out what lies between `from` and `to`. */
  remove(from: number, to: number): void {
    this.#bytes.copyWithin(from, to, this.#length);
    this.truncate(this.#length - (to - from));
  }

  u8(value: number): void {
    const at = this.#reserve(1);
    this.#bytes[at] = value;
  }

  /** Four bytes, the lowest first. */
  u32(value: number): void {
    this.putU32(this.#reserve(4), value);
  }

  /** Four bytes in a place that has been written. */
  putU32(at: number, value: number): void {
    const bytes = this.#bytes;
    bytes[at] = value;
    bytes[at + 1] = value >>> 8;
    bytes[at + 2] = value >>> 16;
    bytes[at + 3] = value >>> 24;
  }

  /** An integer from 0 to `Number.MAX_SAFE_INTEGER`, seven bits a byte, the lowest first. Throws on anything else. */
  varint(value: number): void {
    if (value >= 0 && value < 0x80 && (value & 0x7f) === value) {
      const at = this.#reserve(1);
      this.#bytes[at] = value;
      return;
    }
    if (!Number.isSafeInteger(value) || value < 0)
      throw new RangeError(`${value} is not an integer from 0 to 2^53 - 1`);
    let at = this.#reserve(8);
    const bytes = this.#bytes;
    let rest = value;
    // Bit operations are of 32 bits only.
    while (rest > 0x7fffffff) {
      bytes[at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    while (rest >= 0x80) {
      bytes[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[at++] = rest;
    this.#length = at;
  }

  /** How many items follow. */
  count(count: number): void {
    if (count > itemsMax) throw new RangeError(`a list has ${count} items; ${itemsMax} fit`);
    this.varint(count);
  }

  /** A round: an integer from 1. */
  round(value: number): void {
    if (value < 1) throw new RangeError(`${value} is not a round`);
    this.varint(value);
  }

  /** Bytes as they are, without their length. */
  raw(block: Uint8Array): void {
    const at = this.#reserve(block.length);
    this.#bytes.set(block, at);
  }

  /** Bytes after their length. */
  block(block: Uint8Array): void {
    this.varint(block.length);
    this.raw(block);
  }

  /** A text after its length in bytes of UTF-8. */
  text(text: string, bytesMax: number): void {
    const { length } = text;
    if (length < 0x80) {
      const at = this.#reserve(length + 1);
      if (length <= bytesMax && putAscii(text, this.#bytes, at + 1)) {
        this.#bytes[at] = length;
        return;
      }
      this.#length = at;
    }
    const bytes = encodeUtf8(text);
    if (bytes.length > bytesMax) throw new RangeError(`a text has ${bytes.length} bytes; ${bytesMax} fit`);
    this.block(bytes);
  }

  /** A node id: 1 to 255 bytes. */
  nodeId(id: string): void {
    if (id.length === 0) throw new RangeError('a node id is empty');
    this.text(id, nodeIdBytesMax);
  }

  /** An incarnation, as the sixteen bytes that it names. */
  incarnation(incarnation: IncarnationId): void {
    if (incarnation.length !== 32) throw new RangeError('an incarnation has not 32 digits');
    const at = this.#reserve(16);
    for (let index = 0; index < 16; index++) {
      const high = digit(incarnation.charCodeAt(2 * index));
      const low = digit(incarnation.charCodeAt(2 * index + 1));
      this.#bytes[at + index] = (high << 4) | low;
    }
  }

  number(number: CoordNum): void {
    this.varint(number.counter);
    this.nodeId(number.node);
    this.incarnation(number.incarnation);
  }

  nodeInfo(node: NodeInfo): void {
    this.nodeId(node.id);
    if (node.address === undefined) {
      this.u8(0);
    } else {
      this.u8(1);
      this.text(node.address, addressBytesMax);
    }
  }

  /** Makes room for `count` bytes; gives where they start. */
  #reserve(count: number): number {
    const at = this.#length;
    const needed = at + count;
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
      grown.set(this.#bytes.subarray(0, at));
      this.#bytes = grown;
    }
    this.#length = needed;
    return at;
  }
}

/** Lower case only, so that equal incarnations have equal ids. */
function digit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  if (code >= 0x61 && code <= 0x66) return code - 0x57;
  throw new RangeError('an incarnation has a character that is not a lower-case hexadecimal digit');
}
