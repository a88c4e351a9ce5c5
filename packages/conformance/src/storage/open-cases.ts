import { expect, until } from '../transport/expect.ts';
import { count, expectCode, expectSeeds, gather, recordOf, type StorageBed } from './storage-bed.ts';
import type { StorageCaseTable } from './storage-cases.ts';

async function empty(bed: StorageBed): Promise<void> {
  const { storage, snapshot, records } = await bed.open();
  expect(snapshot === undefined, 'an empty place has no snapshot');
  expect(records.length === 0, 'an empty place has no records');
  expect(storage.retainedFrom === 1, 'nothing has been dropped');
  expect((await gather(storage.read({ from: 1, to: 1_000 }))).length === 0, 'nothing is to be read');
}

async function notOpen(bed: StorageBed): Promise<void> {
  const storage = await bed.make();
  const code = 'PAXAKOS_STORAGE_CLOSED';
  const check = async (when: string): Promise<void> => {
    await expectCode(() => storage.append([recordOf(1)]), code, `append ${when}`);
    await expectCode(() => storage.saveSnapshot({ round: 1, bytes: new Uint8Array(1) }), code, `saveSnapshot ${when}`);
    await expectCode(() => gather(storage.read({ from: 1, to: 2 })), code, `read ${when}`);
  };
  await check('before open');
  await storage.open();
  await storage.append([recordOf(1)]);
  await storage.close();
  await check('after close');
}

async function closedTwice(bed: StorageBed): Promise<void> {
  const { storage } = await bed.open();
  const appended = storage.append([recordOf(1)]);
  await Promise.all([storage.close(), storage.close(), appended]);
  await storage.close();
  const unopened = await bed.make();
  await unopened.close();
}

async function openedTwice(bed: StorageBed): Promise<void> {
  const { storage } = await bed.open();
  await expectCode(() => storage.open(), 'PAXAKOS_STORAGE_LOCKED', 'the second open of one storage');
  await storage.append([recordOf(1, { from: 1, to: 1 })]);
  expectSeeds(await gather(storage.read({ from: 1, to: 1 })), [1], 'the refusal leaves it open');
}

async function exclusive(bed: StorageBed): Promise<void> {
  const { storage } = await bed.open();
  const second = await bed.make();
  await expectCode(() => second.open(), 'PAXAKOS_STORAGE_LOCKED', 'a second opener');
  await storage.append([recordOf(1, { from: 1, to: 1 })]);
  await storage.close();
  const third = await bed.make();
  await third.open();
}

async function manyOpeners(bed: StorageBed): Promise<void> {
  const storages = await Promise.all(count(1, 8).map(() => bed.make()));
  const openings = await Promise.allSettled(storages.map((storage) => storage.open()));
  const holders = openings.filter(({ status }) => status === 'fulfilled').length;
  expect(holders <= 1, `of 8 that open at once, ${holders} hold the place`);
}

async function nothingLeft(bed: StorageBed): Promise<void> {
  const names = (): readonly string[] => [...(bed.fixture.resources?.() ?? [])].sort();
  const before = names();
  for (const seed of count(1, 5)) {
    const { storage } = await bed.open();
    await storage.append([recordOf(seed, { from: seed, to: seed })]);
    await storage.saveSnapshot({ round: seed, bytes: new Uint8Array(100) });
    for await (const _ of storage.read({ from: 1, to: 10 })) break;
    await storage.close();
  }
  await until(
    () => names().length <= before.length,
    () => `nothing is left after close; before: ${before.join(', ')}; now: ${names().join(', ')}`,
  );
}

export const openCases: StorageCaseTable = [
  ['an empty place opens without snapshot and records', empty],
  ['a storage that is not open refuses every call, with its code', notOpen],
  ['close is idempotent, and good for a storage that was never opened', closedTwice],
  ['one storage is opened once', openedTwice],
  ['H49 a second storage over one place is refused until the first one is closed', exclusive, ['exclusive']],
  ['H49 of many that open one place at once, one holds it at most', manyOpeners, ['exclusive']],
  ['nothing keeps the process alive after close', nothingLeft, ['resources']],
];
