import { dirname } from 'node:path';
import type { FileSystem } from './file-system.ts';
import { codeOf } from './storage-faults.ts';

/** A directory that this user cannot read, or that knows no sync, is not one in which this storage made something. */
const foreign: ReadonlySet<string | undefined> = new Set(['EACCES', 'EPERM', 'EINVAL']);

/** Makes a directory and those above it that are missing, each durable in its parent. */
export async function makeDirectories(files: FileSystem, path: string): Promise<void> {
  const parent = dirname(path);
  let isMade: boolean;
  try {
    isMade = await files.makeDirectory(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' || parent === path) throw error;
    await makeDirectories(files, parent);
    isMade = await files.makeDirectory(path);
  }
  if (isMade) await files.syncDirectory(parent);
}

/** Makes durable the names of a directory and of all above it, which an earlier life may have made without coming to their sync. */
export async function syncPath(files: FileSystem, path: string): Promise<void> {
  for (let at = path; dirname(at) !== at; at = dirname(at)) {
    try {
      await files.syncDirectory(dirname(at));
    } catch (error) {
      if (!foreign.has(codeOf(error))) throw error;
    }
  }
}
