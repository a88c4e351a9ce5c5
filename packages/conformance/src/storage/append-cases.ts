import { bytesOf, expect, isSame } from '../transport/expect.ts';
import { count, expectSeeds, gather, recordOf, type StorageBed } from './storage-bed.ts';
import type { StorageCaseTable } from './storage-cases.ts';

async function oneTurn(bed: StorageBed): Promise<void> {
  const { storage } = await bed.open();
  const order: number[] = [];
  const appends = count(1, 5_000).map((seed) =>
    storage.append([recordOf(seed, { from: seed, to: seed })]).then(() => order.push(seed)),
  );
  await Promise.all(appends);
  expect(
    order.every((seed, index) => seed === index + 1),
    'appends resolve in their order',
  );
  expectSeeds(await gather(storage.read({ from: 1, to: 5_000 })), count(1, 5_000), 'what was appended in one turn');
}

async function manyTurns(bed: StorageBed): Promise<void> {
  const { storage } = await bed.open();
  let next = 1;
  const writer = async (): Promise<void> => {
    while (next <= 2_000) {
      const seed = next;
      next += 1;
      await storage.append([recordOf(seed, { from: seed, to: seed })]);
    }
  };
  await Promise.all(count(1, 16).map(writer));
  expectSeeds(await gather(storage.read({ from: 1, to: 2_000 })), count(1, 2_000), 'what 16 writers appended');
}

async function nothing(bed: StorageBed): Promise<void> {
  const { storage } = await bed.open();
  await storage.append([]);
  let isThere = false;
  const first = storage.append([recordOf(1, { from: 1, to: 1 })]).then(() => {
    isThere = true;
  });
  await storage.append([]);
  expect(isThere, 'an append of nothing resolves after those before it');
  await first;
}

async function severalRecords(bed: StorageBed): Promise<void> {
  const { storage } = await bed.open();
  await storage.append(count(1, 100).map((seed) => recordOf(seed, { from: 1, to: seed })));
  expectSeeds(await gather(storage.read({ from: 1, to: 1 })), count(1, 100), 'the records of one append');
}

async function severalParts(bed: StorageBed): Promise<void> {
  const { storage } = await bed.open();
  const whole = bytesOf(100_000, 9);
  const cuts = [0, 0, 1, 100, 5_000, 5_000, 70_000, 99_999, 100_000];
  const parts = cuts.map((cut, index) => whole.subarray(cuts[index - 1] ?? 0, cut));
  await storage.append([
    { parts, rounds: { from: 1, to: 1 } },
    { parts: [], rounds: { from: 1, to: 1 } },
    { parts: [new Uint8Array(0)], rounds: { from: 1, to: 1 } },
    recordOf(10, { from: 1, to: 1 }),
  ]);
  const records = await gather(storage.read({ from: 1, to: 1 }));
  const lengths = records.map((record) => record.length);
  expect(
    lengths.join() === '100000,0,0,40',
    `records of several parts, of none, and empty ones; not ${lengths.join()}`,
  );
  expect(isSame(records[0] as Uint8Array, whole), 'the parts follow one another');
}

async function leftAlone(bed: StorageBed): Promise<void> {
  const { storage } = await bed.open();
  for (const length of [10, 1_000, 100_000]) {
    const buffer = bytesOf(length + 64, 3);
    const before = Uint8Array.from(buffer);
    const part = buffer.subarray(32, 32 + length);
    await storage.append([{ parts: [part, part], rounds: { from: length, to: length } }]);
    const [record] = await gather(storage.read({ from: length, to: length }));
    record?.fill(0);
    expect(isSame(buffer, before), 'neither append nor a reader who writes over a record changes the appended bytes');
    const [again] = await gather(storage.read({ from: length, to: length }));
    expect(again !== undefined && isSame(again.subarray(length), part), 'the record is a view of a larger buffer');
  }
}

async function large(bed: StorageBed): Promise<void> {
  const { storage } = await bed.open();
  const length = 16 * 1_048_576;
  const big = bytesOf(length, 1);
  await Promise.all([
    storage.append([recordOf(2, { from: 1, to: 1 })]),
    storage.append([{ parts: [big], rounds: { from: 2, to: 2 } }]),
    storage.append([recordOf(3, { from: 3, to: 3 })]),
    storage.append([{ parts: [big.subarray(0, 5), big.subarray(5)], rounds: { from: 4, to: 4 } }]),
  ]);
  await storage.append([recordOf(4, { from: 5, to: 5 })]);
  const records = await gather(storage.read({ from: 1, to: 5 }));
  const lengths = records.map((record) => record.length);
  expect(lengths.join() === [40, length, 40, length, 40].join(), 'records of 40 bytes and of 16 MiB');
  expect(isSame(records[1] as Uint8Array, big) && isSame(records[3] as Uint8Array, big), 'large ones are whole');
}

async function everySize(bed: StorageBed): Promise<void> {
  const { storage } = await bed.open();
  const sizes = [4, 5, 63, 64, 65, 511, 513, 4_095, 4_096, 4_097, 65_535, 65_536, 65_537, 1_048_575, 1_048_577];
  for (const size of sizes) await storage.append([recordOf(size, { from: size, to: size }, size)]);
  for (const size of sizes) {
    expectSeeds(await gather(storage.read({ from: size, to: size })), [size], `a record of ${size} bytes`, size);
  }
}

export const appendCases: StorageCaseTable = [
  ['5,000 appends of one turn all resolve, in their order', oneTurn],
  ['appends of many writers over many turns keep their order', manyTurns],
  ['an append of nothing resolves after those before it', nothing],
  ['several records of one append are several records', severalRecords],
  ['the parts of a record are one record', severalParts],
  ['H62 neither append nor a reader changes the bytes of the appender', leftAlone],
  ['records of 16 MiB and small ones go together', large],
  ['a record of any size is given back as it was', everySize],
];
