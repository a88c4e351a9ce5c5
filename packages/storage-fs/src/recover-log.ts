import { join } from 'node:path';
import type { FileSystem, OpenFile } from './file-system.ts';
import {
  decodeSegmentHeader,
  formatVersion,
  frameKinds,
  type SegmentHeader,
  segmentHeaderBytes,
  segmentMagic,
  startsWith,
  viewOf,
} from './format.ts';
import { syncPath } from './make-directories.ts';
import { makeSegment, writeZeros } from './make-segment.ts';
import { readFully } from './read-fully.ts';
import { type LastFrame, scanSegment } from './scan-segment.ts';
import { Segment, segmentNumber, segmentPath } from './segment.ts';
import { readSnapshot, type SnapshotFile, snapshotNumber, snapshotPath } from './snapshot-file.ts';
import { storageFaults } from './storage-faults.ts';
import { writeAll } from './write-all.ts';

/** A log as it was found, mended where a crash had cut off its last write. */
export interface RecoveredLog {
  readonly logId: Uint8Array;
  readonly snapshot: SnapshotFile | undefined;
  /** In order; the last one is the one to write to. */
  readonly segments: readonly Segment[];
  /** The last segment, open for writing. */
  readonly file: OpenFile;
  /** A segment that is made already, for when the last one is full. */
  readonly spare: SegmentHeader | undefined;
  /** Whether the log was closed, so that its end needs no mark. */
  readonly isAtRest: boolean;
}

interface Found {
  readonly segments: Segment[];
  spare: SegmentHeader | undefined;
  /** The last whole frame of the log. */
  last: { readonly segment: Segment; readonly frame: LastFrame } | undefined;
  tornEnd: number;
}

/** Reads what is in a directory, or begins a new log there. Rejects with a `StorageError` where more is damaged than a crash explains. */
export async function recoverLog(files: FileSystem, directory: string, capacityBytes: number): Promise<RecoveredLog> {
  const names = await files.list(directory);
  const newest = Math.max(0, ...names.map((name) => snapshotNumber(name) ?? 0));
  const snapshot = newest === 0 ? undefined : await readSnapshot(files, directory, newest);
  const numbers = names.flatMap((name) => segmentNumber(name) ?? []).sort((a, b) => a - b);
  const first = snapshot?.header.firstSegment ?? 1;
  const kept = numbers.filter((number) => number >= first);
  if (numbers.length === 0 && snapshot === undefined) return await beginLog(files, directory, names, capacityBytes);
  for (let number = first; number <= (kept.at(-1) ?? first); number += 1) {
    if (!kept.includes(number))
      throw storageFaults.corrupt(segmentPath(directory, number), 0, 'this segment of the log is missing');
  }
  const found = await scanAll(files, directory, kept, snapshot);
  const file = await mend(files, found);
  try {
    await clear(files, directory, names, first, newest);
  } catch (error) {
    await file.close().catch(() => {});
    throw error;
  }
  const [
    {
      header: { logId },
    },
  ] = found.segments as [Segment];
  const isAtRest = found.last === undefined || found.last.frame.kind !== frameKinds.records;
  return { logId, snapshot, segments: found.segments, file, spare: found.spare, isAtRest };
}

async function beginLog(
  files: FileSystem,
  directory: string,
  names: readonly string[],
  capacityBytes: number,
): Promise<RecoveredLog> {
  const header = { logId: files.uniqueId(), number: 1, capacityBytes };
  // Nothing is kept in a directory whose own name may be lost.
  await syncPath(files, directory);
  await clear(files, directory, names, 1, 0);
  const file = (await makeSegment(files, directory, header, () => false)) as OpenFile;
  const segments = [new Segment(directory, header, 1, 1)];
  return { logId: header.logId, snapshot: undefined, segments, file, spare: undefined, isAtRest: true };
}

