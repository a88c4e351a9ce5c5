import { bytesOf, expect, isSame, seedOf } from '../transport/expect.ts';
import { count, expectSeeds, gather, recordOf, type StorageBed } from './storage-bed.ts';
import type { StorageCaseTable } from './storage-cases.ts';

async function reopened(bed: StorageBed): Promise<void> {
  let next = 1;
  for (const _ of count(1, 5)) {
    const { storage, records } = await bed.open();
    expectSeeds(records, count(1, next - 1), 'all that was appended before');
    for (const __ of count(1, 50)) {
      await storage.append([recordOf(next, { from: next, to: next }), recordOf(next + 1)]);
      next += 2;
    }
    await storage.close();
  }
  const { storage } = await bed.open();
  const seeds = count(1, next - 1).filter((seed) => seed % 2 === 1);
  expectSeeds(await gather(storage.read({ from: 1, to: next })), seeds, 'read by rounds after a restart');
}

async function writtenOut(bed: StorageBed): Promise<void> {
  const { storage } = await bed.open();
  const appends = count(1, 1_000).map((seed) => storage.append([recordOf(seed)]));
  await storage.close();
  await Promise.all(appends);
  const { records } = await bed.open();
  expectSeeds(records, count(1, 1_000), 'what was appended right before close');
}

async function oncePerOpen(bed: StorageBed): Promise<void> {
  const { storage } = await bed.open();
  await storage.append(count(1, 100).map((seed) => recordOf(seed)));
  await storage.close();
  const again = await bed.make();
  const { records } = await again.open();
  await again.append([recordOf(101)]);
  expectSeeds(await gather(records), count(1, 100), 'what was there at open, and nothing appended since');
}

async function largeLog(bed: StorageBed): Promise<void> {
  const { storage } = await bed.open();
  const length = 1_000;
  for (const turn of count(0, 19)) {
    await storage.append(
      count(turn * 1_000 + 1, turn * 1_000 + 1_000).map((seed) => recordOf(seed, undefined, length)),
    );
  }
  await storage.close();
  const { records } = await bed.open();
  expectSeeds(records, count(1, 20_000), 'a log of 20 MB', length);
}

async function crashed(bed: StorageBed): Promise<void> {
  let next = 1;
  let resolved = 0;
  for (const turn of count(1, 10)) {
    const { storage, records } = await bed.open();
    expect(records.length >= resolved, `${records.length} records are left, and ${resolved} had resolved`);
    expectSeeds(records, count(1, records.length), 'what is left is what was appended first');
    next = records.length + 1;
    resolved = records.length;
    for (const _ of count(1, turn)) {
      const appends = count(next, next + 9).map((seed) => storage.append([recordOf(seed)]));
      next += 10;
      await Promise.all(appends);
      resolved = next - 1;
    }
    for (const seed of count(next, next + 5)) storage.append([recordOf(seed)]).catch(() => {});
    await bed.crash();
  }
}

async function crashedSnapshot(bed: StorageBed): Promise<void> {
  for (const turn of count(1, 10)) {
    const { storage, snapshot, records } = await bed.open();
    if (turn > 1) {
      expect(snapshot !== undefined, 'a snapshot that resolved is there after a crash');
      expect(isSame(snapshot.bytes, bytesOf(3_000, snapshot.round)), 'a snapshot is whole or not there');
      expect(
        snapshot.round === turn - 1 || snapshot.round === turn * 100,
        'the newest that resolved, or the one under way',
      );
      const expected = snapshot.round === turn - 1 ? [turn - 1] : [];
      expect(
        records.length >= expected.length && records.every((record) => seedOf(record) >= turn - 1),
        'with the records after it',
      );
    }
    await storage.append([recordOf(1_000 + turn)]);
    await storage.saveSnapshot({ round: turn, bytes: bytesOf(3_000, turn) });
    await storage.append([recordOf(turn)]);
    const round = (turn + 1) * 100;
    storage.saveSnapshot({ round, bytes: bytesOf(3_000, round) }).catch(() => {});
    await bed.crash();
  }
}

export const durabilityCases: StorageCaseTable = [
  ['what was appended is there, in its order, for whoever opens the place next', reopened, ['durable']],
  ['close writes out what was appended before it', writtenOut, ['durable']],
  ['open gives what was there then, and not what was appended since', oncePerOpen, ['durable']],
  ['a log of 20,000 records opens', largeLog, ['durable']],
  [
    'H3 an append that resolved survives a crash, and what is left is what was appended first',
    crashed,
    ['durable', 'crash'],
  ],
  ['H39 a snapshot survives a crash whole, or the one before it does', crashedSnapshot, ['durable', 'crash']],
];
