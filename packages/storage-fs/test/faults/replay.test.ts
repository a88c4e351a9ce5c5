// Goal: H2, H3, H8, H44, H48 on the machine's own files: whatever moment a crash comes at, and whatever part of the unsynced
// sectors and names is there afterwards, nothing that resolved is lost and nothing else is made up. Method: a run on real files
// is recorded; each prefix of it, with every subset of what is not synced there (or, of many, a sample), is made anew as a
// directory, and opened.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { FileSystem } from '../../src/file-system.ts';
import { StableStorage } from '../../src/stable-storage.ts';
import { hastyFiles } from '../hasty-files.ts';
import { Model, randomOf } from '../model.ts';
import { leftAfter, RecordedFiles } from '../recorded-files.ts';

/** Up to so many pending changes every subset is tried, of more a sample. */
const wholeUpTo = 7;

async function place(t: ExecutionContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'paxakos-'));
  t.teardown(() => rm(directory, { recursive: true }));
  return directory;
}

function storageIn(files: FileSystem, directory: string): StableStorage {
  return new StableStorage(files, { directory, segmentBytes: 4_096, retain: { entries: 4, bytes: 8_000 } });
}

/** The subsets of `count` changes, each as what to answer when asked whether one is kept. */
function* subsetsOf(count: number, seed: number): Generator<(index: number) => boolean> {
  if (count <= wholeUpTo) {
    for (let mask = 0; mask < 2 ** count; mask += 1) yield (index) => (mask & (1 << index)) !== 0;
    return;
  }
  yield () => false;
  yield () => true;
  for (let only = 0; only < count; only += 1) {
    yield (index) => index === only;
    yield (index) => index !== only;
  }
  for (let turn = 0; turn < 20; turn += 1) {
    const random = randomOf(seed * 100 + turn);
    yield () => random(2) === 0;
  }
}

function pendingAfter(steps: RecordedFiles['steps']): number {
  let count = 0;
  leftAfter(steps, () => {
    count += 1;
    return true;
  });
  return count;
}

async function fill(directory: string, left: Map<string, Uint8Array>): Promise<void> {
  await mkdir(directory);
  for (const [name, bytes] of left) await writeFile(join(directory, name), bytes);
}

/** Opens what a crash left, and holds it against the model; `isLong` also goes on from there, and opens it once more. */
async function check(directory: string, left: Map<string, Uint8Array>, model: Model, isLong: boolean): Promise<void> {
  await fill(directory, left);
  const storage = storageIn(hastyFiles, directory);
  await model.check(storage);
  if (isLong) await model.work(storage, 3);
  await storage.close();
  if (isLong) {
    const again = storageIn(hastyFiles, directory);
    await model.check(again);
    await again.close();
  }
  await rm(directory, { recursive: true });
}

interface Recording {
  readonly steps: RecordedFiles['steps'];
  /** What had been promised before each step, and at the end. */
  readonly moments: readonly Model[];
}

async function record(directory: string, seed: number, steps: number): Promise<Recording> {
  const files = new RecordedFiles();
  const model = new Model(seed);
  const moments: Model[] = [];
  files.onStep = () => void moments.push(model.copy());
  const storage = storageIn(files, directory);
  await storage.open();
  await model.work(storage, steps);
  await storage.close();
  return { steps: files.steps, moments: [...moments, model.copy()] };
}

test('H2 H3 H8 H48 real files, as a crash may leave them after any write with any unsynced part, lose nothing that resolved', async (t) => {
  t.timeout(600_000);
  const parent = await place(t);
  const { steps, moments } = await record(join(parent, 'origin'), 7, 22);
  let wholly = 0;
  let count = 0;
  for (let end = 0; end <= steps.length; end += 1) {
    const prefix = steps.slice(0, end);
    const pending = pendingAfter(prefix);
    if (pending <= wholeUpTo) wholly += 1;
    for (const isKept of subsetsOf(pending, end)) {
      let index = 0;
      const left = leftAfter(prefix, () => isKept(index++));
      count += 1;
      const checked = check(join(parent, `${count}`), left, (moments[end] as Model).copy(), count % 8 === 0);
      await t.notThrowsAsync(checked, `after ${end} steps, ${pending} of them pending`);
    }
  }
  t.log(`${steps.length} steps, ${wholly} moments with every subset, ${count} directories`);
  t.true(wholly > steps.length / 2);
});

test('H44 a process killed within a write leaves any part of it, and loses nothing that resolved', async (t) => {
  t.timeout(600_000);
  const parent = await place(t);
  const { steps, moments } = await record(join(parent, 'origin'), 11, 12);
  let count = 0;
  for (const [end, step] of steps.entries()) {
    if (step.type !== 'write') continue;
    const { bytes } = step;
    for (let length = 1; length < bytes.length; length += bytes.length < 256 ? 3 : 61) {
      const cut = [...steps.slice(0, end), { ...step, bytes: bytes.subarray(0, length) }];
      count += 1;
      const left = leftAfter(cut, () => true);
      const checked = check(join(parent, `${count}`), left, (moments[end] as Model).copy(), false);
      await t.notThrowsAsync(checked, `${length} of ${bytes.length} bytes of step ${end}`);
    }
  }
  t.true(count > 500, `${count}`);
});