async function scanAll(
  files: FileSystem,
  directory: string,
  numbers: readonly number[],
  snapshot: SnapshotFile | undefined,
): Promise<Found> {
  const found: Found = { segments: [], spare: undefined, last: undefined, tornEnd: 0 };
  let logId = snapshot?.header.logId;
  let frame = snapshot?.header.firstFrame ?? 1;
  let sequence = snapshot?.header.firstSequence ?? 1;
  for (const number of numbers) {
    const path = segmentPath(directory, number);
    const file = await files.open(path, 'read');
    try {
      const header = await readHeader(file, path, number);
      logId ??= header.logId;
      if (Buffer.compare(logId, header.logId) !== 0)
        throw storageFaults.corrupt(path, 32, 'this segment belongs to another log');
      const segment = new Segment(directory, header, frame, sequence);
      const { last, tornEnd } = await scanSegment(file, segment);
      const before = found.segments.at(-1);
      if (before === undefined || before.isSealed) {
        found.segments.push(segment);
        found.tornEnd = tornEnd;
        if (last !== undefined) found.last = { segment, frame: last };
      } else if (last !== undefined || tornEnd > segment.endOffset) {
        throw storageFaults.corrupt(
          before.path,
          before.endOffset,
          'the end of this segment is damaged, and the next one holds records',
        );
      } else {
        found.spare ??= header;
      }
      ({ endFrame: frame, endSequence: sequence } = segment);
    } finally {
      await file.close();
    }
  }
  const end = found.segments.at(-1);
  if (end?.isSealed)
    throw storageFaults.corrupt(segmentPath(directory, end.number + 1), 0, 'this segment of the log is missing');
  if (end !== undefined && snapshot !== undefined && snapshot.header.position > sequence) {
    const what = `the log ends before record ${snapshot.header.position}, up to which the snapshot stands for it`;
    throw storageFaults.corrupt(end.path, end.endOffset, what);
  }
  return found;
}

async function readHeader(file: OpenFile, path: string, number: number): Promise<SegmentHeader> {
  const bytes = await readFully(file, 0, segmentHeaderBytes);
  if (bytes.length < segmentHeaderBytes)
    throw storageFaults.corrupt(path, bytes.length, 'the segment ends within its header');
  if (!startsWith(bytes, segmentMagic)) throw storageFaults.corrupt(path, 0, 'this is no segment of a log');
  const version = viewOf(bytes).getUint32(8, true);
  if (version !== formatVersion) throw storageFaults.unknownVersion(path, version, formatVersion);
  const header = decodeSegmentHeader(bytes);
  if (header === undefined) throw storageFaults.corrupt(path, 16, 'the checksum of the header fails');
  if (header.number !== number)
    throw storageFaults.corrupt(path, 16, `this is segment ${header.number} under another's name`);
  // A segment is made in its full length, so a crash does not shorten it.
  const length = await file.length();
  if (length < header.capacityBytes)
    throw storageFaults.corrupt(path, length, `the file is cut off: it was ${header.capacityBytes} bytes`);
  return header;
}

/**
 * Clears what is left of a write that was cut off. The last whole frame is written once more: where the sync of it failed
 * before the restart, it may be in the system's memory only, and no later sync would say so.
 */
async function mend(files: FileSystem, { segments, last, tornEnd }: Found): Promise<OpenFile> {
  const end = segments.at(-1) as Segment;
  const file = await files.open(end.path, 'write');
  try {
    await writeZeros(file, end.endOffset, tornEnd);
    if (last !== undefined && last.segment === end) await writeAgain(file, last.frame);
    await file.sync();
    if (last !== undefined && last.segment !== end) {
      const before = await files.open(last.segment.path, 'write');
      try {
        await writeAgain(before, last.frame);
        await before.sync();
      } finally {
        await before.close();
      }
    }
    return file;
  } catch (error) {
    await file.close().catch(() => {});
    throw error;
  }
}

async function writeAgain(file: OpenFile, { offset, bytesLength }: LastFrame): Promise<void> {
  const chunkBytes = 1_048_576;
  for (let at = 0; at < bytesLength; at += chunkBytes) {
    const bytes = await readFully(file, offset + at, Math.min(chunkBytes, bytesLength - at));
    await writeAll(file, [bytes], offset + at);
  }
}

/** Removes what a crash left half done, and what the newest snapshot replaced. */
async function clear(
  files: FileSystem,
  directory: string,
  names: readonly string[],
  firstSegment: number,
  newestSnapshot: number,
): Promise<void> {
  for (const name of names) {
    const isDraft = /^(log|snapshot)-\d{16}\.(seg|snap)\.tmp$/.test(name);
    const segment = segmentNumber(name);
    const number = snapshotNumber(name);
    if (segment !== undefined && segment < firstSegment) await files.remove(segmentPath(directory, segment));
    else if (number !== undefined && number < newestSnapshot) await files.remove(snapshotPath(directory, number));
    else if (isDraft) await files.remove(join(directory, name));
  }
  await files.syncDirectory(directory);
}
