import type { CoordNum, IncarnationId, NodeInfo } from '../contracts/index.ts';
import { decodeUtf8 } from './utf8.ts';

/** Places in each table; a power of two. A stranger's values can only displace others. */
const places = 64;

/** Longer texts are not kept. */
const keptCharsMax = 64;

const hexDigits: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Filled, not sparse, so that the engine looks places up fast. */
function emptyPlaces(): undefined[] {
  return Array.from({ length: places }, () => undefined);
}

/**
 * Keeps the values that were decoded last, so that a peer's id or number, which comes with every message, is not allocated
 * with every message.
 */
export class Intern {
  readonly #texts: (string | undefined)[] = emptyPlaces();
  readonly #incarnations: (IncarnationId | undefined)[] = emptyPlaces();
  readonly #incarnationBytes: Uint8Array = new Uint8Array(places * 16);
  readonly #numbers: (CoordNum | undefined)[] = emptyPlaces();
  readonly #nodes: (NodeInfo | undefined)[] = emptyPlaces();

  /** The text of a part of `bytes`. Throws a TypeError where it is not UTF-8. */
  text(bytes: Uint8Array, from: number, to: number): string {
    const length = to - from;
    if (length === 0 || length > keptCharsMax) return decodeUtf8(bytes, from, to);
    let hash = length;
    for (let at = from; at < to; at++) hash = (Math.imul(hash, 31) + (bytes[at] as number)) | 0;
    const place = hash & (places - 1);
    const kept = this.#texts[place];
    if (kept !== undefined && isAscii(kept, bytes, from, length)) return kept;
    const text = decodeUtf8(bytes, from, to);
    this.#texts[place] = text;
    return text;
  }

  /** The incarnation that the sixteen bytes at `from` name. */
  incarnation(bytes: Uint8Array, from: number): IncarnationId {
    const place = ((bytes[from] as number) ^ (bytes[from + 1] as number)) & (places - 1);
    const kept = this.#incarnations[place];
    const keptFrom = place * 16;
    if (kept !== undefined && this.#isIncarnation(keptFrom, bytes, from)) return kept;
    let incarnation = '';
    for (let index = 0; index < 16; index++) {
      const byte = bytes[from + index] as number;
      incarnation += hexDigits[byte] as string;
      this.#incarnationBytes[keptFrom + index] = byte;
    }
    this.#incarnations[place] = incarnation;
    return incarnation;
  }

  number(counter: number, node: string, incarnation: IncarnationId): CoordNum {
    const place = (counter + node.charCodeAt(0)) % places;
    const kept = this.#numbers[place];
    if (kept !== undefined && kept.counter === counter && kept.node === node && kept.incarnation === incarnation)
      return kept;
    const number = { counter, node, incarnation };
    this.#numbers[place] = number;
    return number;
  }

  node(id: string, address: string | undefined): NodeInfo {
    const place = (id.length + id.charCodeAt(id.length - 1)) % places;
    const kept = this.#nodes[place];
    if (kept !== undefined && kept.id === id && kept.address === address) return kept;
    const node = address === undefined ? { id } : { id, address };
    this.#nodes[place] = node;
    return node;
  }

  #isIncarnation(keptFrom: number, bytes: Uint8Array, from: number): boolean {
    for (let index = 0; index < 16; index++) {
      if (this.#incarnationBytes[keptFrom + index] !== bytes[from + index]) return false;
    }
    return true;
  }
}

/** Whether the bytes are `text` in ASCII. */
function isAscii(text: string, bytes: Uint8Array, from: number, length: number): boolean {
  if (text.length !== length) return false;
  for (let index = 0; index < length; index++) {
    const byte = bytes[from + index] as number;
    if (byte >= 0x80 || byte !== text.charCodeAt(index)) return false;
  }
  return true;
}
