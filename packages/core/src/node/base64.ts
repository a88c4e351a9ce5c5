import { decodeUtf8 } from '../communicator/index.ts';
import { InvalidError } from '../contracts/index.ts';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const padding = 0x3d;
const codes: Uint8Array = Uint8Array.from(alphabet, (character) => character.charCodeAt(0));
/** The six bits that a character stands for, by its code; 64 for every other character. */
const values: Uint8Array = new Uint8Array(256).fill(64);
for (let value = 0; value < 64; value++) values[codes[value] as number] = value;

/** The base64 of some bytes, padded (RFC 4648, section 4). */
export function toBase64(bytes: Uint8Array): string {
  const text = new Uint8Array(Math.ceil(bytes.length / 3) * 4);
  let at = 0;
  for (let from = 0; from < bytes.length; from += 3) {
    const left = bytes.length - from;
    const second = left > 1 ? (bytes[from + 1] as number) : 0;
    const third = left > 2 ? (bytes[from + 2] as number) : 0;
    const bits = ((bytes[from] as number) << 16) | (second << 8) | third;
    text[at++] = codes[bits >>> 18] as number;
    text[at++] = codes[(bits >>> 12) & 63] as number;
    text[at++] = left > 1 ? (codes[(bits >>> 6) & 63] as number) : padding;
    text[at++] = left > 2 ? (codes[bits & 63] as number) : padding;
  }
  return decodeUtf8(text);
}

/** The bytes of some base64. Throws an `InvalidError` on anything but the one text that `toBase64` gives for them. */
export function fromBase64(text: string): Uint8Array {
  const padded = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  if (text.length % 4 !== 0) throw malformed(text);
  const bytes = new Uint8Array((text.length / 4) * 3 - padded);
  let at = 0;
  for (let from = 0; from < text.length; from += 4) {
    const missing = from + 4 === text.length ? padded : 0;
    const bits =
      (valueAt(text, from) << 18) |
      (valueAt(text, from + 1) << 12) |
      (missing > 1 ? 0 : valueAt(text, from + 2) << 6) |
      (missing > 0 ? 0 : valueAt(text, from + 3));
    if ((bits & ((1 << (8 * missing)) - 1)) !== 0) throw malformed(text);
    // What lies past the end is not written.
    bytes[at++] = bits >>> 16;
    bytes[at++] = bits >>> 8;
    bytes[at++] = bits;
  }
  return bytes;
}

function valueAt(text: string, at: number): number {
  const value = values[text.charCodeAt(at)] ?? 64;
  if (value === 64) throw malformed(text);
  return value;
}

function malformed(text: string): InvalidError {
  return new InvalidError('base64', text, 'it is malformed');
}
