// Goal: H43, H44 on the machine's own files: whatever single byte of a log is another one, and wherever a file is cut off, what is
// given is what was appended, or a refusal; only the last group of a log that was not closed may be gone. Method: every byte of
// every file in turn.
import { closeSync, ftruncateSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isPaxakosError } from '@paxakos/core/contracts';
import test, { type ExecutionContext } from 'ava';
import { StableStorage } from '../../src/stable-storage.ts';
import { hastyFiles } from '../hasty-files.ts';
import { bytesOf, numberOf } from '../model.ts';

const snapshotRound = 2;
const snapshotLength = 40;
const groups = 24;

function storageIn(directory: string): StableStorage {
  return new StableStorage(hastyFiles, { directory, segmentBytes: 4_096, retain: { entries: 1_000, bytes: 1e6 } });
}

/** Groups of one record each, with a snapshot after the second; they fill one segment, and some of the next one. */
async function makeLog(t: ExecutionContext, closes: boolean): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'paxakos-'));
  t.teardown(() => rm(directory, { recursive: true }));
  const storage = storageIn(directory);
  await storage.open();
  for (let number = 1; number <= groups; number += 1) {
    await storage.append([{ parts: [bytesOf(number, 100)], rounds: { from: number, to: number } }]);
    if (number === snapshotRound)
      await storage.saveSnapshot({ round: snapshotRound, bytes: bytesOf(snapshotRound, snapshotLength) });
  }
  if (closes) await storage.close();
  const names = await readdir(directory);
  t.deepEqual(names.map((name) => name.replace(/\d/g, '')).sort(), ['log-.seg', 'log-.seg', 'snapshot-.snap']);
  return directory;
}

/** How many of the records after the snapshot are given, or `refused`. Throws where they are not what was appended. */
async function given(directory: string): Promise<number | 'refused'> {
  const storage = storageIn(directory);
  try {
    const { snapshot, records } = await storage.open();
    if (snapshot?.bytes.length !== snapshotLength || numberOf(snapshot.bytes) !== snapshot.round)
      throw new Error(`snapshot ${snapshot?.round} is given`);
    let next = snapshotRound + 1;
    for await (const record of records) {
      if (numberOf(record) !== next) throw new Error(`record ${numberOf(record)} is given, not ${next}`);
      next += 1;
    }
    return next - 1 - snapshotRound;
  } catch (error) {
    if (isPaxakosError(error, 'PAXAKOS_STORAGE_VERSION') || isPaxakosError(error, 'PAXAKOS_STORAGE_CORRUPT'))
      return 'refused';
    throw error;
  } finally {
    await storage.close();
  }
}

interface Tally {
  refused: number;
  whole: number;
  cut: number;
}

/** Damages each file at each offset, opens the log, and puts back what it was, also what the open mended. */
async function atEachByte(
  directory: string,
  damage: (descriptor: number, offset: number, bytes: Uint8Array) => void,
): Promise<Tally> {
  const tally: Tally = { refused: 0, whole: 0, cut: 0 };
  const files = new Map<string, Uint8Array>();
  for (const name of readdirSync(directory)) files.set(name, readFileSync(join(directory, name)));
  for (const [name, bytes] of files) {
    for (let offset = 0; offset < bytes.length; offset += 1) {
      const descriptor = openSync(join(directory, name), 'r+');
      damage(descriptor, offset, bytes);
      closeSync(descriptor);
      const result = await given(directory).catch((error: Error) => {
        throw new Error(`byte ${offset} of ${name}: ${error.message}`, { cause: error });
      });
      if (result === 'refused') tally.refused += 1;
      else if (result === groups - snapshotRound) tally.whole += 1;
      else if (result === groups - snapshotRound - 1) tally.cut += 1;
      else throw new Error(`byte ${offset} of ${name}: ${result} records are given`);
      // A refusal has changed nothing.
      for (const [other, original] of files)
        if (other === name || result !== 'refused') restore(join(directory, other), original);
    }
  }
  return tally;
}

function restore(path: string, bytes: Uint8Array): void {
  const descriptor = openSync(path, 'r+');
  writeSync(descriptor, bytes, 0, bytes.length, 0);
  closeSync(descriptor);
}

function flip(descriptor: number, offset: number, bytes: Uint8Array): void {
  writeSync(descriptor, Uint8Array.of((bytes[offset] as number) ^ (1 << (offset % 8))), 0, 1, offset);
}

/** A header of 64 bytes, a table entry of 20 and the record. */
const groupBytes = 64 + 20 + 100;

test('H43 a bit flipped at any byte of real files that were closed is refused, or changes nothing', async (t) => {
  t.timeout(600_000);
  const { refused, cut } = await atEachByte(await makeLog(t, true), flip);
  t.is(cut, 0);
  t.true(refused >= (groups - snapshotRound) * groupBytes + snapshotLength, `${refused}`);
});

test('H43 H44 a bit flipped at any byte of real files that were not closed cuts no more than the last group', async (t) => {
  t.timeout(600_000);
  const { refused, cut } = await atEachByte(await makeLog(t, false), flip);
  t.is(cut, groupBytes);
  t.true(refused >= (groups - snapshotRound - 1) * groupBytes + snapshotLength, `${refused}`);
});

test('H44 real files that are cut off at any byte are refused', async (t) => {
  t.timeout(600_000);
  for (const closes of [true, false]) {
    const { whole, cut } = await atEachByte(await makeLog(t, closes), ftruncateSync);
    t.is(whole + cut, 0, `closed: ${closes}`);
  }
});
