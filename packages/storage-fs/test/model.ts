import type { LogRecord, RoundRange } from '@paxakos/core/contracts';
import { StableStorage } from '../src/stable-storage.ts';
import type { SimulatedDisk } from './simulated-disk.ts';

export const directory = '/data/log';

/** A storage over a simulated disk, with segments so small that it goes over to the next one all the time. */
export function storageOver(
  disk: SimulatedDisk,
  retain: { entries: number; bytes: number } = { entries: 10, bytes: 20_000 },
): StableStorage {
  return new StableStorage(disk, { directory, segmentBytes: 4_096, retain });
}

/** A generator of numbers below a bound, the same for the same seed. */
export function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Bytes that hold a number, and follow from it. */
export function bytesOf(number: number, length: number): Uint8Array {
  const bytes = Buffer.alloc(length, number % 251);
  bytes.writeUInt32LE(number);
  return bytes;
}

/** The number in a record; throws where a byte of it is another one. */
export function numberOf(record: Uint8Array): number {
  const number = Buffer.from(record).readUInt32LE();
  if (Buffer.compare(record, bytesOf(number, record.length)) !== 0) throw new Error(`record ${number} is damaged`);
  return number;
}

interface Appended {
  readonly rounds: RoundRange | undefined;
}

interface Saved {
  readonly round: number;
  /** How many records it stands for. */
  readonly position: number;
  isResolved: boolean;
}

/** What was asked of a storage, and what it has promised: to be held against what it gives after a restart. */
export class Model {
  readonly #random: (below: number) => number;
  appended: Appended[] = [];
  resolved = 0;
  saved: Saved[] = [];
  round = 1;

  constructor(seed: number) {
    this.#random = randomOf(seed);
  }

  /** The same, to be held against what a crash at this moment leaves. */
  copy(): Model {
    const copied = new Model(0);
    copied.appended = [...this.appended];
    copied.resolved = this.resolved;
    copied.saved = this.saved.map((saved) => ({ ...saved }));
    copied.round = this.round;
    return copied;
  }

  /** Does some of what a node does, at random; stops at the first rejection. */
  async work(storage: StableStorage, steps: number): Promise<void> {
    for (let step = 0; step < steps; step += 1) {
      const what = this.#random(10);
      if (what === 0) await this.#save(storage);
      else if (what === 1) await Promise.all([this.#append(storage), this.#save(storage), this.#append(storage)]);
      else await Promise.all(Array.from({ length: 1 + this.#random(4) }, () => this.#append(storage)));
    }
  }

  /** Opens a storage and throws where it does not give what it must; goes on from what it gives. */
  async check(storage: StableStorage): Promise<void> {
    const { snapshot, records } = await storage.open();
    const newest = this.saved.findLastIndex(({ isResolved }) => isResolved);
    const candidates = this.saved.slice(Math.max(newest, 0));
    const found = candidates.find(({ round }) => round === snapshot?.round);
    if (snapshot === undefined ? newest >= 0 : found === undefined)
      throw new Error(`snapshot ${snapshot?.round} is given`);
    if (snapshot !== undefined && numberOf(snapshot.bytes) !== snapshot.round) throw new Error('a foreign snapshot');
    const position = found?.position ?? 0;
    let next = position + 1;
    for await (const record of records) {
      if (numberOf(record) !== next) throw new Error(`record ${numberOf(record)} is given, not ${next}`);
      next += 1;
    }
    if (next - 1 < this.resolved) throw new Error(`record ${next} had resolved, and is lost`);
    if (next - 1 > this.appended.length) throw new Error('more records than were appended');
    if (snapshot !== undefined && next - 1 < position) throw new Error('a snapshot of records that are lost');
    this.appended.length = next - 1;
    this.resolved = next - 1;
    this.saved = found === undefined ? [] : [{ ...found, isResolved: true }];
    await this.#checkRead(storage);
  }

  async #checkRead(storage: StableStorage): Promise<void> {
    const from = storage.retainedFrom;
    const expected = this.appended.flatMap(({ rounds }, index) =>
      rounds !== undefined && rounds.to >= from ? [index + 1] : [],
    );
    const given: number[] = [];
    for await (const record of storage.read({ from, to: Number.MAX_SAFE_INTEGER })) given.push(numberOf(record));
    if (given.join() !== expected.join())
      throw new Error(`read from ${from} gives ${given.join()}, not ${expected.join()}`);
  }

  async #append(storage: StableStorage): Promise<void> {
    const records: LogRecord[] = [];
    for (let count = 1 + this.#random(3); count > 0; count -= 1) {
      const length = this.#random(8) === 0 ? 1_000 + this.#random(6_000) : 4 + this.#random(100);
      const bytes = bytesOf(this.appended.length + 1, length);
      const parts = [bytes.subarray(0, length >> 1), bytes.subarray(length >> 1)];
      const from = this.#random(5) === 0 ? Math.max(1, this.round - this.#random(5)) : this.round++;
      const rounds = this.#random(6) === 0 ? undefined : { from, to: from + this.#random(3) };
      records.push(rounds === undefined ? { parts } : { parts, rounds });
      this.appended.push({ rounds });
    }
    const last = this.appended.length;
    await storage.append(records);
    this.resolved = Math.max(this.resolved, last);
  }

  async #save(storage: StableStorage): Promise<void> {
    const round = this.round++;
    const saved = { round, position: this.appended.length, isResolved: false };
    this.saved.push(saved);
    await storage.saveSnapshot({ round, bytes: bytesOf(round, 4 + this.#random(3_000)) });
    saved.isResolved = true;
    this.resolved = Math.max(this.resolved, saved.position);
  }
}
