import { InvalidError, type Storage } from '@paxakos/core/contracts';
import type { FileSystem } from './file-system.ts';
import { StableStorage } from './stable-storage.ts';

/** How a storage in files behaves. */
export interface FsStorageOptions {
  /** Where the files are; made where it is missing. One node's alone. */
  readonly directory: string;
  /** How long a file of the log is, in bytes; it has that length from the beginning. Default: 16 MiB. */
  readonly segmentBytes?: number;
  /** What is kept of that which a snapshot stands for, for peers that fall behind. Both limits hold, in whole segments. */
  readonly retain?: {
    /** Rounds at or below the snapshot. Default: 1,000,000. */
    readonly entries?: number;
    /** In bytes. Default: 256 MiB. */
    readonly bytes?: number;
  };
}

export type { DirectoryLock, FileSystem, OpenFile } from './file-system.ts';

const mebibyte = 1_048_576;
const segmentBytesMin = 4_096;

/**
 * As `fsStorage`, over another file system than the machine's own: for simulations of disks, and of what breaks on them.
 *
 * Throws an `InvalidError` (PAXAKOS_INVALID) for an option that is not what it must be.
 */
export function fsStorageOver(files: FileSystem, options: FsStorageOptions): Storage {
  const { directory, segmentBytes = 16 * mebibyte, retain = {} } = options;
  const { entries = 1_000_000, bytes = 256 * mebibyte } = retain;
  if (typeof directory !== 'string' || directory === '' || directory.includes('\0')) {
    throw new InvalidError('directory', directory, 'give the path of a directory, one for each node');
  }
  if (!Number.isSafeInteger(segmentBytes) || segmentBytes < segmentBytesMin) {
    throw new InvalidError('segmentBytes', segmentBytes, `give a whole number of bytes, from ${segmentBytesMin}`);
  }
  checkLimit('retain.entries', entries, 'rounds');
  checkLimit('retain.bytes', bytes, 'bytes');
  return new StableStorage(files, { directory, segmentBytes, retain: { entries, bytes } });
}

function checkLimit(option: string, value: number, unit: string): void {
  const isLimit = value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && value >= 0);
  if (!isLimit) throw new InvalidError(option, value, `give a whole number of ${unit}, from 0, or Infinity`);
}
