import type { FileSystem } from '../src/file-system.ts';
import { nodeFileSystem } from '../src/node-file-system.ts';

/**
 * The machine's own files without what takes time, and is not at stake where one process opens thousands of directories one
 * after another: the process that holds the lock, and waiting for the disk.
 */
export const hastyFiles: FileSystem = {
  ...nodeFileSystem,
  lock: async () => ({ release: async () => {} }),
  open: async (path, how) => Object.assign(await nodeFileSystem.open(path, how), { sync: async () => {} }),
  syncDirectory: async () => {},
};
