import type { OpenFile } from './file-system.ts';

/** Writes the buffers to their end, however little the system takes at once. */
export async function writeAll(file: OpenFile, buffers: readonly Uint8Array[], position: number): Promise<void> {
  let rest = buffers;
  let at = position;
  for (;;) {
    let left = 0;
    for (const buffer of rest) left += buffer.length;
    if (left === 0) return;
    const written = await file.write(rest, at);
    if (written === left) return;
    if (written <= 0) throw new Error(`a write of ${left} bytes wrote ${written}`);
    at += written;
    rest = without(rest, written);
  }
}

/** The buffers without their first bytes. */
function without(buffers: readonly Uint8Array[], count: number): readonly Uint8Array[] {
  let skip = count;
  for (const [index, buffer] of buffers.entries()) {
    if (skip < buffer.length) return [buffer.subarray(skip), ...buffers.slice(index + 1)];
    skip -= buffer.length;
  }
  return [];
}
