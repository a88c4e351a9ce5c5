import { join } from 'node:path';
import type { FileSystem } from './file-system.ts';
import {
  decodeSnapshotHeader,
  encodeSnapshotHeader,
  formatVersion,
  type SnapshotHeader,
  snapshotHeaderBytes,
  snapshotMagic,
  startsWith,
  viewOf,
} from './format.ts';
import { readFully } from './read-fully.ts';
import { storageFaults } from './storage-faults.ts';
import { writeAll } from './write-all.ts';

/** A snapshot as it was found. */
export interface SnapshotFile {
  readonly header: SnapshotHeader;
  readonly bytes: Uint8Array;
}

const snapshotName = /^snapshot-(\d{16})\.snap$/;

/** Where a snapshot is. */
export function snapshotPath(directory: string, number: number): string {
  return join(directory, `snapshot-${String(number).padStart(16, '0')}.snap`);
}

/** The number of a snapshot, from its name. */
export function snapshotNumber(name: string): number | undefined {
  const digits = snapshotName.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Writes a snapshot beside the others, under its own name only once it is whole and durable. */
export async function writeSnapshot(
  files: FileSystem,
  directory: string,
  header: SnapshotHeader,
  bytes: Uint8Array,
): Promise<void> {
  const path = snapshotPath(directory, header.number);
  const temporary = `${path}.tmp`;
  const file = await files.open(temporary, 'create');
  try {
    await writeAll(file, [encodeSnapshotHeader(header, bytes), bytes], 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await files.rename(temporary, path);
  await files.syncDirectory(directory);
}

/** Reads a snapshot; rejects with a `StorageError` where it is not whole. */
export async function readSnapshot(files: FileSystem, directory: string, number: number): Promise<SnapshotFile> {
  const path = snapshotPath(directory, number);
  const file = await files.open(path, 'read');
  try {
    const whole = await readFully(file, 0, await file.length());
    if (whole.length < snapshotHeaderBytes)
      throw storageFaults.corrupt(path, whole.length, 'the snapshot ends within its header');
    if (!startsWith(whole, snapshotMagic)) throw storageFaults.corrupt(path, 0, 'this is no snapshot');
    const version = viewOf(whole).getUint32(8, true);
    if (version !== formatVersion) throw storageFaults.unknownVersion(path, version, formatVersion);
    const bytes = whole.subarray(snapshotHeaderBytes);
    const header = decodeSnapshotHeader(whole, bytes);
    if (header === undefined)
      throw storageFaults.corrupt(path, snapshotHeaderBytes, 'the checksum of the snapshot fails');
    if (header.number !== number)
      throw storageFaults.corrupt(path, 32, `this is snapshot ${header.number} under another's name`);
    return { header, bytes };
  } finally {
    await file.close();
  }
}
