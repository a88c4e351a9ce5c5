// Goal: options, errors of the surroundings and files on a real file system.
import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type FsStorageOptions, fsStorage } from '../src/index.ts';
import { bytesOf } from './model.ts';

async function place(t: ExecutionContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'paxakos-'));
  t.teardown(() => rm(directory, { recursive: true }));
  return directory;
}

test('an option that is not what it must be is refused by name, value and remedy', (t) => {
  const cases: [unknown, RegExp][] = [
    [{ directory: '' }, /directory is "": give the path/],
    [{ directory: 3 }, /directory is 3: /],
    [{ directory: 'a\0b' }, /directory is /],
    [{ directory: 'a', segmentBytes: 100 }, /segmentBytes is 100: give a whole number of bytes, from 4096/],
    [{ directory: 'a', segmentBytes: 1.5e9 + 0.5 }, /segmentBytes/],
    [{ directory: 'a', retain: { entries: -1 } }, /retain.entries is -1: /],
    [{ directory: 'a', retain: { bytes: Number.NaN } }, /retain.bytes is NaN: /],
  ];
  for (const [options, message] of cases) {
    t.throws(() => fsStorage(options as FsStorageOptions), { code: 'PAXAKOS_INVALID', message });
  }
  t.notThrows(() => fsStorage({ directory: 'a', retain: { entries: 0, bytes: Number.POSITIVE_INFINITY } }));
});

test('a record whose rounds are no rounds is refused, and leaves the storage usable', async (t) => {
  const storage = fsStorage({ directory: await place(t) });
  await storage.open();
  for (const rounds of [
    { from: 0, to: 1 },
    { from: 2, to: 1 },
    { from: 1.5, to: 2 },
    { from: 1, to: 2 ** 53 },
  ]) {
    await t.throwsAsync(storage.append([{ parts: [], rounds }]), { code: 'PAXAKOS_INVALID', message: /rounds/ });
  }
  await t.throwsAsync(storage.saveSnapshot({ round: -1, bytes: new Uint8Array() }), { code: 'PAXAKOS_INVALID' });
  await storage.append([{ parts: [bytesOf(1, 10)], rounds: { from: 1, to: 1 } }]);
  await storage.close();
});

test('the directory is made where it is missing, with all above it', async (t) => {
  const directory = join(await place(t), 'a', 'b', 'c');
  const storage = fsStorage({ directory });
  await storage.open();
  await storage.close();
  t.true((await readdir(directory)).some((name) => name.endsWith('.seg')));
});

test('what stands in the way of the directory is named, with a remedy', async (t) => {
  const parent = await place(t);
  const file = join(parent, 'file');
  await writeFile(file, '');
  for (const directory of [file, join(file, 'below')]) {
    const error = await t.throwsAsync(fsStorage({ directory }).open(), { code: 'PAXAKOS_STORAGE_FAILED' });
    t.true(error?.message.includes(directory) && /name a directory/.test(error.message), error?.message);
  }
  const error = await t.throwsAsync(fsStorage({ directory: '/proc/paxakos' }).open(), {
    code: 'PAXAKOS_STORAGE_FAILED',
  });
  t.truthy(error?.cause);
});

test('an open that failed may be tried again', async (t) => {
  const directory = join(await place(t), 'log');
  await writeFile(directory, '');
  const storage = fsStorage({ directory });
  await t.throwsAsync(storage.open());
  await rm(directory);
  await storage.open();
  await storage.close();
});

test('H39 what a crash left half made is removed, and other files are left alone', async (t) => {
  const directory = await place(t);
  const drafts = ['log-0000000000000002.seg.tmp', 'snapshot-0000000000000001.snap.tmp'];
  for (const name of [...drafts, 'notes.txt']) await writeFile(join(directory, name), 'half');
  const storage = fsStorage({ directory });
  const { snapshot } = await storage.open();
  t.is(snapshot, undefined);
  await storage.close();
  const names = await readdir(directory);
  t.true(names.includes('notes.txt'));
  t.false(names.some((name) => name.endsWith('.tmp')));
});

test('a long log keeps to its limits, and old segments are deleted', async (t) => {
  const directory = await place(t);
  const storage = fsStorage({ directory, segmentBytes: 65_536, retain: { entries: 100, bytes: 1e9 } });
  await storage.open();
  for (let round = 1; round <= 5_000; round += 1) {
    const append = storage.append([{ parts: [bytesOf(round, 400)], rounds: { from: round, to: round } }]);
    if (round % 100 !== 0) continue;
    await append;
    await storage.saveSnapshot({ round, bytes: bytesOf(round, 1_000) });
  }
  await storage.close();
  const names = await readdir(directory);
  t.true(names.filter((name) => name.endsWith('.seg')).length <= 4, names.join());
  t.is(names.filter((name) => name.endsWith('.snap')).length, 1);
  t.true(storage.retainedFrom > 4_000 && storage.retainedFrom <= 4_901, `${storage.retainedFrom}`);
});

test.serial(
  'H46 a full disk rejects with PAXAKOS_STORAGE_FULL, and the log opens again once there is room',
  async (t) => {
    const mount = await place(t);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', mount], { stdio: 'ignore' });
    } catch {
      t.pass('not allowed to mount here; poison.test.ts has the same rule on a simulated disk');
      return;
    }
    t.teardown(() => execFileSync('umount', ['-l', mount]));
    const directory = join(mount, 'log');
    const options = { directory, segmentBytes: 131_072 };
    const storage = fsStorage(options);
    await storage.open();
    let resolved = 0;
    const fill = async (): Promise<void> => {
      for (let number = 1; ; number += 1) {
        await storage.append([{ parts: [bytesOf(number, 3_000)], rounds: { from: number, to: number } }]);
        resolved = number;
      }
    };
    await t.throwsAsync(fill(), { code: 'PAXAKOS_STORAGE_FULL', message: /make room/ });
    await t.throwsAsync(storage.append([{ parts: [] }]), { code: 'PAXAKOS_STORAGE_FULL' });
    await storage.close();
    t.true(resolved > 50);
    execFileSync('mount', ['-o', 'remount,size=2m', mount]);
    const again = fsStorage(options);
    let count = 0;
    for await (const _ of (await again.open()).records) count += 1;
    t.true(count >= resolved, `${count} of ${resolved}`);
    await again.append([{ parts: [bytesOf(1, 200_000)] }]);
    await again.close();
  },
);
