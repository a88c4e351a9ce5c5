// Goal: H43, H44, H50: damage is never taken for the end of the log, and never gives a wrong record. Method: damage a small log
// in every way there is at every byte, and open it.
import { isPaxakosError } from '@paxakos/core/contracts';
import test from 'ava';
import {
  decodeFrameHeader,
  decodeSegmentHeader,
  encodeSegmentHeader,
  frameHeaderBytes,
  seedOf,
  segmentHeaderBytes,
} from '../src/format.ts';
import { bytesOf, directory, numberOf, storageOver } from './model.ts';
import { SimulatedDisk } from './simulated-disk.ts';

const segment = (number: number): string => `${directory}/log-${String(number).padStart(16, '0')}.seg`;
const snapshotFile = `${directory}/snapshot-${String(1).padStart(16, '0')}.snap`;
const keepAll = { entries: 1_000, bytes: 1_000_000 };

interface Log {
  readonly disk: SimulatedDisk;
  readonly total: number;
}

/** Five groups, then a snapshot for the first 10 records, then more: three segments. `closes` ends it at rest. */
async function makeLog(closes: boolean, id = 1): Promise<Log> {
  const disk = new SimulatedDisk();
  for (let count = 1; count < id; count += 1) disk.uniqueId();
  const storage = storageOver(disk, keepAll);
  await storage.open();
  let number = 0;
  for (let group = 0; group < 20; group += 1) {
    const records = [1, 2].map(() => {
      number += 1;
      return { parts: [bytesOf(number, 180)], rounds: { from: number, to: number } };
    });
    await storage.append(records);
    if (group === 4) await storage.saveSnapshot({ round: 10, bytes: bytesOf(10, 300) });
  }
  if (closes) await storage.close();
  return { disk: disk.cut(() => true), total: number };
}

/** The numbers of the records that the log gives after its snapshot, or the code of its refusal. */
async function given(disk: SimulatedDisk): Promise<number[] | string> {
  const storage = storageOver(disk, keepAll);
  try {
    const { snapshot, records } = await storage.open();
    const numbers: number[] = [];
    for await (const record of records) numbers.push(numberOf(record));
    if (snapshot === undefined || numberOf(snapshot.bytes) !== 10 || snapshot.bytes.length !== 300)
      return 'wrong snapshot';
    return numbers;
  } catch (error) {
    if (isPaxakosError(error, 'PAXAKOS_STORAGE_VERSION') || isPaxakosError(error, 'PAXAKOS_STORAGE_CORRUPT'))
      return error.code;
    throw error;
  }
}

/** Where the frames of a segment are. */
function framesOf(disk: SimulatedDisk, number: number): { offset: number; length: number; last: number }[] {
  const bytes = disk.bytes(segment(number));
  const seed = seedOf({ logId: bytes.slice(32, 48), number, capacityBytes: 0 });
  const frames: { offset: number; length: number; last: number }[] = [];
  for (let offset = segmentHeaderBytes; ; ) {
    const header = decodeFrameHeader(bytes, offset, seed);
    if (header === undefined) return frames;
    const length = frameHeaderBytes + header.bodyBytes;
    frames.push({ offset, length, last: header.sequence + header.count - 1 });
    offset += length;
  }
}

const upTo = (total: number): string => Array.from({ length: total - 10 }, (_, index) => index + 11).join();

test('H43 a bit flipped at any byte of a closed log is refused, or changes nothing', async (t) => {
  const { disk, total } = await makeLog(true);
  let refused = 0;
  for (const path of [segment(1), segment(2), segment(3), segment(4), snapshotFile]) {
    for (let offset = 0; offset < disk.bytes(path).length; offset += 1) {
      const damaged = disk.copy();
      const bytes = damaged.bytes(path);
      bytes[offset] = (bytes[offset] as number) ^ (1 << (offset % 8));
      const result = await given(damaged);
      if (typeof result === 'string') refused += 1;
      else if (result.join() !== upTo(total)) t.fail(`byte ${offset} of ${path}: ${result.join()}`);
      if (result === 'wrong snapshot') t.fail(`byte ${offset} of ${path}: ${result}`);
    }
  }
  // All that holds anything: each record with its table entry, each frame's header, the snapshot.
  t.true(refused > total * 200 + 20 * 64 + 300, `${refused}`);
});

test('H43 H44 a bit flipped at any byte of a log that was not closed cuts no more than the last group', async (t) => {
  const { disk, total } = await makeLog(false);
  const active = 3;
  const frames = framesOf(disk, active);
  const last = frames.at(-1) as (typeof frames)[number];
  for (let offset = 0; offset < disk.bytes(segment(active)).length; offset += 1) {
    const damaged = disk.copy();
    const bytes = damaged.bytes(segment(active));
    bytes[offset] = (bytes[offset] as number) ^ (1 << (offset % 8));
    const result = await given(damaged);
    const isOfLast = offset >= last.offset && offset < last.offset + last.length;
    const isFine = typeof result === 'string' ? !isOfLast : result.join() === upTo(isOfLast ? total - 2 : total);
    if (!isFine) t.fail(`byte ${offset}: ${String(result)}`);
  }
  t.pass();
});

