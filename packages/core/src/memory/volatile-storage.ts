import type { LogRecord, RoundNum, RoundRange, Storage, StoredLog, StoredSnapshot } from '../contracts/index.ts';
import { InvalidError, StorageError } from '../contracts/index.ts';

/** How a storage in memory behaves. */
export interface VolatileStorageOptions {
  /** Of how many rounds at or below a snapshot the records are retained, for peers that fall behind. Default: 65,536. */
  readonly retain?: number;
}

/**
 * A storage that forgets: each `open` finds an empty log, so a node that starts on it starts without its memory (rule P10).
 * What a node appends can be read until it is closed. It keeps the parts of records as they are, without a copy.
 */
export function volatileStorage(options: VolatileStorageOptions = {}): Storage {
  const { retain = 65_536 } = options;
  if (!Number.isSafeInteger(retain) || retain < 0)
    throw new InvalidError('retain', retain, 'give a number of rounds, from 0');
  return new VolatileStorage(retain);
}

/** Rounds to a bucket of the index. */
const bucketRounds = 256;

interface StoredRecord {
  readonly ordinal: number;
  readonly parts: readonly Uint8Array[];
  readonly from: RoundNum;
  readonly to: RoundNum;
}

class VolatileStorage implements Storage {
  readonly #retain: number;
  #isOpen = false;
  #appended = 0;
  #retainedFrom: RoundNum = 1;
  /** The records that concern some round of a bucket, in the order of their append. */
  readonly #buckets = new Map<number, StoredRecord[]>();

  constructor(retain: number) {
    this.#retain = retain;
  }

  get retainedFrom(): RoundNum {
    return this.#retainedFrom;
  }

  async open(): Promise<StoredLog> {
    if (this.#isOpen) throw new StorageError('PAXAKOS_STORAGE_LOCKED', 'this storage is open already: close it first');
    this.#isOpen = true;
    return { records: noRecords() };
  }

  async append(records: readonly LogRecord[]): Promise<void> {
    this.#checkOpen();
    for (const { parts, rounds } of records) {
      // What concerns no round is for the next open, which finds nothing.
      if (rounds !== undefined) this.#keep({ ordinal: this.#appended++, parts, from: rounds.from, to: rounds.to });
    }
  }

  async saveSnapshot(snapshot: StoredSnapshot): Promise<void> {
    this.#checkOpen();
    const droppedTo = snapshot.round - this.#retain;
    for (const [bucket, records] of this.#buckets) {
      if (bucket * bucketRounds > droppedTo) continue;
      const kept: StoredRecord[] = [];
      for (const record of records) {
        if (record.to > droppedTo) kept.push(record);
        else this.#retainedFrom = Math.max(this.#retainedFrom, record.to + 1);
      }
      if (kept.length > 0) this.#buckets.set(bucket, kept);
      else this.#buckets.delete(bucket);
    }
  }

  async *read({ from, to }: RoundRange): AsyncIterable<Uint8Array> {
    this.#checkOpen();
    const found = new Map<number, StoredRecord>();
    for (const bucket of this.#bucketsOf(from, to)) {
      for (const record of this.#buckets.get(bucket) ?? []) {
        if (record.from <= to && record.to >= from) found.set(record.ordinal, record);
      }
    }
    const records = [...found.values()].sort((a, b) => a.ordinal - b.ordinal);
    for (const { parts } of records) yield joined(parts);
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    this.#buckets.clear();
    this.#retainedFrom = 1;
  }

  #keep(record: StoredRecord): void {
    for (let bucket = bucketOf(record.from); bucket <= bucketOf(record.to); bucket++) {
      const records = this.#buckets.get(bucket);
      if (records === undefined) this.#buckets.set(bucket, [record]);
      else records.push(record);
    }
  }

  /** The buckets that hold records of these rounds; there may be far more rounds than buckets. */
  #bucketsOf(from: RoundNum, to: RoundNum): number[] {
    const first = bucketOf(from);
    const last = bucketOf(to);
    if (last - first > this.#buckets.size) {
      return [...this.#buckets.keys()].filter((bucket) => bucket >= first && bucket <= last);
    }
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
  }

  #checkOpen(): void {
    if (!this.#isOpen) throw new StorageError('PAXAKOS_STORAGE_CLOSED', 'this storage is not open');
  }
}

function bucketOf(round: RoundNum): number {
  return Math.floor(round / bucketRounds);
}

async function* noRecords(): AsyncIterable<Uint8Array> {}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
