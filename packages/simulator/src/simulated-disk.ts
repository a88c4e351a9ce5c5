import { StorageError } from '@paxakos/core/contracts';
import type { FileSystem, OpenFile } from '@paxakos/storage-fs/file-system';
import type { Life } from './life.ts';
import type { Scheduler } from './scheduler.ts';
import type { Seeded } from './seeded.ts';
import { SimulatedFile } from './simulated-file.ts';

type Names = Map<string, SimulatedFile>;

/** What a call ran into, by the fault that it comes from; or that the end of a log was cleared of what a crash had left of a write. */
export type DiskEffect = 'diskFull' | 'diskHung' | 'diskSlow' | 'failSync' | 'failWrite' | 'flip' | 'tornTail';

interface Renaming {
  readonly change: (names: Names) => void;
  /** Its place among all changes of names, from 1. */
  readonly ordinal: number;
}

/** What is wrong with a disk. */
export interface DiskFaults {
  /** Whether nothing more can be written. */
  isFull: boolean;
  /** Whether nothing is answered. */
  isHung: boolean;
  /** How many times as long everything takes. */
  slowness: number;
  /** Which call fails next, if one does: a sync of a file or of names, or a change of either. */
  fails: 'sync' | 'write' | undefined;
  /** Called before each change, with what may crash the node. */
  onChange: () => void;
  /** Called when a call runs into something. */
  onEffect: (effect: DiskEffect) => void;
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
  readonly faults: DiskFaults = {
    isFull: false,
    isHung: false,
    slowness: 1,
    fails: undefined,
    onChange: () => {},
    onEffect: () => {},
  };
  #isMade = false;
  #seen: Names = new Map();
  #durable: Names = new Map();
  #pending: Renaming[] = [];
  #renamings = 0;
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
    for (const { change } of this.#pending) if (isKept()) change(names);
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

  /**
   * Flips a bit of something that was synced: of a snapshot anywhere, of another file not in its last write. Gives whether there
   * was anything.
   */
  flip(): boolean {
    const files = [...this.#durable]
      .map(([path, file]) => ({ file, end: endOf(path, file) }))
      .filter(({ end }) => end > 0);
    if (files.length === 0) return false;
    const { end, file } = this.#random.pick(files);
    file.flip(this.#random.below(end), this.#random.below(8));
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
          this.#refuse();
          const isNew = !this.#isMade;
          this.#isMade = true;
          return isNew;
        }),
      list: () => look(() => [...this.#seen.keys()].map((path) => path.slice(simulatedDirectory.length + 1))),
      open: (path, how) => this.#open(life, path, how),
      rename: (from, to) =>
        change(() => {
          this.#refuse();
          const file = this.#file(from);
          this.#rename((names) => {
            names.delete(from);
            names.set(to, file);
          });
        }),
      remove: (path) =>
        change(() => {
          if (this.#fails('write')) throw codeError('EIO');
          this.#file(path);
          this.#rename((names) => names.delete(path));
        }),
      syncDirectory: () => {
        const renamings = this.#renamings;
        return change(() => this.#syncNames(renamings));
      },
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
      this.#refuse();
      const made = new SimulatedFile();
      this.#rename((names) => names.set(path, made));
      return made;
    });
    return {
      read: (target, position) =>
        this.#call(life, false, () => {
          const bytesLength = file.read(target, position);
          if (file.isFlipped(position, bytesLength)) this.faults.onEffect('flip');
          return bytesLength;
        }),
      write: (buffers, position) => this.#call(life, true, () => this.#write(file, buffers, position)),
      sync: () => {
        const { writes } = file;
        return this.#call(life, true, () => {
          if (this.#fails('sync')) {
            file.failSync(writes, () => this.#random.chance(0.5));
            throw codeError('EIO');
          }
          file.sync(writes);
        });
      },
      length: () => this.#call(life, false, () => file.length),
      close: async () => {},
    };
  }

  #write(file: SimulatedFile, buffers: readonly Uint8Array[], position: number): number {
    this.#refuse();
    const whole = Buffer.concat(buffers as Uint8Array[]);
    const length = this.#random.chance(0.02) ? Math.max(1, whole.length >> 1) : whole.length;
    // Nobody writes zeros over anything but what is left of a write that was cut off.
    if (whole.every((byte) => byte === 0) && file.holdsAny(position, length)) this.faults.onEffect('tornTail');
    file.write(position, whole.subarray(0, length));
    return length;
  }

  /** A change fails where one is to fail, or where there is no room for anything. */
  #refuse(): void {
    if (this.#fails('write')) throw codeError('EIO');
    if (!this.faults.isFull) return;
    this.faults.onEffect('diskFull');
    throw codeError('ENOSPC');
  }

  /**
   * Makes durable what names were changed before the sync began. Where it fails they stay as uncertain as they were: unlike the
   * contents of files, names are not taken for written.
   */
  #syncNames(renamings: number): void {
    if (this.#fails('sync')) throw codeError('EIO');
    if (this.faults.isFull) {
      this.faults.onEffect('diskFull');
      throw codeError('ENOSPC');
    }
    for (const { change, ordinal } of this.#pending) if (ordinal <= renamings) change(this.#durable);
    this.#pending = this.#pending.filter(({ ordinal }) => ordinal > renamings);
  }

  /** What is done to the disk happens a little later, and its caller hears of it unless it is gone by then. */
  #call<T>(life: Life, changes: boolean, perform: () => T): Promise<T> {
    if (changes && life.isAlive) this.faults.onChange();
    return new Promise((resolve, reject) => {
      const act = (): void => {
        if (!life.isAlive) return;
        if (this.faults.isHung) {
          this.faults.onEffect('diskHung');
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
      if (this.faults.slowness > 1) this.faults.onEffect('diskSlow');
      const takesMs = (changes ? 0.05 + this.#random.next() * 0.4 : 0.01) * this.faults.slowness;
      this.#scheduler.after(takesMs, act);
    });
  }

  #fails(what: 'sync' | 'write'): boolean {
    if (this.faults.fails !== what) return false;
    this.faults.fails = undefined;
    this.faults.onEffect(what === 'sync' ? 'failSync' : 'failWrite');
    return true;
  }

  #file(path: string): SimulatedFile {
    const file = this.#seen.get(path);
    if (file === undefined) throw codeError('ENOENT');
    return file;
  }

  #rename(change: (names: Names) => void): void {
    change(this.#seen);
    this.#renamings += 1;
    this.#pending.push({ change, ordinal: this.#renamings });
  }
}

/** Before which byte a bit may be flipped. The last write of a log is left out: one that is damaged is like one that was cut off. */
function endOf(path: string, file: SimulatedFile): number {
  return path.endsWith('.snap') ? file.durableLength : file.lastWriteAt;
}

function codeError(code: string): Error {
  return Object.assign(new Error(`${code}: on a simulated disk`), { code });
}