test('H44 the last write, cut at any byte or sector, is cut off whole, and stays away', async (t) => {
  const { disk, total } = await makeLog(false);
  const { offset, length } = framesOf(disk, 3).at(-1) as { offset: number; length: number };
  for (let at = 0; at < length; at += 1) {
    for (const [from, to] of [
      [at, length],
      [0, at + 1],
      [at, at + 512],
    ] as const) {
      const torn = disk.copy();
      const before = torn.bytes(segment(3)).slice();
      torn.bytes(segment(3)).fill(0, offset + from, offset + Math.min(to, length));
      if (Buffer.compare(before, torn.bytes(segment(3))) === 0) continue; // those bytes were zeros
      torn.replace(segment(3), torn.bytes(segment(3)));
      const result = await given(torn);
      if (String(result) !== upTo(total - 2)) t.fail(`${from} to ${to}: ${String(result)}`);
      const rest = torn
        .cut(() => false)
        .bytes(segment(3))
        .subarray(offset);
      if (rest.some((byte) => byte !== 0)) t.fail(`${from} to ${to}: something is left of it`);
    }
  }
  t.pass();
});

test('H43 a file cut to any length is refused, or loses nothing', async (t) => {
  const { disk, total } = await makeLog(true);
  for (const path of [segment(1), segment(2), segment(3), segment(4), snapshotFile]) {
    for (let length = 0; length < disk.bytes(path).length; length += 1) {
      const damaged = disk.copy();
      damaged.replace(path, damaged.bytes(path).slice(0, length));
      const result = await given(damaged);
      if (typeof result === 'string' ? result === 'wrong snapshot' : result.join() !== upTo(total)) {
        t.fail(`${path}, ${length} bytes: ${String(result)}`);
      }
    }
  }
  t.pass();
});

test('H43 a whole group that is gone from the middle, as by a lost write, is refused', async (t) => {
  const { disk } = await makeLog(false);
  for (const number of [1, 2, 3]) {
    const frames = framesOf(disk, number);
    for (const { offset, length } of frames.slice(0, number === 3 ? -1 : undefined)) {
      const damaged = disk.copy();
      damaged.bytes(segment(number)).fill(0, offset, offset + length);
      t.is(await given(damaged), 'PAXAKOS_STORAGE_CORRUPT', `group at ${offset} of segment ${number}`);
    }
  }
});

test('H50 two groups that changed places, or one that is written to another place, are refused', async (t) => {
  const { disk } = await makeLog(false);
  const frames = framesOf(disk, 2);
  for (const { offset, length } of frames) {
    for (const other of frames) {
      if (other.offset === offset || other.length !== length) continue;
      const original = disk.bytes(segment(2)).slice();
      const swapped = disk.copy();
      swapped.bytes(segment(2)).set(original.subarray(offset, offset + length), other.offset);
      t.is(await given(swapped), 'PAXAKOS_STORAGE_CORRUPT', 'one in the place of another');
      swapped.bytes(segment(2)).set(original.subarray(other.offset, other.offset + length), offset);
      t.is(await given(swapped), 'PAXAKOS_STORAGE_CORRUPT', 'two that changed places');
    }
  }
  const beyond = disk.copy();
  const end = framesOf(disk, 3).at(-1) as { offset: number; length: number };
  const stale = disk.bytes(segment(3)).slice(segmentHeaderBytes, segmentHeaderBytes + 464);
  beyond.bytes(segment(3)).set(stale, end.offset + end.length);
  t.is(await given(beyond), 'PAXAKOS_STORAGE_CORRUPT', 'an old group after the end');
});

