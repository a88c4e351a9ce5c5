// A storage that forgets when it is closed, and until then keeps what the contract says.
import test from 'ava';
import type { LogRecord, RoundRange, Storage } from '../../src/contracts/index.ts';
import { volatileStorage } from '../../src/memory/index.ts';

const record = (name: number, from?: number, to = from): LogRecord => ({
  parts: [Uint8Array.of(name), new Uint8Array(0), Uint8Array.of(name)],
  ...(from === undefined || to === undefined ? {} : { rounds: { from, to } }),
});

async function namesOf(storage: Storage, rounds: RoundRange): Promise<number[]> {
  const names: number[] = [];
  for await (const bytes of storage.read(rounds)) {
    if (bytes.length !== 2 || bytes[0] !== bytes[1]) throw new Error('a record is not what was appended');
    names.push(bytes[0] as number);
  }
  return names;
}

async function opened(retain?: number): Promise<Storage> {
  const storage = volatileStorage(retain === undefined ? {} : { retain });
  await storage.open();
  return storage;
}

test('P10: each open finds an empty log', async (t) => {
  const storage = volatileStorage();
  for (let life = 0; life < 2; life++) {
    const log = await storage.open();
    t.is(log.snapshot, undefined);
    for await (const bytes of log.records) t.fail(`found ${bytes.length} bytes`);
    t.deepEqual(await namesOf(storage, { from: 1, to: Number.MAX_SAFE_INTEGER }), []);
    t.is(storage.retainedFrom, 1);
    await storage.append([record(1, 1), record(2)]);
    await storage.saveSnapshot({ round: 200_000, bytes: Uint8Array.of(1) });
    await storage.append([record(3, 200_001)]);
    await storage.close();
    await storage.close();
  }
});

test('records are read by the rounds that they concern, in the order of their append, each once', async (t) => {
  const storage = await opened();
  await storage.append([record(1, 1, 300), record(2, 5), record(3)]);
  await storage.append([record(4, 250, 1_000), record(5, 5)]);
  t.deepEqual(await namesOf(storage, { from: 1, to: 2_000 }), [1, 2, 4, 5]);
  t.deepEqual(await namesOf(storage, { from: 5, to: 5 }), [1, 2, 5]);
  t.deepEqual(await namesOf(storage, { from: 300, to: 301 }), [1, 4]);
  t.deepEqual(await namesOf(storage, { from: 301, to: Number.MAX_SAFE_INTEGER }), [4]);
  t.deepEqual(await namesOf(storage, { from: 1_001, to: 5_000 }), []);
});

test('H63: the last rounds are kept like the first', async (t) => {
  const last = Number.MAX_SAFE_INTEGER;
  const storage = await opened();
  await storage.append([record(1, last - 1), record(2, last)]);
  t.deepEqual(await namesOf(storage, { from: last, to: last }), [2]);
  t.deepEqual(await namesOf(storage, { from: 1, to: last }), [1, 2]);
});

test('a snapshot drops the records below the retained rounds, and says from where on all are there', async (t) => {
  const storage = await opened(100);
  await storage.append([record(1, 1, 400), record(2, 300, 350), record(3, 401), record(4, 390, 450), record(5, 600)]);
  await storage.saveSnapshot({ round: 501, bytes: new Uint8Array(0) });
  t.is(storage.retainedFrom, 402);
  t.deepEqual(await namesOf(storage, { from: 1, to: 1_000 }), [4, 5]);
  await storage.append([record(6, 402)]);
  await storage.saveSnapshot({ round: 400, bytes: new Uint8Array(0) });
  t.is(storage.retainedFrom, 402);
  t.deepEqual(await namesOf(storage, { from: 402, to: 402 }), [4, 6]);
});

test('a storage has one owner, and none takes or gives before it is open or after it is closed', async (t) => {
  const storage = volatileStorage();
  const isClosed = { code: 'PAXAKOS_STORAGE_CLOSED' };
  await t.throwsAsync(storage.append([record(1, 1)]), isClosed);
  await storage.open();
  await t.throwsAsync(storage.open(), { code: 'PAXAKOS_STORAGE_LOCKED' });
  await storage.close();
  await t.throwsAsync(storage.append([record(1, 1)]), isClosed);
  await t.throwsAsync(storage.saveSnapshot({ round: 1, bytes: new Uint8Array(0) }), isClosed);
  await t.throwsAsync(namesOf(storage, { from: 1, to: 1 }), isClosed);
  t.throws(() => volatileStorage({ retain: -1 }), { code: 'PAXAKOS_INVALID' });
});
