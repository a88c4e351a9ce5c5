import { StorageError } from '@paxakos/core/contracts';
import type { DirectoryLock, FileSystem, OpenFile } from '../src/file-system.ts';

const sectorBytes = 512;

interface Inode {
  /** What programs see. */
  bytes: Uint8Array;
  /** What a power cut leaves for certain. */
  durable: Uint8Array;
  /** Sectors written since, and lengths: each may reach the disk, or not. */
  pending: { readonly at: number; readonly bytes: Uint8Array }[];
}

interface Names {
  readonly seen: Map<string, Inode>;
  durable: Map<string, Inode>;
  pending: ((names: Map<string, Inode>) => void)[];
}

function codeError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}

/**
 * A disk with a crash model: at a power cut each sector that was not synced is as it was or as it was written, each alone, and
 * so is each name that was made, renamed or removed since the last sync of its directory.
 */
export class SimulatedDisk implements FileSystem {
  /** Every call that changes something, in order: the place to cut the power, or to fail. */
  calls: string[] = [];
  /** Called with the number of each such call, from 0; may throw to make it fail. */
  onCall: (index: number, name: string, path: string) => void = () => {};
  /** At most so many bytes are written by one write. */
  writeBytesMax: number = Number.POSITIVE_INFINITY;
  openFiles = 0;
  /** Whether a call takes a turn of the event loop, so that much can happen meanwhile. */
  isSlow = false;
  #isOff = false;
  readonly #directories: Map<string, Names> = new Map();
  /** Directories that their parents do not know for certain. */
  readonly #newDirectories: Set<string> = new Set();
  #locked: Set<string> = new Set();
  #ids = 0;

  constructor() {
    this.#directories.set('/', { seen: new Map(), durable: new Map(), pending: [] });
  }

