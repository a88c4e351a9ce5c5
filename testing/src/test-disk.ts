import type { LogRecord, RoundRange, Storage, StoredLog, StoredSnapshot } from '@paxakos/core';
import { StorageError } from '@paxakos/core';

interface Kept {
  readonly bytes: Uint8Array;
  readonly rounds: RoundRange | undefined;
}

/** What a disk does with the next writes: makes them durable, fails one and is poisoned, throws, or never answers. */
export type DiskMode = 'works' | 'fails' | 'failsSnapshots' | 'throws' | 'hangs';

/** A disk in memory that keeps what was synced when its holder crashes, and can fail or hang. */
export class TestDisk {
  mode: DiskMode = 'works';
  /** How many appends have been synced. */
  syncs = 0;
  /** How many rounds below a snapshot the records are retained for. */
  retain: number;
  records: Kept[] = [];
  snapshot: StoredSnapshot | undefined;
  retainedFrom = 1;
  #holder: DiskStorage | undefined;

  constructor(retain = 65_536) {
    this.retain = retain;
  }

  /** A way in. The last one opened holds the disk. */
  storage(): Storage {
    return new DiskStorage(this);
  }

  /** The holder's process is gone: whatever it had not synced is lost, and it gets no answer any more. */
  crash(): void {
    this.#holder?.die();
    this.#holder = undefined;
    this.mode = 'works';
  }

  hold(storage: DiskStorage): void {
    if (this.#holder !== undefined) throw new StorageError('PAXAKOS_STORAGE_LOCKED', 'the disk is held');
    this.#holder = storage;
  }

  letGo(storage: DiskStorage): void {
    if (this.#holder === storage) this.#holder = undefined;
  }

  save(snapshot: StoredSnapshot): void {
    this.snapshot = { round: snapshot.round, bytes: snapshot.bytes.slice() };
    const droppedTo = snapshot.round - this.retain;
    this.retainedFrom = Math.max(this.retainedFrom, droppedTo + 1);
    this.records = this.records.filter(({ rounds }) => rounds !== undefined && rounds.to > droppedTo);
    this.recordsSince = 0;
  }

  /** How many records came after the snapshot. */
  recordsSince = 0;
}

class DiskStorage implements Storage {
  readonly #disk: TestDisk;
  #isDead = false;
  #poison: StorageError | undefined;

  constructor(disk: TestDisk) {
    this.#disk = disk;
  }

  get retainedFrom(): number {
    return this.#disk.retainedFrom;
  }

  die(): void {
    this.#isDead = true;
  }

  async open(): Promise<StoredLog> {
    this.#disk.hold(this);
    const { snapshot, records, recordsSince } = this.#disk;
    const since = records.slice(records.length - recordsSince).map(({ bytes }) => bytes.slice());
    return snapshot === undefined ? { records: each(since) } : { snapshot, records: each(since) };
  }

  append(records: readonly LogRecord[]): Promise<void> {
    return this.#write(() => {
      for (const { parts, rounds } of records) {
        this.#disk.records.push({ bytes: joined(parts), rounds });
        this.#disk.recordsSince += 1;
      }
      this.#disk.syncs += 1;
    });
  }

  saveSnapshot(snapshot: StoredSnapshot): Promise<void> {
    if (this.#disk.mode === 'failsSnapshots') this.#poison ??= new StorageError('PAXAKOS_STORAGE_FULL', 'ENOSPC');
    return this.#write(() => this.#disk.save(snapshot));
  }

  #write(write: () => void): Promise<void> {
    if (this.#isDead || this.#disk.mode === 'hangs') return new Promise(() => {});
    if (this.#disk.mode === 'throws') throw new Error('this storage throws instead of rejecting');
    if (this.#disk.mode === 'fails')
      this.#poison ??= new StorageError('PAXAKOS_STORAGE_FAILED', 'the sync failed', { cause: new Error('EIO') });
    if (this.#poison !== undefined) return Promise.reject(this.#poison);
    // The bytes are taken at once, as a write call does, and are durable after a later sync.
    return new Promise((resolve) =>
      queueMicrotask(() => {
        if (this.#isDead) return;
        write();
        resolve();
      }),
    );
  }

  async *read({ from, to }: RoundRange): AsyncIterable<Uint8Array> {
    for (const { bytes, rounds } of this.#disk.records)
      if (rounds !== undefined && rounds.from <= to && rounds.to >= from) yield bytes.slice();
  }

  async close(): Promise<void> {
    this.#disk.letGo(this);
  }
}

async function* each(records: readonly Uint8Array[]): AsyncIterable<Uint8Array> {
  yield* records;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
