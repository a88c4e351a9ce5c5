/** How many bytes are taken in before other work has its turn. */
const sliceBytes = 1 << 20;

/** 64 bits that tell byte strings apart, in two words. Against accidents, not against malice. */
export interface ContentHash {
  readonly high: number;
  readonly low: number;
}

/** Hashes bytes of any length, one slice a turn. `turn` lets other work go first; where it gives false, this gives up. */
export async function contentHash(bytes: Uint8Array, turn: () => Promise<boolean>): Promise<ContentHash | undefined> {
  let hash: ContentHash = { high: 0x811c9dc5, low: 0x9e3779b9 };
  for (let from = 0; from < bytes.length; from += sliceBytes) {
    if (from > 0 && !(await turn())) return undefined;
    hash = mixed(hash, bytes, from, Math.min(from + sliceBytes, bytes.length));
  }
  return hash;
}

function mixed(hash: ContentHash, bytes: Uint8Array, from: number, to: number): ContentHash {
  let { high, low } = hash;
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at] as number;
    high = Math.imul(high ^ byte, 0x01000193);
    low = Math.imul(low ^ byte, 0x5bd1e995);
    low ^= low >>> 15;
  }
  return { high: high >>> 0, low: low >>> 0 };
}
