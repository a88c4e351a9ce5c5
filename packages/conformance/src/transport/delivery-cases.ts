import { bytesOf, expect, isSame, until } from './expect.ts';
import { has, seedsOf, sendUntilHeld, type TestBed } from './test-bed.ts';
import type { CaseTable } from './transport-cases.ts';

const mebibyte = 1024 * 1024;

async function toEachAndNobodyElse(bed: TestBed): Promise<void> {
  const [a, b, c, d] = await bed.openAll('a', 'b', 'c', 'd');
  const frame = bytesOf(300, 1);
  await sendUntilHeld(a, [b, c], frame);
  await bed.settle(a, b, c, d);
  expect(a.frames.length === 0, 'a node that sends gets nothing of it');
  expect(d.frames.length === 0, 'a node that is no receiver gets nothing');
  for (const { frames } of [b, c])
    expect(
      frames.every((held) => isSame(held, frame)),
      'what arrives is what was sent',
    );
}

async function neverToItself(bed: TestBed): Promise<void> {
  const [a, b] = await bed.openAll('a', 'b', 'c', 'd');
  await sendUntilHeld(a, [b], bytesOf(64, 1));
  a.transport.send([a.info, b.info], bytesOf(64, 2));
  await until(
    () => has(b, 2),
    () => 'the other receiver gets it',
    () => a.transport.send([a.info, b.info], bytesOf(64, 2)),
  );
  await bed.settle(a, b);
  expect(a.frames.length === 0, 'a frame is never sent to its sender, even if named');
}

async function oddReceivers(bed: TestBed): Promise<void> {
  const [a, b, c] = await bed.openAll('a', 'b', 'c');
  a.transport.send([], bytesOf(64, 1));
  a.transport.send([a.info], bytesOf(64, 1));
  const nobody = [{ id: 'nobody' }, { id: 'no body', address: 'no address' }];
  await sendUntilHeld(a, [b], bytesOf(64, 2), Object.freeze([...nobody, b.info, b.info]));
  await bed.settle(a, b, c);
  expect(a.frames.length + c.frames.length === 0, 'a node that is no receiver gets nothing');
  expect(
    b.frames.every((frame) => isSame(frame, bytesOf(64, 2))),
    'what arrives is what was sent',
  );
}

async function receiversChange(bed: TestBed): Promise<void> {
  const [a, b, c] = await bed.openAll('a', 'b', 'c');
  for (let seed = 1; seed <= 100; seed += 1) {
    const receivers = [b.info];
    a.transport.send(receivers, bytesOf(64, seed));
    receivers[0] = c.info;
    receivers.push(c.info);
  }
  const what = () => `frames go to those that were receivers when they were sent; ${seedsOf(b).size} of 100 did`;
  await until(() => seedsOf(b).size >= 90, what);
  await bed.settle(a, c);
  expect(c.frames.length === 0, 'what becomes of the list of receivers after the send changes nothing');
}

async function everySize(bed: TestBed): Promise<void> {
  const [a, b] = await bed.openAll('a', 'b');
  const largest = Math.min(a.transport.frameBytesMax, 16 * mebibyte);
  const sizes = [1, 2, 127, 128, 129, 4_095, 4_097, 65_535, 65_537, 262_143, 262_145, mebibyte, largest - 1, largest];
  for (const size of sizes) {
    if (size > largest || size < 1) continue;
    await sendUntilHeld(a, [b], bytesOf(size, size));
    b.frames.length = 0;
  }
}

async function tooLarge(bed: TestBed): Promise<void> {
  const [a, b] = await bed.openAll('a', 'b');
  if (a.transport.frameBytesMax > 64 * mebibyte) return; // nobody can try
  a.transport.send([b.info], new Uint8Array(a.transport.frameBytesMax + 1));
  await sendUntilHeld(a, [b], bytesOf(100, 1));
  expect(
    b.frames.every(({ byteLength }) => byteLength === 100),
    'a frame above frameBytesMax does not arrive',
  );
}

async function viewOnly(bed: TestBed): Promise<void> {
  const [a, b] = await bed.openAll('a', 'b');
  for (const size of [10, 1_000, 100_000]) {
    const length = Math.min(size, a.transport.frameBytesMax);
    const whole = bytesOf(length + 64, 7);
    const view = whole.subarray(32, 32 + length);
    const before = Uint8Array.from(whole);
    await sendUntilHeld(a, [b], view);
    expect(isSame(whole, before), 'sending does not change the frame, nor what lies around it');
  }
}

