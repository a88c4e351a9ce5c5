import type { FileSystem, OpenFile } from './file-system.ts';
import { encodeSegmentHeader, type SegmentHeader } from './format.ts';
import { segmentPath } from './segment.ts';
import { writeAll } from './write-all.ts';

const chunkBytes = 262_144;
const zeros = new Uint8Array(chunkBytes);

/**
 * Makes a segment that is all there before it bears its name: header, zeros to its full length, synced. A crash leaves either
 * nothing under that name, or the whole of it.
 */
export async function makeSegment(
  files: FileSystem,
  directory: string,
  header: SegmentHeader,
  shallStop: () => boolean,
): Promise<OpenFile | undefined> {
  const path = segmentPath(directory, header.number);
  const temporary = `${path}.tmp`;
  const file = await files.open(temporary, 'create');
  try {
    await writeAll(file, [encodeSegmentHeader(header)], 0);
    await writeZeros(file, encodeSegmentHeader(header).length, header.capacityBytes, shallStop);
    if (!shallStop()) {
      await file.sync();
      await files.rename(temporary, path);
      await files.syncDirectory(directory);
      return file;
    }
  } catch (error) {
    await file.close().catch(() => {});
    throw error;
  }
  await file.close();
  await files.remove(temporary);
  return undefined;
}

/** Writes zeros from one offset up to another. */
export async function writeZeros(
  file: OpenFile,
  from: number,
  to: number,
  shallStop: () => boolean = () => false,
): Promise<void> {
  for (let at = from; at < to && !shallStop(); at += chunkBytes) {
    await writeAll(file, [zeros.subarray(0, Math.min(chunkBytes, to - at))], at);
  }
}
