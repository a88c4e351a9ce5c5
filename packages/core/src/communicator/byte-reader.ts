import type { CoordNum, IncarnationId, NodeInfo, RoundNum } from '../contracts/index.ts';
import { addressBytesMax, itemsMax, nodeIdBytesMax } from './byte-writer.ts';
import { Intern } from './intern.ts';

/**
 * Bytes are not what they must be. Never leaves the room that reads them: each turns it into its own refusal. The message is
 * one of a fixed set, so that refusals can be counted by it.
 */
export class MalformedError extends Error {}

/** Greater numbers are not exact. */
const safeMax: number = Number.MAX_SAFE_INTEGER;

/**
 * Reads what `ByteWriter` writes. Every length is checked against the bytes that are there before anything is made of it, and
 * each value has one encoding only; else it throws a `MalformedError`. Blocks are parts of the bytes, not copies.
 */
export class ByteReader {
  #bytes: Uint8Array;
  #at: number;
  #end: number;
  readonly #intern: Intern;

  constructor(bytes: Uint8Array = new Uint8Array(0), intern: Intern = new Intern()) {
    this.#bytes = bytes;
    this.#at = 0;
    this.#end = bytes.length;
    this.#intern = intern;
  }

  /** Starts anew, on a part of other bytes. */
  open(bytes: Uint8Array, from = 0, to: number = bytes.length): void {
    this.#bytes = bytes;
    this.#at = from;
    this.#end = to;
  }

  /** Where it reads next. */
  get at(): number {
    return this.#at;
  }

  get remaining(): number {
    return this.#end - this.#at;
  }

  /** Says that all has been read. */
  end(): void {
    if (this.#at !== this.#end) throw new MalformedError('bytes are left over');
  }

  u8(): number {
    if (this.#at >= this.#end) throw truncated();
    return this.#bytes[this.#at++] as number;
  }

  u32(): number {
    const at = this.take(4);
    const bytes = this.#bytes;
    const low = (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16);
    return low + (bytes[at + 3] as number) * 0x1000000;
  }

  /** An integer from 0 to `Number.MAX_SAFE_INTEGER`. */
  varint(): number {
    const first = this.u8();
    if (first < 0x80) return first;
    let value = first & 0x7f;
    let scale = 0x80;
    for (let count = 2; count <= 8; count++) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (byte === 0 || value > safeMax) throw new MalformedError('an integer is out of range');
        return value;
      }
      scale *= 0x80;
    }
    throw new MalformedError('an integer is too long');
  }

  /** A round: an integer from 1. */
  round(): RoundNum {
    const round = this.varint();
    if (round === 0) throw new MalformedError('a round is 0');
    return round;
  }

  /** How many items follow, each of at least `itemBytesMin` bytes. */
  count(itemBytesMin: number): number {
    const count = this.varint();
    if (count > itemsMax) throw new MalformedError('a list is too long');
    if (count > this.remaining / itemBytesMin) throw truncated();
    return count;
  }

  boolean(): boolean {
    const byte = this.u8();
    if (byte > 1) throw new MalformedError('a truth value is neither 0 nor 1');
    return byte === 1;
  }

  /** `length` bytes as they are. */
  raw(length: number): Uint8Array {
    const at = this.take(length);
    return this.#bytes.subarray(at, at + length);
  }

  /** Bytes after their length. */
  block(bytesMax: number = safeMax): Uint8Array {
    const length = this.varint();
    if (length > bytesMax) throw new MalformedError('a block is too long');
    return this.raw(length);
  }

  /** A text after its length in bytes of UTF-8. */
  text(bytesMax: number): string {
    const length = this.varint();
    if (length > bytesMax) throw new MalformedError('a text is too long');
    const at = this.take(length);
    try {
      return this.#intern.text(this.#bytes, at, at + length);
    } catch {
      throw new MalformedError('a text is not UTF-8');
    }
  }

  /** A node id: 1 to 255 bytes. */
  nodeId(): string {
    const id = this.text(nodeIdBytesMax);
    if (id.length === 0) throw new MalformedError('a node id is empty');
    return id;
  }

  incarnation(): IncarnationId {
    return this.#intern.incarnation(this.#bytes, this.take(16));
  }

  number(): CoordNum {
    const counter = this.varint();
    const node = this.nodeId();
    return this.#intern.number(counter, node, this.incarnation());
  }

  nodeInfo(): NodeInfo {
    const id = this.nodeId();
    const address = this.boolean() ? this.text(addressBytesMax) : undefined;
    return this.#intern.node(id, address);
  }

  /** Steps over `length` bytes; gives where they start. */
  take(length: number): number {
    const at = this.#at;
    if (length > this.#end - at) throw truncated();
    this.#at = at + length;
    return at;
  }
}

function truncated(): MalformedError {
  return new MalformedError('it ends too early');
}
