import type { Storage } from '@paxakos/core/contracts';
import { bytesOf, expect, isSame } from '../transport/expect.ts';
import { count, expectSeeds, gather, recordOf, type StorageBed } from './storage-bed.ts';
import type { StorageCaseTable } from './storage-cases.ts';

const roundsMax = 30_000;

/** Appends one record for each round, 50 at once. */
async function appendRounds(storage: Storage, from: number, to: number, length: number): Promise<void> {
  for (let first = from; first <= to; first += 50) {
    const seeds = count(first, Math.min(first + 49, to));
    await storage.append(seeds.map((seed) => recordOf(seed, { from: seed, to: seed }, length)));
  }
}

/** What was appended from `retainedFrom` on is all there to be read. */
async function expectRetained(storage: Storage, last: number, length: number, when: string): Promise<void> {
  const { retainedFrom } = storage;
  expect(
    Number.isSafeInteger(retainedFrom) && retainedFrom >= 1,
    `retainedFrom is a round ${when}, not ${retainedFrom}`,
  );
  const seeds = retainedFrom > last ? [] : count(retainedFrom, last);
  const records = await gather(storage.read({ from: retainedFrom, to: roundsMax }));
  expectSeeds(records, seeds, `from retainedFrom (${retainedFrom}) on, ${when}`, length);
}

async function honest(bed: StorageBed): Promise<void> {
  const { storage } = await bed.open();
  const length = 200;
  let last = 0;
  let before = 1;
  for (const round of [50, 500, 501, 5_000, 20_000]) {
    await appendRounds(storage, last + 1, round + 20, length);
    last = round + 20;
    await storage.saveSnapshot({ round, bytes: bytesOf(1_000, round) });
    await expectRetained(storage, last, length, `after the snapshot at round ${round}`);
    expect(storage.retainedFrom >= before, 'what was dropped does not come back');
    before = storage.retainedFrom;
  }
}

async function honestAfterReopening(bed: StorageBed): Promise<void> {
  const { storage } = await bed.open();
  const length = 200;
  for (const round of [1_000, 2_000, 9_000]) {
    const from = round === 1_000 ? 1 : round === 2_000 ? 1_001 : 2_001;
    await appendRounds(storage, from, round, length);
    await storage.saveSnapshot({ round, bytes: bytesOf(100, round) });
  }
  const { retainedFrom } = storage;
  await storage.close();
  const again = await bed.open();
  expect(again.storage.retainedFrom === retainedFrom, `retainedFrom stays ${retainedFrom} over a restart`);
  await expectRetained(again.storage, 9_000, length, 'after a restart');
}

async function readWhileDropped(bed: StorageBed): Promise<void> {
  const { storage } = await bed.open();
  const length = 500;
  await appendRounds(storage, 1, 10_000, length);
  const seen: Uint8Array[] = [];
  for await (const record of storage.read({ from: 1, to: 10_000 })) {
    seen.push(record);
    if (seen.length === 10) await storage.saveSnapshot({ round: 10_000, bytes: bytesOf(10, 1) });
  }
  expectSeeds(seen, count(1, 10_000), 'a reader that began before the snapshot', length);
}

async function standsFor(bed: StorageBed): Promise<void> {
  const { storage } = await bed.open();
  await storage.append([recordOf(1), recordOf(2, { from: 1, to: 1 })]);
  const before = storage.append([recordOf(3)]); // appended, not durable yet
  const saved = storage.saveSnapshot({ round: 1, bytes: bytesOf(5_000, 77) });
  const after = storage.append([recordOf(4), recordOf(5, { from: 1, to: 1 })]);
  await Promise.all([before, saved, after]);
  await storage.append([recordOf(6)]);
  await storage.close();
  const { snapshot, records } = await bed.open();
  expect(snapshot?.round === 1 && isSame(snapshot.bytes, bytesOf(5_000, 77)), 'the snapshot is the one that was saved');
  expectSeeds(records, [4, 5, 6], 'the records appended after the snapshot was handed over, and no other');
}

async function newest(bed: StorageBed): Promise<void> {
  const { storage } = await bed.open();
  const saves: Promise<void>[] = [];
  for (const seed of [1, 2, 3]) {
    saves.push(storage.append([recordOf(seed)]));
    saves.push(storage.saveSnapshot({ round: 10 - seed, bytes: bytesOf(10, seed) }));
  }
  await Promise.all(saves);
  await storage.append([recordOf(4)]);
  await storage.close();
  for (const _ of count(1, 2)) {
    const again = await bed.open();
    expect(again.snapshot?.round === 7, 'the snapshot saved last counts, whatever its round');
    expect(again.snapshot !== undefined && isSame(again.snapshot.bytes, bytesOf(10, 3)), 'its bytes are whole');
    expectSeeds(again.records, [4], 'the records after it');
    await again.storage.close();
  }
}

async function largeSnapshot(bed: StorageBed): Promise<void> {
  const { storage } = await bed.open();
  const bytes = bytesOf(16 * 1_048_576, 5);
  await storage.saveSnapshot({ round: 3, bytes });
  await storage.saveSnapshot({ round: 4, bytes: new Uint8Array(0) });
  await storage.saveSnapshot({ round: 5, bytes });
  await storage.close();
  const { snapshot } = await bed.open();
  expect(snapshot?.round === 5 && isSame(snapshot.bytes, bytes), 'a snapshot of 16 MiB is whole');
}

export const snapshotCases: StorageCaseTable = [
  ['retainedFrom is honest: read gives every record from there on', honest],
  ['retainedFrom is honest after a restart', honestAfterReopening, ['durable']],
  ['a reader gets all that was there when it began, also if a snapshot drops it meanwhile', readWhileDropped],
  ['a snapshot stands for the records appended before the call, and for no later one', standsFor, ['durable']],
  ['the snapshot saved last is the one that is given', newest, ['durable']],
  ['a snapshot of 16 MiB, and one of no bytes, are given back', largeSnapshot, ['durable']],
];