test('H50 a segment or snapshot under the name of another, of another log, or missing, is refused', async (t) => {
  const { disk } = await makeLog(false);
  const { disk: foreign } = await makeLog(false, 2);
  for (const number of [1, 2, 3]) {
    const exchanged = disk.copy();
    exchanged.replace(segment(number), disk.bytes(segment((number % 3) + 1)).slice());
    t.is(await given(exchanged), 'PAXAKOS_STORAGE_CORRUPT', `segment ${number} is another one`);
    const mixed = disk.copy();
    mixed.replace(segment(number), foreign.bytes(segment(number)).slice());
    t.is(await given(mixed), 'PAXAKOS_STORAGE_CORRUPT', `segment ${number} is of another log`);
    const lacking = disk.copy();
    await lacking.remove(segment(number));
    t.is(await given(lacking), 'PAXAKOS_STORAGE_CORRUPT', `segment ${number} is missing`);
  }
  const group = framesOf(disk, 2)[2] as { offset: number; length: number };
  const stranger = disk.copy();
  const strange = foreign.bytes(segment(2)).slice(group.offset, group.offset + group.length);
  stranger.bytes(segment(2)).set(strange, group.offset);
  t.is(await given(stranger), 'PAXAKOS_STORAGE_CORRUPT', 'the same group, but of another log');
  const blank = disk.copy();
  const { logId } = decodeSegmentHeader(disk.bytes(segment(1))) ?? {};
  blank.bytes(segment(4)).set(encodeSegmentHeader({ logId: logId as Uint8Array, number: 5, capacityBytes: 4_096 }));
  t.is(await given(blank), 'PAXAKOS_STORAGE_CORRUPT', 'a segment without records, under the name of another');
  const renamed = disk.copy();
  await renamed.rename(snapshotFile, snapshotFile.replace('1.snap', '2.snap'));
  t.is(await given(renamed), 'PAXAKOS_STORAGE_CORRUPT');
});

test('H43 the last segment is missed, also where nothing comes after it', async (t) => {
  const { disk } = await makeLog(false);
  for (const name of await disk.list(directory)) {
    if (segment(3).endsWith(name) || segment(4).endsWith(name)) await disk.remove(`${directory}/${name}`);
  }
  t.is(await given(disk), 'PAXAKOS_STORAGE_CORRUPT');
});

test('H43 a damaged end of a segment is no cut where the next segment is not blank, whatever is in it', async (t) => {
  const { disk } = await makeLog(false);
  const { offset, length } = framesOf(disk, 2).at(-1) as { offset: number; length: number };
  for (const isNextFrames of [true, false]) {
    const damaged = disk.copy();
    damaged.bytes(segment(2)).fill(0, offset, offset + length);
    if (!isNextFrames) damaged.bytes(segment(3)).fill(7, segmentHeaderBytes);
    t.is(await given(damaged), 'PAXAKOS_STORAGE_CORRUPT', `frames: ${isNextFrames}`);
  }
});

test('H43 a log that ends before what its snapshot stands for is refused', async (t) => {
  const disk = new SimulatedDisk();
  const storage = storageOver(disk, keepAll);
  await storage.open();
  await storage.append([{ parts: [bytesOf(1, 50)] }]);
  await storage.append([{ parts: [bytesOf(2, 50)] }]);
  await storage.saveSnapshot({ round: 10, bytes: bytesOf(10, 300) });
  const left = disk.cut(() => true);
  const { offset } = framesOf(left, 1).at(-1) as { offset: number };
  t.deepEqual(await given(left.copy()), []);
  left.bytes(segment(1))[offset + 90] = 255;
  t.is(await given(left), 'PAXAKOS_STORAGE_CORRUPT');
});

test('H41 a file of an unknown version is refused by name and version', async (t) => {
  const { disk } = await makeLog(true);
  for (const path of [segment(1), snapshotFile]) {
    const newer = disk.copy();
    newer.bytes(path)[8] = 2;
    const error = await t.throwsAsync(storageOver(newer).open(), { code: 'PAXAKOS_STORAGE_VERSION' });
    t.true(error?.message.includes(path) && error.message.includes('version 2'), error?.message);
  }
});

test('a refusal names the file, the offset and what to do', async (t) => {
  const { disk } = await makeLog(true);
  const { offset } = framesOf(disk, 2)[3] as { offset: number };
  disk.bytes(segment(2))[offset + 100] = 255;
  const error = await t.throwsAsync(storageOver(disk).open(), { code: 'PAXAKOS_STORAGE_CORRUPT' });
  t.true(error?.message.includes(segment(2)) && error.message.includes(`byte ${offset}`), error?.message);
  t.regex(error?.message ?? '', /move the directory away, and start it with an empty one/);
});

test('H50 damage that comes while the log is open never gives a wrong record to a reader', async (t) => {
  const { disk, total } = await makeLog(true);
  const storage = storageOver(disk, keepAll);
  await storage.open();
  for (const { offset, length } of framesOf(disk, 2)) {
    for (let at = offset; at < offset + length; at += 7) {
      const bytes = disk.bytes(segment(2));
      bytes[at] = (bytes[at] as number) ^ 4;
      const numbers: number[] = [];
      const reading = (async () => {
        for await (const record of storage.read({ from: 1, to: total })) numbers.push(numberOf(record));
      })();
      await t.throwsAsync(reading, { code: 'PAXAKOS_STORAGE_CORRUPT' });
      t.deepEqual(
        numbers,
        Array.from(numbers, (_, index) => index + 1),
      );
      bytes[at] = (bytes[at] as number) ^ 4;
    }
  }
  await storage.close();
});
