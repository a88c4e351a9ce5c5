/** A short text that tells states apart: 16 hexadecimal digits, 64 bits. Against accidents, not against malice. */
export type Digest = string;

/** The digest of bytes, or of what an application made of its state. Throws a TypeError where it is neither text nor bytes. */
export function digestOf(content: Uint8Array | string): Digest {
  const isText = typeof content === 'string';
  if (!isText && !(content instanceof Uint8Array)) throw new TypeError('a digest must be a string or a Uint8Array');
  let high = 0x811c9dc5;
  let low = 0x9e3779b9;
  for (let at = 0; at < content.length; at += 1) {
    const unit = isText ? content.charCodeAt(at) : (content[at] as number);
    high = Math.imul(high ^ unit, 0x01000193);
    low = Math.imul(low ^ unit, 0x5bd1e995);
    low ^= low >>> 15;
  }
  return hex(high) + hex(low);
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