  /** Cuts the power: whoever uses this disk waits for ever. `isKept` says of each change not synced whether it reached the disk. */
  cut(isKept: () => boolean): SimulatedDisk {
    this.#isOff = true;
    const after = new SimulatedDisk();
    const inodes = new Map<Inode, Inode>();
    const lost = [...this.#newDirectories].filter(() => !isKept());
    for (const [path, { durable, pending }] of this.#directories) {
      if (lost.some((gone) => path === gone || path.startsWith(`${gone}/`))) continue;
      const names = new Map(durable);
      for (const change of pending) if (isKept()) change(names);
      const seen = new Map<string, Inode>();
      for (const [name, inode] of names) {
        const left = inodes.get(inode) ?? afterCut(inode, isKept);
        inodes.set(inode, left);
        seen.set(name, left);
      }
      after.#directories.set(path, { seen, durable: new Map(seen), pending: [] });
    }
    after.#ids = this.#ids;
    return after;
  }

  /** The same contents, with nothing pending: a disk to be damaged on purpose. */
  copy(): SimulatedDisk {
    const isOff = this.#isOff;
    const copied = this.cut(() => true);
    this.#isOff = isOff;
    return copied;
  }

  /** The bytes of a file, to be looked at or damaged; `replace` also changes the length. */
  bytes(path: string): Uint8Array {
    return this.#inode(path).bytes;
  }

  replace(path: string, bytes: Uint8Array): void {
    const inode = this.#inode(path);
    inode.bytes = bytes;
    inode.durable = bytes.slice();
  }

  async makeDirectory(path: string): Promise<boolean> {
    await this.#change('makeDirectory', path);
    if (this.#directories.has(path)) return false;
    if (!this.#directories.has(parentOf(path))) throw codeError('ENOENT', path);
    this.#directories.set(path, { seen: new Map(), durable: new Map(), pending: [] });
    this.#newDirectories.add(path);
    return true;
  }

  async list(path: string): Promise<string[]> {
    await this.#turn();
    return [...this.#names(path).seen.keys()];
  }

  async open(path: string, how: 'read' | 'write' | 'create'): Promise<OpenFile> {
    if (how === 'create') {
      await this.#change('create', path);
      const inode: Inode = { bytes: new Uint8Array(0), durable: new Uint8Array(0), pending: [] };
      this.#rename(path, (names) => names.set(nameOf(path), inode));
    } else await this.#turn();
    this.openFiles += 1;
    return this.#file(path, this.#inode(path));
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#change('rename', to);
    const inode = this.#inode(from);
    this.#rename(to, (names) => {
      names.delete(nameOf(from));
      names.set(nameOf(to), inode);
    });
  }

  async remove(path: string): Promise<void> {
    await this.#change('remove', path);
    this.#inode(path);
    this.#rename(path, (names) => names.delete(nameOf(path)));
  }

  async syncDirectory(path: string): Promise<void> {
    await this.#change('syncDirectory', path);
    const names = this.#names(path);
    names.durable = new Map(names.seen);
    names.pending = [];
    for (const made of this.#newDirectories) if (parentOf(made) === path) this.#newDirectories.delete(made);
  }

  async lock(directory: string): Promise<DirectoryLock> {
    await this.#turn();
    if (this.#locked.has(directory)) throw new StorageError('PAXAKOS_STORAGE_LOCKED', `${directory} is in use`);
    this.#locked.add(directory);
    return {
      release: async () => {
        this.#locked.delete(directory);
      },
    };
  }

  uniqueId(): Uint8Array {
    this.#ids += 1;
    return new Uint8Array(16).fill(this.#ids);
  }

  atEndOfTurn(callback: () => void): void {
    setImmediate(callback);
  }

  #file(path: string, inode: Inode): OpenFile {
    return {
      read: async (target, position) => {
        await this.#turn();
        const part = inode.bytes.subarray(position, position + target.length);
        target.set(part);
        return part.length;
      },
      write: async (buffers, position) => {
        await this.#change('write', path);
        const whole = Buffer.concat(buffers).subarray(0, this.writeBytesMax);
        write(inode, position, whole);
        return whole.length;
      },
      sync: async () => {
        try {
          await this.#change('sync', path);
          inode.durable = applied(inode, () => true);
        } finally {
          inode.pending = []; // a failed sync leaves pages that count as written
        }
      },
      length: async () => inode.bytes.length,
      close: async () => {
        this.openFiles -= 1;
      },
    };
  }

  async #change(name: string, path: string): Promise<void> {
    await this.#turn();
    if (this.isSlow) await new Promise(setImmediate);
    await this.#turn();
    this.calls.push(`${name} ${nameOf(path)}`);
    this.onCall(this.calls.length - 1, name, path);
    await this.#turn();
  }

  async #turn(): Promise<void> {
    if (this.#isOff) await new Promise(() => {});
  }

  #names(path: string): Names {
    const names = this.#directories.get(path);
    if (names === undefined) throw codeError('ENOENT', path);
    return names;
  }

  #inode(path: string): Inode {
    const inode = this.#names(parentOf(path)).seen.get(nameOf(path));
    if (inode === undefined) throw codeError('ENOENT', path);
    return inode;
  }

  #rename(path: string, change: (names: Map<string, Inode>) => void): void {
    const names = this.#names(parentOf(path));
    change(names.seen);
    names.pending.push(change);
  }
}

function write(inode: Inode, position: number, bytes: Uint8Array): void {
  const end = position + bytes.length;
  if (end > inode.bytes.length) {
    const longer = new Uint8Array(end);
    longer.set(inode.bytes);
    inode.bytes = longer;
  }
  inode.bytes.set(bytes, position);
  for (let at = position; at < end; at = nextSector(at)) {
    inode.pending.push({ at, bytes: bytes.slice(at - position, Math.min(nextSector(at), end) - position) });
  }
}

function nextSector(at: number): number {
  return (Math.floor(at / sectorBytes) + 1) * sectorBytes;
}

function afterCut(inode: Inode, isKept: () => boolean): Inode {
  const bytes = applied(inode, isKept);
  return { bytes, durable: bytes.slice(), pending: [] };
}

function applied({ durable, pending }: Inode, isKept: () => boolean): Uint8Array {
  let bytes = durable.slice();
  for (const change of pending) {
    if (!isKept()) continue;
    const end = change.at + change.bytes.length;
    if (end > bytes.length) {
      const longer = new Uint8Array(end);
      longer.set(bytes);
      bytes = longer;
    }
    bytes.set(change.bytes, change.at);
  }
  return bytes;
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
