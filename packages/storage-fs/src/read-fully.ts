import type { OpenFile } from './file-system.ts';

/** Reads bytes of a file; fewer than asked for only where it ends. */
export async function readFully(file: OpenFile, position: number, length: number): Promise<Uint8Array> {
  const target = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const count = await file.read(target.subarray(filled), position + filled);
    if (count === 0) break;
    filled += count;
  }
  return target.subarray(0, filled);
}
