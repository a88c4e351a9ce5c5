import type { LogRecord, RoundRange, Storage, StorageErrorCode, StoredSnapshot } from '@paxakos/core/contracts';
import { isPaxakosError } from '@paxakos/core/contracts';
import { bytesOf, expect, isSame } from '../transport/expect.ts';
import type { StorageFixture } from './storage-fixture.ts';

/** A storage that is open, with what it held. */
export interface OpenStorage {
  readonly storage: Storage;
  readonly snapshot: StoredSnapshot | undefined;
  readonly records: readonly Uint8Array[];
}

/** What a case works with; it closes every storage in the end. */
export class StorageBed implements AsyncDisposable {
  readonly fixture: StorageFixture;
  readonly #storages: Storage[] = [];

  constructor(fixture: StorageFixture) {
    this.fixture = fixture;
  }

  async make(): Promise<Storage> {
    const storage = await this.fixture.storage();
    this.#storages.push(storage);
    return storage;
  }

  /** Opens a storage over the place and reads the log to its end. */
  async open(): Promise<OpenStorage> {
    const storage = await this.make();
    const { snapshot, records } = await storage.open();
    return { storage, snapshot, records: await gather(records) };
  }

  /** Cuts the power; what was open is beyond closing. */
  async crash(): Promise<void> {
    await this.fixture.crash?.();
    this.#storages.length = 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const storage of this.#storages) await storage.close();
    await this.fixture[Symbol.asyncDispose]();
  }
}

/** A record of one part, with bytes that follow from the seed. */
export function recordOf(seed: number, rounds?: RoundRange, length = 40): LogRecord {
  const parts = [bytesOf(length, seed)];
  return rounds === undefined ? { parts } : { parts, rounds };
}

export async function gather(records: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const all: Uint8Array[] = [];
  for await (const record of records) all.push(record);
  return all;
}

/** Fails unless the records are those of the seeds, in this order. */
export function expectSeeds(records: readonly Uint8Array[], seeds: readonly number[], what: string, length = 40): void {
  expect(records.length === seeds.length, `${what}: ${seeds.length} records, not ${records.length}`);
  for (const [index, record] of records.entries()) {
    expect(isSame(record, bytesOf(length, seeds[index] ?? 0)), `${what}: record ${index} is the one that was appended`);
  }
}

/** Fails unless the work rejects with a `StorageError` of this code. */
export async function expectCode(work: () => Promise<unknown>, code: StorageErrorCode, what: string): Promise<void> {
  let error: unknown;
  try {
    await work();
  } catch (thrown) {
    error = thrown;
  }
  expect(error !== undefined, `${what}: rejects`);
  expect(
    isPaxakosError(error, code),
    `${what}: rejects with a StorageError of code ${code}, not with ${error instanceof Error ? error.message : typeof error}`,
  );
}

/** Numbers from the first to the last one. */
export function count(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
