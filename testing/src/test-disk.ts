import {
  type LogRecord,
  type RoundRange,
  type Storage,
  StorageError,
  type StoredLog,
  type StoredSnapshot,
} from '@paxakos/core';

interface Kept {
  readonly bytes: Uint8Array;
  readonly rounds: RoundRange | undefined;
}

/** A disk in memory: it keeps what had been written when its holder crashed. */
export class TestDisk {
  snapshot: StoredSnapshot | undefined;
  readonly records: Kept[] = [];
  /** For how many of the records the snapshot stands. */
  coveredCount = 0;
  #holder: DiskStorage | undefined;

  /** A way in. The one that is opened holds the disk until it is closed or crashes. */
  storage(): Storage {
    return new DiskStorage(this);
  }

  /** The holder's process is gone: whatever it had not written is lost, and it gets no answer any more. */
  crash(): void {
    this.#holder?.die();
    this.#holder = undefined;
  }

  hold(storage: DiskStorage): void {
    if (this.#holder !== undefined) throw new StorageError('PAXAKOS_STORAGE_LOCKED', 'the disk is held');
    this.#holder = storage;
  }

  letGo(storage: DiskStorage): void {
    if (this.#holder === storage) this.#holder = undefined;
  }
}

class DiskStorage implements Storage {
  readonly retainedFrom = 1;
  readonly #disk: TestDisk;
  #isDead = false;

  constructor(disk: TestDisk) {
    this.#disk = disk;
  }

  die(): void {
    this.#isDead = true;
  }

  async open(): Promise<StoredLog> {
    this.#disk.hold(this);
    const { snapshot, coveredCount } = this.#disk;
    const records = each(this.#disk.records.slice(coveredCount));
    return snapshot === undefined ? { records } : { snapshot, records };
  }

  append(records: readonly LogRecord[]): Promise<void> {
    const kept = records.map(({ parts, rounds }) => ({ bytes: Uint8Array.from(Buffer.concat(parts)), rounds }));
    return this.#write(() => this.#disk.records.push(...kept));
  }

  saveSnapshot({ round, bytes }: StoredSnapshot): Promise<void> {
    const snapshot = { round, bytes: bytes.slice() };
    return this.#write(() => {
      this.#disk.snapshot = snapshot;
      this.#disk.coveredCount = this.#disk.records.length;
    });
  }

  /** What is given counts as of now, as that of a write call does, and is there after a moment. */
  #write(write: () => void): Promise<void> {
    return new Promise((resolve) =>
      queueMicrotask(() => {
        if (this.#isDead) return;
        write();
        resolve();
      }),
    );
  }

  read({ from, to }: RoundRange): AsyncIterable<Uint8Array> {
    return each(
      this.#disk.records.filter(({ rounds }) => rounds !== undefined && rounds.from <= to && rounds.to >= from),
    );
  }

  async close(): Promise<void> {
    this.#disk.letGo(this);
  }
}

async function* each(records: readonly Kept[]): AsyncIterable<Uint8Array> {
  for (const { bytes } of records) yield bytes.slice();
}
