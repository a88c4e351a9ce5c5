/** One open file. Positions and lengths are in bytes. */
export interface OpenFile {
  /** Reads into `target` from `position` on; gives how much was read, 0 at the end of the file. */
  read(target: Uint8Array, position: number): Promise<number>;
  /** Writes the buffers one after another; gives how much was written, which may be less. */
  write(buffers: readonly Uint8Array[], position: number): Promise<number>;
  /** Resolves when all that was written, and the length of the file, would survive a power cut. */
  sync(): Promise<void>;
  length(): Promise<number>;
  close(): Promise<void>;
}

/** An exclusive hold of a directory. */
export interface DirectoryLock {
  release(): Promise<void>;
}

/**
 * All that the storage asks of its surroundings. Failures reject with errors that carry the `code` of Node's `fs`; a lock that
 * another one holds rejects with a `StorageError`.
 */
export interface FileSystem {
  /** Makes one directory; gives false where it is there already. Fails with ENOENT where its parent is missing. */
  makeDirectory(path: string): Promise<boolean>;
  /** The names in a directory, in any order. */
  list(path: string): Promise<string[]>;
  /** Opens a file: to `read`, to `write` one that exists, or to `create` one that is empty. */
  open(path: string, how: 'read' | 'write' | 'create'): Promise<OpenFile>;
  /** Replaces what is at `to`. */
  rename(from: string, to: string): Promise<void>;
  /** Fails with ENOENT where there is no such file. */
  remove(path: string): Promise<void>;
  /** Resolves when the names in a directory would survive a power cut. */
  syncDirectory(path: string): Promise<void>;
  /** Holds the directory until released, or until the process is gone. */
  lock(directory: string): Promise<DirectoryLock>;
  /** 16 bytes that no other log has. */
  uniqueId(): Uint8Array;
  /** Calls back once what else happens in this turn of the event loop has happened. */
  atEndOfTurn(callback: () => void): void;
}
