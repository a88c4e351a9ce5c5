import type { Storage } from '@paxakos/core/contracts';
import { type FsStorageOptions, fsStorageOver } from './fs-storage-over.ts';
import { nodeFileSystem } from './node-file-system.ts';

/**
 * A storage in files: what its `append` and `saveSnapshot` resolved survives a crash of the process, of the machine, and a power
 * cut. Nothing is touched before `open`.
 *
 * Throws an `InvalidError` (PAXAKOS_INVALID) for an option that is not what it must be. `open` rejects with a `StorageError`:
 * PAXAKOS_STORAGE_LOCKED, _CORRUPT, _VERSION, _FULL or _FAILED; `append` and `saveSnapshot` with _POISONED, _FULL or _CLOSED;
 * `read` with those, and with _CORRUPT or _FAILED.
 */
export function fsStorage(options: FsStorageOptions): Storage {
  return fsStorageOver(nodeFileSystem, options);
}
