import type { TransportTrouble } from '@paxakos/core/contracts';
import { bytesOf, ends, expect, pause, until } from './expect.ts';
import { type Member, sendUntilHeld, type TestBed } from './test-bed.ts';
import type { CaseTable } from './transport-cases.ts';

async function peerRestarts(bed: TestBed): Promise<void> {
  const [a, b] = await bed.openAll('a', 'b');
  let former = b;
  for (let times = 0; times < 3; times += 1) {
    await former.transport.close();
    for (let seed = 1; seed <= 100; seed += 1) a.transport.send([former.info], bytesOf(100, seed));
    const heldBefore = former.frames.length;
    const again = await bed.open('b');
    await bed.meet(a, again);
    expect(former.frames.length === heldBefore, 'the former incarnation gets nothing more');
    former = again;
  }
}

async function senderRestarts(bed: TestBed): Promise<void> {
  const [a, b, c] = await bed.openAll('a', 'b', 'c');
  await a.transport.close();
  const again = await bed.open('a');
  await bed.meet(again, b, c);
  await sendUntilHeld(again, [b, c], bytesOf(1_000, 5));
}

async function allRestart(bed: TestBed): Promise<void> {
  const members = await bed.openAll('a', 'b', 'c');
  await Promise.all(members.map(({ transport }) => transport.close()));
  await bed.openAll('a', 'b', 'c');
}

async function sendUnopened(bed: TestBed): Promise<void> {
  const b = await bed.open('b');
  const { info, transport } = await bed.node('a');
  transport.send([b.info], bytesOf(10, 1));
  let calls = 0;
  await transport.open(
    info,
    () => {
      calls += 1;
    },
    'main',
  );
  const a: Member = { info, transport, frames: [], troubles: [], onFrame: undefined };
  await sendUntilHeld(a, [b], bytesOf(10, 2));
  await transport.close();
  transport.send([b.info], bytesOf(10, 3));
  await pause(50);
  expect(
    b.frames.every((frame) => frame[3] !== 3),
    'nothing is sent after close',
  );
  expect(calls === 0, 'nothing is delivered that nobody sent');
}

async function openAgain(bed: TestBed): Promise<void> {
  const [a, b] = await bed.openAll('a', 'b');
  const closed = await bed.node('c');
  await closed.transport.close();
  let calls = 0;
  for (const { info, transport } of [a, closed]) {
    const opening = transport
      .open(info, () => (calls += 1), 'main')
      .then(
        () => undefined,
        (error: unknown) => error,
      );
    const error = await ends('open, once more,', opening);
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    expect(
      code === 'PAXAKOS_TRANSPORT',
      `open rejects with a TransportError ${transport === a.transport ? 'when called again' : 'after close'}`,
    );
  }
  await bed.meet(a, b);
  expect(calls === 0, 'what opened first goes on to receive');
}

async function limitHolds(bed: TestBed): Promise<void> {
  const [a, b] = await bed.openAll('a', 'b');
  const { frameBytesMax } = a.transport;
  expect(Number.isSafeInteger(frameBytesMax) && frameBytesMax > 0, 'frameBytesMax is an integer from 1');
  await sendUntilHeld(a, [b], bytesOf(Math.min(frameBytesMax, 16_777_216), 1));
  expect(a.transport.frameBytesMax === frameBytesMax, 'frameBytesMax stays while the bus does');
}

async function listenerThrows(bed: TestBed): Promise<void> {
  const [a, b] = await bed.openAll('a', 'b');
  a.transport.onTrouble?.(() => {
    throw new Error('from the listener of trouble');
  });
  const absent = await bed.node('x');
  const { frameBytesMax } = a.transport;
  const frame = new Uint8Array(Math.min(1_048_576, frameBytesMax));
  for (let times = 0; times < 64; times += 1) a.transport.send([absent.info], frame);
  if (frameBytesMax < 67_108_864) a.transport.send([absent.info], new Uint8Array(frameBytesMax + 1));
  await b.transport.close();
  await pause(150);
  await bed.meet(a, await bed.open('b'));
}

async function closeTwice(bed: TestBed): Promise<void> {
  const [a] = await bed.openAll('a', 'b');
  await ends('close, twice at once', Promise.all([a.transport.close(), a.transport.close()]));
  await ends('close, once more', a.transport.close());
  const unopened = await bed.node('c');
  await ends('close without open', unopened.transport.close());
}

