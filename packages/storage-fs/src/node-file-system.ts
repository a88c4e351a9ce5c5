import { randomBytes } from 'node:crypto';
import {
  close,
  constants,
  fdatasync,
  fstat,
  fsync,
  mkdir,
  open,
  read,
  readdir,
  rename,
  unlink,
  write,
  writev,
} from 'node:fs';
import { lockDirectory } from './directory-lock.ts';
import type { DirectoryLock, FileSystem, OpenFile } from './file-system.ts';

const flags = {
  read: constants.O_RDONLY,
  write: constants.O_RDWR,
  create: constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC,
};

/** Node takes no more than 2^31 - 1 bytes at once. */
const onceBytesMax = 1_073_741_824;

type Done<T> = (error: Error | null, value: T) => void;

/** Node's callback functions cost the least; one promise goes around each. */
function promised<T>(start: (end: Done<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, value) => (error === null || error === undefined ? resolve(value) : reject(error)));
  });
}

function done(start: (end: (error: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) => (error === null || error === undefined ? resolve() : reject(error)));
  });
}

class NodeFile implements OpenFile {
  readonly #descriptor: number;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  read(target: Uint8Array, position: number): Promise<number> {
    return promised((end) => read(this.#descriptor, target, 0, Math.min(target.length, onceBytesMax), position, end));
  }

  write(buffers: readonly Uint8Array[], position: number): Promise<number> {
    const [first] = buffers;
    if (buffers.length === 1 && first !== undefined) {
      return promised((end) => write(this.#descriptor, first, 0, Math.min(first.length, onceBytesMax), position, end));
    }
    return promised((end) => writev(this.#descriptor, buffers as Uint8Array[], position, end));
  }

  sync(): Promise<void> {
    return done((end) => fdatasync(this.#descriptor, end));
  }

  async length(): Promise<number> {
    const { size } = await promised<{ size: number }>((end) => fstat(this.#descriptor, end));
    return size;
  }

  close(): Promise<void> {
    return done((end) => close(this.#descriptor, end));
  }
}

async function syncDirectory(path: string): Promise<void> {
  // Windows has no descriptors of directories; its file system keeps names in its journal.
  if (process.platform === 'win32') return;
  const descriptor = await promised<number>((end) => open(path, 'r', end));
  try {
    await done((end) => fsync(descriptor, end));
  } finally {
    await done((end) => close(descriptor, end));
  }
}

/** The machine's own files. */
export const nodeFileSystem: FileSystem = {
  async makeDirectory(path) {
    try {
      await done((end) => mkdir(path, end));
      return true;
    } catch (error) {
      if ((error as { code?: string }).code !== 'EEXIST') throw error;
      return false;
    }
  },
  list: (path) => promised<string[]>((end) => readdir(path, end)),
  open: async (path, how) => new NodeFile(await promised<number>((end) => open(path, flags[how], 0o600, end))),
  rename: (from, to) => done((end) => rename(from, to, end)),
  remove: (path) => done((end) => unlink(path, end)),
  syncDirectory,
  lock: (directory): Promise<DirectoryLock> => lockDirectory(directory),
  uniqueId: () => randomBytes(16),
  atEndOfTurn: (callback) => void setImmediate(callback),
};
