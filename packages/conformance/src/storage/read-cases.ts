import type { RoundRange } from '@paxakos/core/contracts';
import { expect } from '../transport/expect.ts';
import { count, expectSeeds, gather, recordOf, type StorageBed } from './storage-bed.ts';
import type { StorageCaseTable } from './storage-cases.ts';

/** Ranges as a node appends them: runs, re-proposals of lower rounds, single rounds, wide ones. */
function ranges(length: number): RoundRange[] {
  let word = 7;
  const next = (below: number): number => {
    word = (Math.imul(word, 1_103_515_245) + 12_345) >>> 0;
    return (word >>> 8) % below;
  };
  return count(1, length).map((index) => {
    const from = next(10) === 0 ? 1 + next(index) : index;
    return { from, to: from + (next(4) === 0 ? next(100) : next(3)) };
  });
}

async function byRounds(bed: StorageBed): Promise<void> {
  const { storage } = await bed.open();
  const model = ranges(3_000);
  await Promise.all(model.map((rounds, index) => storage.append([recordOf(index + 1, rounds)])));
  const wanted = [
    { from: 1, to: 1 },
    { from: 1, to: 5_000 },
    { from: 2_900, to: 2_900 },
    { from: 10_000, to: 20_000 },
    ...count(1, 40).map((index) => ({ from: index * 70, to: index * 70 + (index % 5) * 20 })),
  ];
  for (const { from, to } of wanted) {
    const seeds = model.flatMap((rounds, index) => (rounds.from <= to && rounds.to >= from ? [index + 1] : []));
    expectSeeds(await gather(storage.read({ from, to })), seeds, `the records of rounds ${from} to ${to}`);
  }
}

async function withoutRounds(bed: StorageBed): Promise<void> {
  const { storage } = await bed.open();
  await storage.append([recordOf(1), recordOf(2, { from: 5, to: 7 }), recordOf(3)]);
  expectSeeds(await gather(storage.read({ from: 1, to: 100 })), [2], 'only records that concern a round');
  expectSeeds(await gather(storage.read({ from: 8, to: 100 })), [], 'no record concerns a round above');
  expectSeeds(await gather(storage.read({ from: 1, to: 4 })), [], 'no record concerns a round below');
  expectSeeds(await gather(storage.read({ from: 6, to: 6 })), [2], 'a round in the middle of a run');
}

async function farRounds(bed: StorageBed): Promise<void> {
  const { storage } = await bed.open();
  const last = Number.MAX_SAFE_INTEGER;
  await storage.append([recordOf(1, { from: last - 1, to: last }), recordOf(2, { from: 2 ** 32, to: 2 ** 32 + 1 })]);
  expectSeeds(await gather(storage.read({ from: last, to: last })), [1], 'the last round there can be');
  expectSeeds(await gather(storage.read({ from: 2 ** 32 + 1, to: 2 ** 40 })), [2], 'rounds past 32 bits');
}

async function readersAtOnce(bed: StorageBed): Promise<void> {
  const { storage } = await bed.open();
  await storage.append(count(1, 2_000).map((seed) => recordOf(seed, { from: seed, to: seed })));
  const readers = count(0, 7).map(async (index) => {
    const from = 1 + index * 200;
    expectSeeds(await gather(storage.read({ from, to: from + 399 })), count(from, from + 399), `reader ${index}`);
  });
  const appends = count(2_001, 2_500).map((seed) => storage.append([recordOf(seed, { from: seed, to: seed })]));
  await Promise.all([...readers, ...appends]);
  expectSeeds(await gather(storage.read({ from: 2_001, to: 3_000 })), count(2_001, 2_500), 'appended meanwhile');
}

async function stopsEarly(bed: StorageBed): Promise<void> {
  const { storage } = await bed.open();
  await storage.append(count(1, 2_000).map((seed) => recordOf(seed, { from: seed, to: seed })));
  for (const _ of count(1, 200)) {
    let seen = 0;
    for await (const record of storage.read({ from: 1, to: 2_000 })) {
      expect(record.length === 40, 'a whole record');
      seen += 1;
      if (seen === 3) break;
    }
  }
  storage.read({ from: 1, to: 2_000 }); // never begun
  await storage.append([recordOf(2_001, { from: 2_001, to: 2_001 })]);
  expectSeeds(await gather(storage.read({ from: 2_000, to: 2_001 })), [2_000, 2_001], 'goes on');
}

export const readCases: StorageCaseTable = [
  ['read gives every record of the rounds, in the order of append, runs and re-proposals included', byRounds],
  ['a record without rounds is not read by rounds', withoutRounds],
  ['H63 rounds reach up to 2^53 - 1', farRounds],
  ['several readers read while records are appended', readersAtOnce],
  ['a reader may stop early, or never begin', stopsEarly],
];
