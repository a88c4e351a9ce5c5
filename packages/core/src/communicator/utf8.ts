const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Below this length a loop is faster than the call into the platform. */
const loopCharsMax = 64;

/** Writes ASCII text at `at`; gives false where it is not ASCII, having written a part of it. */
export function putAscii(text: string, bytes: Uint8Array, at: number): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code >= 0x80) return false;
    bytes[at + index] = code;
  }
  return true;
}

/** The bytes of a text. A lone surrogate becomes U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
  if (text.length <= loopCharsMax) {
    const bytes = new Uint8Array(text.length);
    if (putAscii(text, bytes, 0)) return bytes;
  }
  return encoder.encode(text);
}

/** The text of bytes from `from` up to, not including, `to`. Throws a TypeError where they are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array, from = 0, to: number = bytes.length): string {
  if (to - from <= loopCharsMax) {
    let text = '';
    let at = from;
    for (; at < to; at++) {
      const code = bytes[at] as number;
      if (code >= 0x80) break;
      text += String.fromCharCode(code);
    }
    if (at === to) return text;
  }
  return decoder.decode(bytes.subarray(from, to));
}

/** Whether a text survives the way through UTF-8: it has no lone surrogate. */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}
