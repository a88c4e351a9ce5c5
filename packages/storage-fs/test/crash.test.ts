// Goal: whatever moment the power goes, and whatever part of the unsynced bytes and names reaches the disk, nothing that
// resolved is lost and nothing else is made up. Method: a simulated disk with a crash model, and a model of what was promised.
import test from 'ava';
import fc from 'fast-check';
import { Model, randomOf, storageOver } from './model.ts';
import { SimulatedDisk } from './simulated-disk.ts';

/** Works on a disk until its call number `cutAt`, then cuts the power; gives what is left. */
async function cutDuring(
  disk: SimulatedDisk,
  cutAt: number,
  isKept: () => boolean,
  work: () => Promise<void>,
): Promise<SimulatedDisk> {
  return await new Promise<SimulatedDisk>((resolve, reject) => {
    disk.onCall = (index) => {
      if (index === cutAt) resolve(disk.cut(isKept));
    };
    work().then(() => resolve(disk.cut(isKept)), reject);
  });
}

const subsets: Record<string, (seed: number) => () => boolean> = {
  'all of what was not synced': () => () => true,
  'none of what was not synced': () => () => false,
  'a random part of what was not synced': (seed) => {
    const random = randomOf(seed);
    return () => random(2) === 0;
  },
};

for (const [name, subset] of Object.entries(subsets)) {
  test(`H2 H3 H8 H48 a power cut before any call, with ${name} on the disk, loses nothing that resolved`, async (t) => {
    const whole = new SimulatedDisk();
    await new Model(1).work(await opened(whole), 60);
    t.true(whole.calls.length > 200);
    for (let cutAt = 0; cutAt <= whole.calls.length; cutAt += 1) {
      const model = new Model(1);
      const disk = new SimulatedDisk();
      const left = await cutDuring(disk, cutAt, subset(cutAt), async () => model.work(await opened(disk), 60));
      await t.notThrowsAsync(model.check(storageOver(left)), `cut before call ${cutAt}, ${whole.calls[cutAt]}`);
    }
  });
}

async function opened(disk: SimulatedDisk): Promise<ReturnType<typeof storageOver>> {
  const storage = storageOver(disk);
  await storage.open();
  return storage;
}

test('H2 H3 H44 H48 any run of work, power cuts and restarts loses nothing that resolved', async (t) => {
  const lives = fc.array(fc.record({ cutAt: fc.nat(120), keep: fc.nat(4), steps: fc.nat(25), closes: fc.boolean() }), {
    minLength: 1,
    maxLength: 6,
  });
  const run = fc.asyncProperty(fc.nat(), lives, async (seed, all) => {
    const random = randomOf(seed);
    const model = new Model(seed);
    let disk = new SimulatedDisk();
    for (const { cutAt, keep, steps, closes } of all) {
      const alive = disk;
      alive.isSlow = seed % 2 === 0;
      disk = await cutDuring(
        alive,
        cutAt,
        () => random(4) < keep,
        async () => {
          const storage = storageOver(alive);
          await model.check(storage);
          await model.work(storage, steps);
          if (closes) await storage.close();
        },
      );
    }
    await model.check(storageOver(disk));
  });
  await t.notThrowsAsync(fc.assert(run, { numRuns: 400 }));
});

test('H45 what a failed sync left in memory only is durable once it was given after a restart', async (t) => {
  const disk = new SimulatedDisk();
  const model = new Model(3);
  const storage = storageOver(disk);
  await storage.open();
  let fails = false;
  disk.onCall = (_, name) => {
    if (fails && name === 'sync') throw Object.assign(new Error('EIO'), { code: 'EIO' });
  };
  await model.work(storage, 3);
  const before = model.appended.length;
  fails = true;
  await t.throwsAsync(storage.append([{ parts: [new Uint8Array([1, 2, 3])] }]), { code: 'PAXAKOS_STORAGE_POISONED' });
  await storage.close();
  fails = false;
  const again = storageOver(disk);
  const { records } = await again.open();
  let count = 0;
  for await (const _ of records) count += 1;
  const left = disk.cut(() => false);
  let after = 0;
  for await (const _ of (await storageOver(left).open()).records) after += 1;
  t.is(after, count);
  t.true(before >= 3);
});

test('a write that takes fewer bytes than it was given goes on with the rest', async (t) => {
  const disk = new SimulatedDisk();
  disk.writeBytesMax = 37;
  const model = new Model(5);
  await model.work(await opened(disk), 10);
  await t.notThrowsAsync(model.check(storageOver(disk.copy())));
});

for (const [what, parent] of [
  ['the directory', '/data'],
  ['one above it', '/'],
] as const) {
  test(`H48 ${what} is there after a power cut, though the sync of its name had failed when it was made`, async (t) => {
    const disk = new SimulatedDisk();
    const syncDirectory = disk.syncDirectory.bind(disk);
    disk.syncDirectory = async (path) => {
      if (path === parent) throw Object.assign(new Error('EIO'), { code: 'EIO' });
      await syncDirectory(path);
    };
    await t.throwsAsync(storageOver(disk).open(), { code: 'PAXAKOS_STORAGE_FAILED' });
    disk.syncDirectory = syncDirectory;
    const model = new Model(1);
    await model.work(await opened(disk), 10);
    await t.notThrowsAsync(model.check(storageOver(disk.cut(() => false))));
  });
}
