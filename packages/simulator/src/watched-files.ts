import type { FileSystem, OpenFile } from '@paxakos/storage-fs/file-system';

/** The same files; `onError` is told the code of each error that their disk gives, before its caller is. */
export function watchedFiles(files: FileSystem, onError: (code: string | undefined) => void): FileSystem {
  const told = (error: unknown): never => {
    onError((error as { code?: string } | undefined)?.code);
    throw error;
  };
  const watched = async (path: string, how: 'read' | 'write' | 'create'): Promise<OpenFile> => {
    const file = await files.open(path, how).catch(told);
    return {
      read: (target, position) => file.read(target, position).catch(told),
      write: (buffers, position) => file.write(buffers, position).catch(told),
      sync: () => file.sync().catch(told),
      length: () => file.length().catch(told),
      close: () => file.close().catch(told),
    };
  };
  return {
    makeDirectory: (path) => files.makeDirectory(path).catch(told),
    list: (path) => files.list(path).catch(told),
    open: watched,
    rename: (from, to) => files.rename(from, to).catch(told),
    remove: (path) => files.remove(path).catch(told),
    syncDirectory: (path) => files.syncDirectory(path).catch(told),
    lock: (directory) => files.lock(directory).catch(told),
    uniqueId: () => files.uniqueId(),
    atEndOfTurn: (callback) => files.atEndOfTurn(callback),
  };
}