async function closeWhileOpening(bed: TestBed): Promise<void> {
  const { info, transport } = await bed.node('a');
  const opening = transport
    .open(info, () => {}, 'main')
    .then(
      () => 'open',
      () => 'rejected',
    );
  await ends('close while opening', transport.close());
  await ends('open, when closed meanwhile', opening);
  const [again, b] = await Promise.all([bed.open('a'), bed.open('b')]);
  await bed.meet(again, b);
}

async function silentAfterClose(bed: TestBed): Promise<void> {
  const [a, b] = await bed.openAll('a', 'b');
  let isClosed = false;
  let late = 0;
  b.onFrame = () => {
    if (isClosed) late += 1;
  };
  for (let seed = 1; seed <= 3_000; seed += 1) a.transport.send([b.info], bytesOf(100, seed));
  await until(
    () => b.frames.length > 0,
    () => 'the first frames arrive',
    () => a.transport.send([b.info], bytesOf(100, 1)),
  );
  const closing = b.transport.close();
  await closing;
  isClosed = true;
  for (let seed = 1; seed <= 100; seed += 1) a.transport.send([b.info], bytesOf(100, seed));
  await pause(200);
  expect(late === 0, `nothing is delivered after close; ${late} frames were`);
}

async function closeWithinDeliver(bed: TestBed): Promise<void> {
  const [a, b] = await bed.openAll('a', 'b');
  let closing: Promise<void> | undefined;
  let late = 0;
  b.onFrame = () => {
    if (closing !== undefined) late += 1;
    closing ??= b.transport.close();
  };
  for (let seed = 1; seed <= 2_000; seed += 1) a.transport.send([b.info], bytesOf(100, seed));
  await until(
    () => closing !== undefined,
    () => 'a frame arrives',
    () => a.transport.send([b.info], bytesOf(100, 1)),
  );
  await ends('close from within deliver', closing ?? Promise.resolve());
  const atClose = late;
  await pause(100);
  expect(late === atClose, 'nothing is delivered once close has resolved');
}

async function nothingLeft(bed: TestBed): Promise<void> {
  const resources = () => count(bed.fixture.resources?.() ?? []);
  const first = await bed.openAll('w', 'x'); // what is made once and kept, is made now
  await Promise.all(first.map(({ transport }) => transport.close()));
  await pause(200);
  const before = resources();
  const members = await bed.openAll('a', 'b', 'c');
  const absent = await bed.node('y');
  for (const { transport } of members)
    transport.send([absent.info], bytesOf(Math.min(100_000, transport.frameBytesMax), 1));
  await Promise.all(members.map(({ transport }) => transport.close()));
  const more = () => [...resources()].filter(([name, number]) => number > (before.get(name) ?? 0));
  await until(
    () => more().length === 0,
    () => `nothing is left open after close; there is ${more().join(' ')}`,
  );
}

function count(names: readonly string[]): Map<string, number> {
  const numbers = new Map<string, number>();
  for (const name of names) numbers.set(name, (numbers.get(name) ?? 0) + 1);
  return numbers;
}

async function connectionsReported(bed: TestBed): Promise<void> {
  const [a, b] = await bed.openAll('a', 'b');
  const isTold = (type: TransportTrouble['type']) =>
    a.troubles.some((trouble) => trouble.type === type && trouble.peer === 'b');
  await b.transport.close();
  const send = () => a.transport.send([b.info], bytesOf(10, 1));
  await until(
    () => isTold('disconnected'),
    () => 'a peer that went is reported',
    send,
  );
  expect(!isTold('reconnected'), 'a peer that is gone is not reported as back');
  const again = await bed.open('b');
  await until(
    () => isTold('reconnected'),
    () => 'a peer that is back is reported',
    send,
  );
  await bed.reach(a, again);
}

/** Opening, closing, and coming back. */
export const lifecycleCases: CaseTable = [
  ['frames flow again after a peer restarts under its id', peerRestarts],
  ['frames flow again after the sender restarts under its id', senderRestarts],
  ['frames flow again after all nodes restart', allRestart],
  ['open rejects where it was called before, or after close', openAgain],
  ['frameBytesMax holds once open has resolved', limitHolds],
  ['a listener of trouble that throws harms nobody', listenerThrows],
  ['send before open and after close is harmless', sendUnopened],
  ['close may be called twice, at once, and without open', closeTwice],
  ['close while open is under way ends both', closeWhileOpening],
  ['nothing is delivered after close', silentAfterClose],
  ['a node may close its transport while a frame is delivered to it', closeWithinDeliver],
  ['nothing is left open after close', nothingLeft, ['resources']],
  ['a peer that goes and comes back is reported', connectionsReported, ['reportsConnections']],
];
