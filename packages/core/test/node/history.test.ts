// Serving committed entries from the storage: only what the log itself says to be committed.
import test from 'ava';
import { encodeUtf8, makeEntry } from '../../src/communicator/index.ts';
import type { CoordNum, Entry } from '../../src/contracts/index.ts';
import { readHistory } from '../../src/node/history.ts';
import { encodeRecord } from '../../src/node/record-codec.ts';
import type { DurableRecord } from '../../src/protocol/index.ts';
import { TestDisk } from './test-disk.ts';

const low: CoordNum = { counter: 1, node: 'a', incarnation: '0'.repeat(32) };
const high: CoordNum = { counter: 2, node: 'b', incarnation: '1'.repeat(32) };
const entryOf = (id: string, bytes = 1): Entry => makeEntry('application', encodeUtf8(id), new Uint8Array(bytes));

async function historyOf(
  records: readonly DurableRecord[],
  from: number,
  to: number,
  bytesMax = 10_000,
): Promise<string> {
  const storage = new TestDisk().storage();
  await storage.open();
  await storage.append(records.map(encodeRecord));
  const history = await readHistory(storage, { from, to }, bytesMax);
  return history
    .map(({ round, number, entry }) => `${round} ${number.node} ${new TextDecoder().decode(entry.id)}`)
    .join();
}

const accept = (number: CoordNum, from: number, ...ids: string[]): DurableRecord => ({
  type: 'accept',
  number,
  from,
  entries: ids.map((id) => entryOf(id)),
});

test('an accepted entry is given only where a commit names its round and its number (P8)', async (t) => {
  const accepted = accept(low, 1, 'x', 'y', 'z');
  t.is(await historyOf([accepted], 1, 3), '');
  t.is(await historyOf([accepted, { type: 'commit', number: low, from: 1, to: 2 }], 1, 3), '1 a x,2 a y');
  t.is(await historyOf([accepted, { type: 'commit', number: high, from: 1, to: 2 }], 1, 3), '');
});

test('an entry that was accepted and overruled is not the one that is given', async (t) => {
  const records = [
    accept(low, 1, 'x'),
    accept(high, 1, 'y'),
    { type: 'commit', number: high, from: 1, to: 1 },
  ] as const;
  t.is(await historyOf(records, 1, 1), '1 b y');
});

test('entries learnt in full are given, without a gap from the first round asked for on', async (t) => {
  const learnt: DurableRecord = {
    type: 'entries',
    entries: [2, 3, 5].map((round) => ({ round, number: low, entry: entryOf(`e${round}`) })),
  };
  t.is(await historyOf([learnt], 2, 9), '2 a e2,3 a e3');
  t.is(await historyOf([learnt], 1, 9), '');
  t.is(await historyOf([learnt], 3, 3), '3 a e3');
});

test('no more is given than about the bytes asked for, and always the first', async (t) => {
  const entries = Array.from({ length: 10 }, (_, index) => entryOf(`e${index + 1}`, 1_000));
  const records = [
    { type: 'accept', number: low, from: 1, entries },
    { type: 'commit', number: low, from: 1, to: 10 },
  ] as const;
  t.is(await historyOf(records, 1, 10, 2_500), '1 a e1,2 a e2');
  t.is(await historyOf(records, 4, 10, 10), '4 a e4');
});
