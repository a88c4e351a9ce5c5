// Goal: H45 and H46. Method: let any one call of the file system fail, and see that nothing is acknowledged from then on.
import { StorageError } from '@paxakos/core/contracts';
import test from 'ava';
import { bytesOf, Model, storageOver } from './model.ts';
import { SimulatedDisk } from './simulated-disk.ts';

const recordOf = (number: number) => ({ parts: [bytesOf(number, 50)], rounds: { from: number, to: number } });

/** Makes one call fail, and those after it that would go to the disk too if `forGood`. */
function failAt(disk: SimulatedDisk, at: number, code: string): void {
  disk.onCall = (index, name, path) => {
    if (index === at) throw Object.assign(new Error(`${code}: ${name} ${path}`), { code });
  };
}

for (const [code, expected] of [
  ['EIO', 'PAXAKOS_STORAGE_POISONED'],
  ['ENOSPC', 'PAXAKOS_STORAGE_FULL'],
] as const) {
  test(`H45 H46 whichever call fails with ${code}, nothing is acknowledged afterwards and nothing resolved is lost`, async (t) => {
    const whole = new SimulatedDisk();
    const first = storageOver(whole);
    await first.open();
    const begin = whole.calls.length;
    await new Model(2).work(first, 30);
    for (let at = begin; at < whole.calls.length; at += 1) {
      const disk = new SimulatedDisk();
      const model = new Model(2);
      const storage = storageOver(disk);
      await storage.open();
      failAt(disk, at, code);
      const error = await model.work(storage, 30).catch((thrown: unknown) => thrown);
      if (error === undefined) continue; // it was the making of a segment that nobody needed yet
      t.true(error instanceof StorageError && error.code === expected, whole.calls[at]);
      t.is((error as Error).cause instanceof Error, true);
      await t.throwsAsync(storage.append([recordOf(1)]), { code: expected });
      await t.throwsAsync(storage.append([]), { code: expected });
      await t.throwsAsync(storage.saveSnapshot({ round: 1, bytes: bytesOf(1, 10) }), { code: expected });
      await t.throwsAsync(storage.read({ from: 1, to: 2 }).next(), { code: expected });
      await storage.close();
      t.is(disk.openFiles, 0, `a file stays open after a failed ${whole.calls[at]}`);
      await t.notThrowsAsync(model.check(storageOver(disk.cut(() => false))), `after a failed ${whole.calls[at]}`);
    }
  });
}

test('H45 a failed sync rejects every append that waits, in flight or not', async (t) => {
  const disk = new SimulatedDisk();
  const storage = storageOver(disk);
  await storage.open();
  disk.isSlow = true;
  let syncs = 0;
  disk.onCall = (_, name) => {
    if (name === 'sync' && ++syncs === 1) throw Object.assign(new Error('EIO'), { code: 'EIO' });
  };
  const appends = [storage.append([recordOf(1)])];
  await new Promise(setImmediate); // the first group is on its way
  for (let number = 2; number < 50; number += 1) appends.push(storage.append([recordOf(number)]));
  const settled = await Promise.allSettled(appends);
  t.true(settled.every(({ status }) => status === 'rejected'));
  t.is(syncs, 1, 'the sync is not tried again');
  await storage.close();
});

test('H45 a snapshot that fails rejects an append in flight even if its own write succeeds', async (t) => {
  const disk = new SimulatedDisk();
  const storage = storageOver(disk);
  await storage.open();
  disk.onCall = (_, name, path) => {
    if (name === 'rename' && path.includes('snapshot')) throw Object.assign(new Error('EIO'), { code: 'EIO' });
  };
  const saved = storage.saveSnapshot({ round: 1, bytes: bytesOf(1, 100) });
  await t.throwsAsync(saved, { code: 'PAXAKOS_STORAGE_POISONED' });
  await t.throwsAsync(storage.append([recordOf(1)]), { code: 'PAXAKOS_STORAGE_POISONED' });
  await storage.close();
  t.is(disk.openFiles, 0);
});

test('H47 close waits for a write that does not end; later calls are refused at once', async (t) => {
  const disk = new SimulatedDisk();
  const storage = storageOver(disk);
  await storage.open();
  const append = storage.append([recordOf(1)]);
  disk.cut(() => true); // from here on no call ends
  let isOver = false;
  for (const each of [append, storage.close()]) each.finally(() => (isOver = true)).catch(() => {});
  await t.throwsAsync(storage.append([recordOf(2)]), { code: 'PAXAKOS_STORAGE_CLOSED' });
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
  t.false(isOver);
});

test('appends of one turn, and those that come while a sync is under way, share one write and one sync', async (t) => {
  const disk = new SimulatedDisk();
  const storage = storageOver(disk);
  await storage.open();
  disk.isSlow = true;
  disk.calls = [];
  const small = (number: number) => ({ parts: [bytesOf(number, 4)] });
  const first = Array.from({ length: 20 }, (_, index) => storage.append([small(index + 1)]));
  await new Promise(setImmediate); // under way
  const second = Array.from({ length: 10 }, (_, index) => storage.append([small(index + 21)]));
  await Promise.all([...first, ...second]);
  const calls = disk.calls.map((call) => call.split(' ')[0]);
  t.deepEqual(calls, ['write', 'sync', 'write', 'sync']);
  await storage.close();
});