async function scribbling(bed: TestBed): Promise<void> {
  const [a, b, c, d] = await bed.openAll('a', 'b', 'c', 'd');
  const seeds = Array.from({ length: 50 }, (_, index) => index + 1);
  const large = Math.min(4_000, a.transport.frameBytesMax);
  const frames = seeds.map((seed) => bytesOf(seed % 2 === 0 ? 40 : large, seed));
  b.onFrame = (frame) => frame.fill(0xee);
  const sendAll = () => {
    for (const frame of frames) a.transport.send([b.info, c.info, d.info], frame);
  };
  const isThere = () => [b, c, d].every((member) => seeds.every((seed) => seedsOf(member).has(seed)));
  await until(isThere, () => 'all frames arrive', sendAll);
  for (const seed of seeds)
    for (const member of [c, d]) expect(has(member, seed), 'a receiver alters only its own frame');
  for (const [index, frame] of frames.entries()) {
    expect(isSame(frame, bytesOf(frame.byteLength, index + 1)), "the sender's frame is left alone");
  }
}

async function blockingReceiver(bed: TestBed): Promise<void> {
  const [a, b] = await bed.openAll('a', 'b');
  let blocked = 0;
  b.onFrame = () => {
    if (blocked >= 3) return;
    blocked += 1;
    const end = Date.now() + 100;
    while (Date.now() < end); // as a long `apply` would
  };
  for (let seed = 1; seed <= 200; seed += 1) a.transport.send([b.info], bytesOf(200, seed));
  await until(
    () => blocked === 3,
    () => 'frames arrive at a slow receiver',
    () => a.transport.send([b.info], bytesOf(200, 1)),
  );
  await sendUntilHeld(a, [b], bytesOf(200, 1_000));
  expect(
    b.frames.every((frame) => isSame(frame, bytesOf(200, new DataView(frame.buffer).getUint32(0)))),
    'frames stay unaltered',
  );
}

async function sendWithinDeliver(bed: TestBed): Promise<void> {
  const [a, b] = await bed.openAll('a', 'b');
  let turns = 0;
  b.onFrame = (frame) => b.transport.send([a.info], Uint8Array.from(frame));
  a.onFrame = () => {
    turns += 1;
    if (turns < 300) a.transport.send([b.info], bytesOf(100, turns));
  };
  let seen = 0;
  await until(
    () => turns >= 300,
    () => `300 turns of ping-pong; ${turns} were made`,
    () => {
      if (turns === seen) a.transport.send([b.info], bytesOf(100, turns)); // stands still: a frame was lost
      seen = turns;
    },
  );
}

async function inOrder(bed: TestBed): Promise<void> {
  const [a, b] = await bed.openAll('a', 'b');
  const large = Math.min(300_000, a.transport.frameBytesMax);
  for (let seed = 1; seed <= 2_000; seed += 1) a.transport.send([b.info], bytesOf(seed % 100 === 0 ? large : 50, seed));
  await until(
    () => has(b, 2_000),
    () => 'the last frame arrives',
    () => a.transport.send([b.info], bytesOf(50, 2_000)),
  );
  const seeds = [...seedsOf(b)];
  expect(
    seeds.every((seed, index) => index === 0 || seed > (seeds[index - 1] ?? 0)),
    'frames arrive in the order sent',
  );
}

/** What arrives, where, and how. */
export const deliveryCases: CaseTable = [
  ['a frame arrives whole and unaltered at each receiver and at nobody else', toEachAndNobodyElse],
  ['a frame is never sent to its sender', neverToItself],
  ['receivers may be none, unknown, or named twice, and the list is only read', oddReceivers],
  ['a list of receivers that changes after the send changes nothing', receiversChange],
  ['frames of every size from 1 byte to frameBytesMax arrive', everySize],
  ['a frame above frameBytesMax is dropped and what follows arrives', tooLarge],
  ['a frame that is part of a larger buffer is sent alone, and left as it was', viewOnly],
  ["a receiver that writes over its frame changes nobody else's (H62)", scribbling, ['privateFrames']],
  ['a receiver that blocks gets its frames later, unaltered', blockingReceiver],
  ['a receiver may send while a frame is delivered to it', sendWithinDeliver],
  ['frames from one node to another arrive in order', inOrder, ['ordered']],
];
