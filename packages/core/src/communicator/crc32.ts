const sliceCount = 16;

/** Slice n holds what a byte adds when n more bytes follow it. */
const slices: Int32Array = makeSlices();

function makeSlices(): Int32Array {
  const table = new Int32Array(sliceCount * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    table[byte] = crc;
  }
  for (let at = 256; at < table.length; at++) {
    const previous = table[at - 256] as number;
    table[at] = (previous >>> 8) ^ (table[previous & 255] as number);
  }
  return table;
}

function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}

/** Looks a word up in four neighbouring slices, the highest of which starts at `slice`. */
function fold(value: number, slice: number): number {
  return (
    (slices[slice + (value & 255)] as number) ^
    (slices[slice - 256 + ((value >>> 8) & 255)] as number) ^
    (slices[slice - 512 + ((value >>> 16) & 255)] as number) ^
    (slices[slice - 768 + (value >>> 24)] as number)
  );
}

/**
 * The CRC-32 of zlib, PNG and Ethernet (ISO 3309), of `bytes` from `from` up to, not including, `to`.
 *
 * Sixteen bytes a step (Kounavis and Berry, 2005): about 2 GB/s, which is why core needs nothing of the platform for it.
 */
export function crc32(bytes: Uint8Array, from = 0, to: number = bytes.length): number {
  let crc = -1;
  let at = from;
  for (const end = to - 15; at < end; at += 16) {
    crc =
      fold(crc ^ word(bytes, at), 15 * 256) ^
      fold(word(bytes, at + 4), 11 * 256) ^
      fold(word(bytes, at + 8), 7 * 256) ^
      fold(word(bytes, at + 12), 3 * 256);
  }
  for (; at < to; at++) crc = (crc >>> 8) ^ (slices[(crc ^ (bytes[at] as number)) & 255] as number);
  return ~crc >>> 0;
}
