import { StorageError } from '@paxakos/core/contracts';
import type { FileSystem, OpenFile } from '@paxakos/storage-fs/file-system';
import type { Life } from './life.ts';
import type { Scheduler } from './scheduler.ts';
import type { Seeded } from './seeded.ts';
import { SimulatedFile } from './simulated-file.ts';

type Names = Map<string, SimulatedFile>;

/** What is wrong with a disk. */
export interface DiskFaults {
  /** Whether nothing more can be written. */
  isFull: boolean;
  /** Whether nothing is answered. */
  isHung: boolean;
  /** How many times as long everything takes. */
  slowness: number;
  /** Which call fails next, if one does. */
  fails: 'sync' | 'write' | undefined;
  /** Called before each change, with what may crash the node. */
  onChange: () => void;
}

/** The one directory of a node. */
export const simulatedDirectory = '/log';

/**
 * The disk of one node, with a crash model: when the node crashes, each sector that was not synced is as it was or as it was
 * written, each alone, and so is each name that was made, renamed or removed since the last sync of its directory.
 */
export class SimulatedDisk {
  readonly #scheduler: Scheduler;
  readonly #random: Seeded;
  readonly faults: DiskFaults = { isFull: false, isHung: false, slowness: 1, fails: undefined, onChange: () => {} };
  #isMade = false;
  #seen: Names = new Map();
  #durable: Names = new Map();
  #pending: ((names: Names) => void)[] = [];
  #holder: Life | undefined;
  #ids = 0;
  #waiting: (() => void)[] = [];
  /** How often a crash took something that was not synced. */
  torn = 0;

  constructor(scheduler: Scheduler, random: Seeded) {
    this.#scheduler = scheduler;
    this.#random = random;
  }

  /** Whether anything was ever stored. */
  get isEmpty(): boolean {
    return this.#seen.size === 0;
  }

  /** The node is gone. Without a power cut the system keeps what was written; with one only what was synced is certain. */
  crash(isPowerCut: boolean): void {
    this.#holder = undefined;
    this.#waiting = [];
    if (!isPowerCut) return;
    const isKept = (): boolean => this.#random.chance(0.5);
    const names = new Map(this.#durable);
    for (const change of this.#pending) if (isKept()) change(names);
    this.#pending = [];
    this.#seen = names;
    this.#durable = new Map(names);
    let isTorn = false;
    for (const file of new Set(names.values())) isTorn = file.cut(isKept) || isTorn;
    if (isTorn) this.torn += 1;
  }

  /** Everything is gone. */
  wipe(): void {
    this.#isMade = false;
    this.#seen = new Map();
    this.#durable = new Map();
    this.#pending = [];
  }

  /** Flips a bit of something that was synced, but not of the last write of a file. Gives whether there was anything. */
  flip(): boolean {
    const files = [...this.#durable.values()].filter((file) => file.lastWriteAt > 0);
    if (files.length === 0) return false;
    const file = this.#random.pick(files);
    file.flip(this.#random.below(file.lastWriteAt), this.#random.below(8));
    return true;
  }

  /** The disk answers again. */
  unhang(): void {
    this.faults.isHung = false;
    for (const call of this.#waiting.splice(0)) call();
  }

  /** The disk as one life of the node sees it. */
  files(life: Life): FileSystem {
    const change = <T>(perform: () => T): Promise<T> => this.#call(life, true, perform);
    const look = <T>(perform: () => T): Promise<T> => this.#call(life, false, perform);
    return {
      makeDirectory: () =>
        change(() => {
          const isNew = !this.#isMade;
          this.#isMade = true;
          return isNew;
        }),
      list: () => look(() => [...this.#seen.keys()].map((path) => path.slice(simulatedDirectory.length + 1))),
      open: (path, how) => this.#open(life, path, how),
      rename: (from, to) =>
        change(() => {
          const file = this.#file(from);
          this.#rename((names) => {
            names.delete(from);
            names.set(to, file);
          });
        }),
      remove: (path) =>
        change(() => {
          this.#file(path);
          this.#rename((names) => names.delete(path));
        }),
      syncDirectory: () =>
        change(() => {
          this.#durable = new Map(this.#seen);
          this.#pending = [];
        }),
      lock: () =>
        look(() => {
          if (this.#holder !== undefined) throw new StorageError('PAXAKOS_STORAGE_LOCKED', 'the disk is in use');
          this.#holder = life;
          return {
            release: async () => {
              if (this.#holder === life) this.#holder = undefined;
            },
          };
        }),
      uniqueId: () => {
        this.#ids += 1;
        return new Uint8Array(16).fill(this.#ids);
      },
      atEndOfTurn: (callback) => void this.#scheduler.after(0, () => life.enter(callback)),
    };
  }

  async #open(life: Life, path: string, how: 'read' | 'write' | 'create'): Promise<OpenFile> {
    const file = await this.#call(life, how === 'create', () => {
      if (how !== 'create') return this.#file(path);
      const made = new SimulatedFile();
      this.#rename((names) => names.set(path, made));
      return made;
    });
    return {
      read: (target, position) => this.#call(life, false, () => file.read(target, position)),
      write: (buffers, position) =>
        this.#call(life, true, () => {
          if (this.#fails('write')) throw codeError('EIO');
          if (this.faults.isFull) throw codeError('ENOSPC');
          const whole = Buffer.concat(buffers as Uint8Array[]);
          const length = this.#random.chance(0.02) ? Math.max(1, whole.length >> 1) : whole.length;
          file.write(position, whole.subarray(0, length));
          return length;
        }),
      sync: () =>
        this.#call(life, true, () => {
          if (this.#fails('sync')) {
            file.failSync(() => this.#random.chance(0.5));
            throw codeError('EIO');
          }
          file.sync();
        }),
      length: () => this.#call(life, false, () => file.length),
      close: async () => {},
    };
  }

  /** What is done to the disk happens a little later, and its caller hears of it unless it is gone by then. */
  #call<T>(life: Life, changes: boolean, perform: () => T): Promise<T> {
    if (changes && life.isAlive) this.faults.onChange();
    return new Promise((resolve, reject) => {
      const act = (): void => {
        if (!life.isAlive) return;
        if (this.faults.isHung) {
          this.#waiting.push(act);
          return;
        }
        try {
          const result = perform();
          life.enter(() => resolve(result));
        } catch (error) {
          life.enter(() => reject(error as Error));
        }
      };
      if (!life.isAlive) return;
      const takesMs = (changes ? 0.05 + this.#random.next() * 0.4 : 0.01) * this.faults.slowness;
      this.#scheduler.after(takesMs, act);
    });
  }

  #fails(what: 'sync' | 'write'): boolean {
    if (this.faults.fails !== what) return false;
    this.faults.fails = undefined;
    return true;
  }

  #file(path: string): SimulatedFile {
    const file = this.#seen.get(path);
    if (file === undefined) throw codeError('ENOENT');
    return file;
  }

  #rename(change: (names: Names) => void): void {
    change(this.#seen);
    this.#pending.push(change);
  }
}

function codeError(code: string): Error {
  return Object.assign(new Error(`${code}: on a simulated disk`), { code });
}
