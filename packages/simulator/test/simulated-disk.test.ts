// Goal: the disk of the simulation is no kinder than a real one, and the log copes with it. Method: files and names, synced and not,
// whose power is cut; and a log of storage-fs over it whose snapshot is damaged.
import { fsStorageOver } from '@paxakos/storage-fs/file-system';
import test from 'ava';
import { Life } from '../src/life.ts';
import { Scheduler } from '../src/scheduler.ts';
import { Seeded } from '../src/seeded.ts';
import { type DiskEffect, SimulatedDisk, simulatedDirectory } from '../src/simulated-disk.ts';

const path = `${simulatedDirectory}/a`;

/** A disk, and a life of its node at a time. */
class Bench {
  readonly scheduler = new Scheduler();
  readonly disk: SimulatedDisk;
  readonly effects: DiskEffect[] = [];
  #lives = 0;
  life: Life;

  constructor(seed: number) {
    this.disk = new SimulatedDisk(this.scheduler, new Seeded(seed, 'disk'));
    this.disk.faults.onEffect = (effect) => this.effects.push(effect);
    this.life = this.restart();
  }

  get files() {
    return this.disk.files(this.life);
  }

  restart(): Life {
    this.#lives += 1;
    this.life = new Life(this.scheduler, 'a', this.#lives, { rate: 1, base: 0 });
    return this.life;
  }

  cut(): void {
    this.life.end();
    this.disk.crash(true);
    this.restart();
  }

  /** Lets time pass until all that was begun has come to an end. */
  async settled<T>(work: Promise<T>): Promise<T> {
    const ended = work.catch(() => {});
    await this.scheduler.runUntil(this.scheduler.now + 1_000);
    await ended;
    return work;
  }

  async made(bytesLength: number) {
    const file = await this.settled(this.files.open(path, 'create'));
    await this.settled(file.write([new Uint8Array(bytesLength).fill(1)], 0));
    await this.settled(file.sync());
    await this.settled(this.files.syncDirectory(simulatedDirectory));
    return file;
  }

  async lengthAfterCut(): Promise<number> {
    this.cut();
    const file = await this.settled(this.files.open(path, 'read'));
    return this.settled(file.length());
  }
}

test('a write that comes after a sync began may be lost, though it came before the sync ended (H48)', async (t) => {
  const lengths = new Set<number>();
  for (let seed = 0; seed < 20; seed += 1) {
    const bench = new Bench(seed);
    const file = await bench.made(100);
    bench.disk.faults.slowness = 1_000;
    const sync = file.sync();
    bench.disk.faults.slowness = 1;
    await Promise.all([bench.settled(file.write([new Uint8Array(7).fill(2)], 100)), sync]);
    lengths.add(await bench.lengthAfterCut());
  }
  t.deepEqual(lengths, new Set([100, 107]));
});

test('a name that comes after a sync of names began may be lost, though it came before the sync ended (H48)', async (t) => {
  let lost = 0;
  for (let seed = 0; seed < 20; seed += 1) {
    const bench = new Bench(seed);
    await bench.made(10);
    bench.disk.faults.slowness = 1_000;
    const sync = bench.files.syncDirectory(simulatedDirectory);
    bench.disk.faults.slowness = 1;
    await Promise.all([bench.settled(bench.files.rename(path, `${path}2`)), sync]);
    bench.cut();
    const names = await bench.settled(bench.files.list(simulatedDirectory));
    if (names.includes('a')) lost += 1;
  }
  t.true(lost > 0 && lost < 20, `${lost} of 20`);
});

test('a failed sync of names leaves them uncertain, and a later one makes them certain', async (t) => {
  let lost = 0;
  for (let seed = 0; seed < 20; seed += 1) {
    for (const isTriedAgain of [false, true]) {
      const bench = new Bench(seed);
      await bench.made(10);
      await bench.settled(bench.files.rename(path, `${path}2`));
      bench.disk.faults.fails = 'sync';
      await t.throwsAsync(bench.settled(bench.files.syncDirectory(simulatedDirectory)), { code: 'EIO' });
      if (isTriedAgain) await bench.settled(bench.files.syncDirectory(simulatedDirectory));
      bench.cut();
      const names = await bench.settled(bench.files.list(simulatedDirectory));
      if (isTriedAgain) t.deepEqual(names, ['a2']);
      else if (names.includes('a')) lost += 1;
    }
  }
  t.true(lost > 0 && lost < 20, `${lost} of 20`);
});

test('a full disk takes no new name, and no sync of names; a failed write may be that of a name (H46)', async (t) => {
  const bench = new Bench(1);
  await bench.made(10);
  const changes = [
    () => bench.files.open(`${path}2`, 'create'),
    () => bench.files.rename(path, `${path}2`),
    () => bench.files.makeDirectory(`${simulatedDirectory}2`),
    () => bench.files.syncDirectory(simulatedDirectory),
  ];
  bench.disk.faults.isFull = true;
  for (const change of changes) await t.throwsAsync(bench.settled<unknown>(change()), { code: 'ENOSPC' });
  bench.disk.faults.isFull = false;
  for (const change of changes.slice(0, 3)) {
    bench.disk.faults.fails = 'write';
    await t.throwsAsync(bench.settled<unknown>(change()), { code: 'EIO' });
  }
  t.deepEqual(await bench.settled(bench.files.list(simulatedDirectory)), ['a']);
  t.deepEqual(bench.effects, [...Array(4).fill('diskFull'), ...Array(3).fill('failWrite')]);
});

test('a call that hangs, fails or is slow says so once it does, and not before', async (t) => {
  const bench = new Bench(1);
  const file = await bench.made(10);
  Object.assign(bench.disk.faults, { isHung: true, fails: 'sync', slowness: 10 });
  t.deepEqual(bench.effects, []);
  const sync = file.sync();
  sync.catch(() => {});
  await bench.scheduler.runUntil(bench.scheduler.now + 100);
  t.deepEqual(bench.effects, ['diskSlow', 'diskHung']);
  bench.disk.unhang();
  await t.throwsAsync(bench.settled(sync), { code: 'EIO' });
  t.deepEqual(bench.effects, ['diskSlow', 'diskHung', 'failSync']);
});

const options = { directory: simulatedDirectory, segmentBytes: 4_096, retain: { entries: 0, bytes: 0 } };

/** A log with a snapshot and some records after it. */
async function logOf(seed: number): Promise<Bench> {
  const bench = new Bench(seed);
  const storage = fsStorageOver(bench.files, options);
  await bench.settled(storage.open());
  const record = { parts: [new Uint8Array(30).fill(5)], rounds: { from: 1, to: 1 } };
  await bench.settled(storage.append([record]));
  await bench.settled(storage.saveSnapshot({ round: 1, bytes: new Uint8Array(3_000).fill(9) }));
  await bench.settled(storage.append([record]));
  await bench.settled(storage.close());
  bench.life.end();
  bench.disk.crash(false);
  bench.restart();
  return bench;
}

test('a bit is flipped anywhere in a snapshot, and such a snapshot is refused, never loaded (H43)', async (t) => {
  let refused = 0;
  for (let seed = 0; seed < 60; seed += 1) {
    const bench = await logOf(seed);
    t.true(bench.disk.flip());
    const storage = fsStorageOver(bench.files, options);
    const opened = await bench.settled(storage.open()).catch((error: unknown) => error as Error);
    if (opened instanceof Error) {
      if (/snapshot/.test(opened.message)) refused += 1;
      continue;
    }
    t.deepEqual(opened.snapshot?.bytes, new Uint8Array(3_000).fill(9), `seed ${seed}`);
  }
  t.true(refused > 15, `${refused} of 60`);
});

test('a read that meets a flipped bit is seen', async (t) => {
  const bench = await logOf(1);
  await bench.settled(fsStorageOver(bench.files, options).open());
  t.deepEqual(bench.effects, [], 'nothing is damaged yet');
  bench.life.end();
  bench.disk.crash(false);
  bench.restart();
  t.true(bench.disk.flip());
  t.deepEqual(bench.effects, [], 'nobody has looked yet');
  await bench.settled(fsStorageOver(bench.files, options).open()).catch(() => {});
  t.true(bench.effects.includes('flip'));
});

test('a torn tail that is cleared is seen (H44)', async (t) => {
  let cleared = 0;
  for (let seed = 0; seed < 40; seed += 1) {
    const bench = await logOf(seed);
    const storage = fsStorageOver(bench.files, options);
    await bench.settled(storage.open());
    // Longer than a sector, so that part of it may be lost.
    const parts = [new Uint8Array(2_000).fill(5)];
    storage.append([{ parts, rounds: { from: 2, to: 2 } }]).catch(() => {});
    await bench.scheduler.runUntil(bench.scheduler.now + 0.5);
    bench.cut();
    t.deepEqual(bench.effects, []);
    await bench.settled(fsStorageOver(bench.files, options).open());
    if (bench.effects.length > 0) cleared += 1;
    t.deepEqual(new Set(bench.effects), new Set(bench.effects.length > 0 ? ['tornTail'] : []));
  }
  t.true(cleared > 5 && cleared < 40, `${cleared} of 40`);
});
