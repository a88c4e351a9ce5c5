// Goal: H39 and H46, to the byte: a snapshot that could not be written to its end is never the latest one. Method: a disk that takes
// one byte a write, fails at each of them in turn, and loses its power then.
import test from 'ava';
import { bytesOf, storageOver } from './model.ts';
import { SimulatedDisk } from './simulated-disk.ts';

const recordOf = (number: number) => ({ parts: [bytesOf(number, 100)], rounds: { from: number, to: number } });

const losses: Record<string, () => boolean> = { 'all is kept': () => true, 'nothing unsynced is kept': () => false };

for (const [what, isKept] of Object.entries(losses)) {
  test(`H39 H46 a snapshot that runs out of room at any byte leaves the one before it, where ${what}`, async (t) => {
    let failures = 0;
    let isWhole = false;
    for (; !isWhole; failures += 1) {
      const disk = new SimulatedDisk();
      const storage = storageOver(disk);
      await storage.open();
      await storage.append([recordOf(1)]);
      await storage.saveSnapshot({ round: 1, bytes: bytesOf(1, 40) });
      await storage.append([recordOf(2)]);
      disk.writeBytesMax = 1;
      const fatal = disk.calls.length + failures;
      disk.onCall = (index) => {
        if (index >= fatal) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
      };
      const error = await storage.saveSnapshot({ round: 2, bytes: bytesOf(2, 40) }).catch((thrown: unknown) => thrown);
      isWhole = error === undefined;
      if (!isWhole) t.like(error, { code: 'PAXAKOS_STORAGE_FULL' });
      const again = storageOver(disk.cut(isKept));
      const { snapshot, records } = await again.open();
      const found: Uint8Array[] = [];
      for await (const record of records) found.push(record);
      // What is on the disk after a failure may be either, and each is whole.
      const isNew = snapshot?.round === 2;
      t.is(snapshot?.round, isNew ? 2 : 1);
      t.deepEqual(Buffer.from(snapshot?.bytes ?? []), Buffer.from(bytesOf(isNew ? 2 : 1, 40)));
      if (!isNew) t.is(found.length, 1, `the record after the snapshot, after ${failures} calls`);
      t.true(isNew || !isWhole, 'what resolved is there');
      await again.close();
    }
    t.true(failures > 60, `${failures} places to fail at`);
  });
}
