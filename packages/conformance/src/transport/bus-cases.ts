import { bytesOf, ends, expect, patience, pause, seedOf, until } from './expect.ts';
import { keptBytesMax, sendMuch } from './send-much.ts';
import { drops, type Member, type TestBed } from './test-bed.ts';
import type { CaseTable } from './transport-cases.ts';
import type { BusControl } from './transport-fixture.ts';

/** How many frames may wait for a bus that is down. */
const waitingMax = 1_000;
const mebibyte = 1024 * 1024;
/** The bytes sent over a paused bus that may arrive later, out of queues and sockets. */
const lateBytesMax = 192 * mebibyte;

function busOf(bed: TestBed): BusControl {
  const { bus } = bed.fixture;
  expect(bus !== undefined, 'the fixture has a bus');
  return bus;
}

const isLost = ({ troubles }: Member) =>
  troubles.some(({ type, peer }) => type === 'disconnected' && peer === undefined);
const isBack = ({ troubles }: Member) =>
  troubles.some(({ type, peer }) => type === 'reconnected' && peer === undefined);

/** Stops the bus. Resolves when each has told so. */
async function lose(bed: TestBed, ...members: Member[]): Promise<void> {
  for (const { troubles } of members) troubles.length = 0;
  await busOf(bed).stop();
  const what = () => 'a bus that is lost is reported';
  await until(() => members.every(isLost), what);
}

/** Starts the bus. Resolves when each has told so, and frames get from each to each. */
async function regain(bed: TestBed, ...members: Member[]): Promise<void> {
  expect(!members.some(isBack), 'a bus that is down is not reported as back');
  await busOf(bed).start();
  const what = () => 'a bus that is back is reported';
  await until(() => members.every(isBack), what);
  await bed.meet(...members);
}

async function comesBack(bed: TestBed): Promise<void> {
  const members = await bed.openAll('a', 'b', 'c');
  for (let times = 0; times < 2; times += 1) {
    await lose(bed, ...members);
    await pause(300);
    await regain(bed, ...members);
  }
}

async function everyLossCounts(bed: TestBed): Promise<void> {
  const [a, b] = await bed.openAll('a', 'b');
  await lose(bed, a, b);
  const sent = 5_000;
  const start = Date.now();
  for (let seed = 1; seed <= sent; seed += 1) a.transport.send([b.info], bytesOf(1_000, seed));
  const tookMs = Date.now() - start;
  expect(tookMs < patience.ms, `${sent} sends over a bus that is down do not wait; they took ${tookMs} ms`);
  const told = () => `what is sent over a bus that is down is reported as dropped; of ${sent} frames ${drops(a)} were`;
  await until(() => drops(a) >= sent - waitingMax, told);
  await regain(bed, a, b);
  await pause(300);
  const late = new Set(b.frames.map(seedOf)).size;
  expect(late <= waitingMax, `what was sent over a bus that was down does not arrive later; ${late} frames did`);
  const lost = () => `each of ${sent} frames is reported or arrives; ${drops(a)} were reported, ${late} came`;
  await until(() => drops(a) + late >= sent, lost);
  // Greetings may be lost too, and what a wrapper sends of its own.
  expect(drops(a) <= sent + 100, `no frame is reported twice; of ${sent}, ${drops(a)} were`);
}

async function lostUnderLoad(bed: TestBed): Promise<void> {
  const [a, b] = await bed.openAll('a', 'b');
  let seed = 0;
  const send = () => {
    for (let times = 0; times < 20; times += 1) {
      seed += 1;
      a.transport.send([b.info], bytesOf(200, seed));
    }
  };
  const holdsAfter = (before: number) => () => b.frames.some((frame) => seedOf(frame) > before);
  await until(holdsAfter(100), () => 'frames arrive', send);
  const stopping = busOf(bed).stop();
  send();
  await until(
    () => isLost(a),
    () => 'a bus that is lost is reported',
    send,
  );
  await stopping;
  const before = seed;
  await busOf(bed).start();
  await until(holdsAfter(before), () => 'frames flow again', send);
}

async function lostMemory(bed: TestBed): Promise<void> {
  const [a, b] = await bed.openAll('a', 'b');
  await lose(bed, a, b);
  const grown = await sendMuch(bed, a, [b]);
  expect(
    grown < keptBytesMax,
    `200 MiB sent over a bus that is down are not kept; ${mebibytes(grown)} more are in use`,
  );
  await regain(bed, a, b);
}

async function pausedMemory(bed: TestBed): Promise<void> {
  const [a, b] = await bed.openAll('a', 'b');
  const bus = busOf(bed);
  let lateBytes = 0;
  b.onFrame = (frame) => {
    lateBytes += frame.byteLength;
    b.frames.length = 0;
  };
  bus.pause?.();
  const grown = await sendMuch(bed, a, [b]);
  await until(
    () => drops(a) > 0,
    () => 'frames that a paused bus does not take are reported',
  );
  expect(grown < keptBytesMax, `200 MiB sent over a paused bus are not kept; ${mebibytes(grown)} more are in use`);
  bus.resume?.();
  await bed.meet(a, b);
  await pause(300);
  expect(
    lateBytes < lateBytesMax,
    `what was sent over a paused bus does not arrive later; ${mebibytes(lateBytes)} did`,
  );
}

async function openWhileDown(bed: TestBed): Promise<void> {
  await busOf(bed).stop();
  const { info, transport } = await bed.node('a');
  const opening = transport
    .open(info, () => {}, 'main')
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  const error = await ends('open, over a bus that is down,', opening);
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  expect(code === 'PAXAKOS_TRANSPORT', 'open rejects with a TransportError where the bus is down');
  await ends('close, over a bus that is down,', transport.close());
  await busOf(bed).start();
  await bed.openAll('a', 'b');
}

async function closeWhileDown(bed: TestBed): Promise<void> {
  const [a, b] = await bed.openAll('a', 'b');
  await lose(bed, a, b);
  for (let seed = 1; seed <= 100; seed += 1) a.transport.send([b.info], bytesOf(100, seed));
  await ends('close, over a bus that is down,', Promise.all([a.transport.close(), b.transport.close()]));
  await busOf(bed).start();
  const held = b.frames.length;
  await bed.openAll('c', 'd');
  expect(b.frames.length === held, 'nothing is delivered after close');
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / mebibyte)} MiB`;
}

/** A bus whose servers go and come, or do not answer. */
export const busCases: CaseTable = [
  ['a bus that is lost and comes back is reported, and frames flow again', comesBack, ['reportsBusLoss']],
  ['while the bus is down send does not wait, and each frame is reported as lost', everyLossCounts, ['reportsBusLoss']],
  ['frames flow again after the bus restarts under load', lostUnderLoad, ['reportsBusLoss']],
  ['what is sent while the bus is down takes bounded memory (H58)', lostMemory, ['reportsBusLoss', 'memory']],
  [
    'what is sent while the bus is paused takes bounded memory, and is reported (H58)',
    pausedMemory,
    ['pausesBus', 'memory'],
  ],
  ['open rejects while the bus is down', openWhileDown, ['reportsBusLoss']],
  ['close does not wait for a bus that is down', closeWhileDown, ['reportsBusLoss']],
];
