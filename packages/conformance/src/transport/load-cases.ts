import { bytesOf, expect, patience, pause, until } from './expect.ts';
import { keptBytesMax, sendMuch } from './send-much.ts';
import { has, reportedDrops, seedsOf, type TestBed } from './test-bed.ts';
import type { CaseTable } from './transport-cases.ts';

const mebibyte = 1024 * 1024;

async function burst(bed: TestBed): Promise<void> {
  const [a, b] = await bed.openAll('a', 'b');
  const seeds = Array.from({ length: 5_000 }, (_, index) => index + 1);
  for (const seed of seeds) a.transport.send([b.info], bytesOf(120, seed));
  const most = () => `of 5,000 frames sent at once at least 90 % arrive; ${seedsOf(b).size} did`;
  await until(() => b.frames.length >= 4_500 && seedsOf(b).size >= 4_500, most);
  const lacking = () => {
    const held = seedsOf(b);
    return seeds.filter((seed) => !held.has(seed));
  };
  await until(
    () => lacking().length === 0,
    () => `frames sent again arrive; ${lacking().length} lack`,
    () => {
      for (const seed of lacking()) a.transport.send([b.info], bytesOf(120, seed));
    },
  );
}

async function sustained(bed: TestBed): Promise<void> {
  const [a, b, c] = await bed.openAll('a', 'b', 'c');
  const start = Date.now();
  for (let sent = 0; sent < 10_000; ) {
    const due = Math.min(10_000, (Date.now() - start) * 10);
    for (; sent < due; sent += 1) a.transport.send([b.info, c.info], bytesOf(100, sent + 1));
    await pause(2);
  }
  for (const member of [b, c]) {
    const what = () => `9,000 of 10,000 frames arrive that are sent once each; ${seedsOf(member).size} did`;
    await until(() => member.frames.length >= 9_000 && seedsOf(member).size >= 9_000, what);
  }
}

async function mesh(bed: TestBed): Promise<void> {
  const members = await bed.openAll('a', 'b', 'c', 'd', 'e', 'f', 'g');
  const infos = members.map(({ info }) => info);
  for (let turn = 0; turn < 100; turn += 1) {
    for (const [index, { transport }] of members.entries()) {
      transport.send(infos, bytesOf(100, index * 100 + turn + 1));
    }
    if (turn % 10 === 9) await pause(1);
  }
  for (const member of members) {
    const what = () => `540 of 600 frames arrive at ${member.info.id}; ${seedsOf(member).size} did`;
    await until(() => seedsOf(member).size >= 540, what);
  }
}

async function absentPeer(bed: TestBed): Promise<void> {
  const [a, b] = await bed.openAll('a', 'b');
  const absent = await bed.node('x');
  const start = Date.now();
  for (let times = 0; times < 20_000; times += 1) a.transport.send([absent.info], bytesOf(1_000, 1));
  const tookMs = Date.now() - start;
  expect(tookMs < patience.ms, `20,000 sends to a peer that is not there do not wait; they took ${tookMs} ms`);
  const large = bytesOf(Math.min(a.transport.frameBytesMax, 100_000), 9);
  for (let seed = 1; seed <= 20; seed += 1) {
    for (let times = 0; times < 20; times += 1) a.transport.send([absent.info], large);
    const send = () => a.transport.send([absent.info, b.info], bytesOf(100, seed));
    await until(
      () => has(b, seed),
      () => 'a peer that is there gets its frames',
      send,
    );
  }
}

async function goneMemory(bed: TestBed): Promise<void> {
  const [a, b, c] = await bed.openAll('a', 'b', 'c');
  await c.transport.close();
  b.onFrame = () => {
    b.frames.length = 0;
  };
  const grown = await sendMuch(bed, a, [c, b]);
  expect(
    grown < keptBytesMax,
    `200 MiB sent to a peer that is gone are not kept; ${Math.round(grown / mebibyte)} MiB more are in use`,
  );
  await bed.reach(a, b);
}

async function dropsReported(bed: TestBed): Promise<void> {
  const [a] = await bed.openAll('a', 'b');
  const absent = await bed.node('x');
  const frame = new Uint8Array(Math.min(mebibyte, a.transport.frameBytesMax));
  await until(
    () => reportedDrops(a, 'x') > 0,
    () => 'dropped frames are reported',
    () => {
      for (let bytes = 0; bytes < 64 * mebibyte; bytes += frame.length) a.transport.send([absent.info], frame);
    },
  );
  for (const trouble of a.troubles.filter(({ type }) => type === 'dropped')) {
    expect(Number.isInteger(trouble.count) && (trouble.count ?? 0) > 0, 'a report of drops says how many');
  }
}

/** Much at once, for long, and to those who do not take it. */
export const loadCases: CaseTable = [
  ['of 5,000 frames sent at once most arrive, and all if sent again', burst],
  ['10,000 frames a second arrive at two receivers', sustained],
  ['seven nodes send to one another', mesh],
  ['a peer that is not there makes nobody wait, and others are served (H59)', absentPeer],
  ['what is sent to a peer that is gone takes bounded memory (H58)', goneMemory, ['memory']],
  ['dropped frames are reported with their number', dropsReported, ['reportsDrops']],
];
