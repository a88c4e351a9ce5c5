import { StorageError, type StorageErrorCode } from '@paxakos/core/contracts';

const repair =
  'stop the node, move the directory away, and start it with an empty one: it comes back passive and is repaired by its peers';

/** The log is damaged where no crash damages it. */
function corrupt(path: string, offset: number, what: string): StorageError {
  return new StorageError('PAXAKOS_STORAGE_CORRUPT', `${path}, byte ${offset}: ${what}. To go on, ${repair}.`);
}

/** The file is of a version that this one does not know. */
function unknownVersion(path: string, version: number, known: number): StorageError {
  const message = `${path} is of format version ${version}; this release knows version ${known}: start the release that wrote it`;
  return new StorageError('PAXAKOS_STORAGE_VERSION', message);
}

/** The storage was never opened, or has been closed. */
function notOpen(directory: string): StorageError {
  return new StorageError('PAXAKOS_STORAGE_CLOSED', `the storage in ${directory} is not open`);
}

/** What a failed write or sync leaves: nothing is acknowledged any more. */
function poisoned(directory: string, cause: unknown): StorageError {
  if (cause instanceof StorageError) return cause;
  const isFull = codeOf(cause) === 'ENOSPC' || codeOf(cause) === 'EDQUOT';
  const code: StorageErrorCode = isFull ? 'PAXAKOS_STORAGE_FULL' : 'PAXAKOS_STORAGE_POISONED';
  const what = isFull ? 'the disk is full: make room' : `a write or sync failed (${reasonOf(cause)}): check the disk`;
  return new StorageError(code, `${directory}: ${what}, then restart the node; until then nothing is acknowledged`, {
    cause,
  });
}

/** Opening or reading failed for a reason outside of the log. */
function failed(directory: string, cause: unknown): StorageError {
  if (cause instanceof StorageError) return cause;
  const code = codeOf(cause);
  if (code === 'ENOSPC' || code === 'EDQUOT') return poisoned(directory, cause);
  const message = `${directory} cannot be used (${reasonOf(cause)}): ${remedies.get(code ?? '') ?? 'check the directory and its disk'}`;
  return new StorageError('PAXAKOS_STORAGE_FAILED', message, { cause });
}

/** The code of an error of Node's. */
export function codeOf(error: unknown): string | undefined {
  return (error as { code?: string } | undefined)?.code;
}

const remedies = new Map([
  ['EACCES', 'let this user read and write it'],
  ['EPERM', 'let this user read and write it'],
  ['EROFS', 'its file system is read-only: mount it for writing, or name another directory'],
  ['EEXIST', 'there is a file of that name: name a directory'],
  ['ENOTDIR', 'there is a file in its path: name a directory'],
  ['EMFILE', 'raise the limit of open files'],
  ['ENFILE', 'raise the limit of open files'],
]);

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** The errors of this storage, each with what to do about it. */
export const storageFaults: {
  readonly corrupt: typeof corrupt;
  readonly unknownVersion: typeof unknownVersion;
  readonly notOpen: typeof notOpen;
  readonly poisoned: typeof poisoned;
  readonly failed: typeof failed;
} = { corrupt, unknownVersion, notOpen, poisoned, failed };
