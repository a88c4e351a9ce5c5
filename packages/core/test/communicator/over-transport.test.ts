// Messages go out in few frames and come back whole; what is not as it must be is refused, counted and thrown past nobody.
import test from 'ava';
import fc from 'fast-check';
import { overTransport } from '../../src/communicator/index.ts';
import type { Message } from '../../src/contracts/index.ts';
import { message } from './arbitraries.ts';
import { a, b, c, longMessage, openPeer, textOf, turn } from './fixture.ts';
import { number, samples } from './samples.ts';
import { Wire } from './wire.ts';

const { prepare, progress, commit } = samples;

test('messages of one turn to the same receivers leave as one frame, in order, for all of them', async (t) => {
  const peer = await openPeer(a);
  peer.communicator.send([b, c], prepare);
  peer.communicator.send([c, b], progress);
  peer.communicator.send([{ ...b }, { ...c }], commit);
  t.is(peer.wire.sent.length, 0);
  await turn();
  t.deepEqual(
    peer.wire.sent.map(({ receivers }) => receivers),
    [[b, c]],
  );
  const receiver = await openPeer(b);
  for (const frame of peer.wire.frames) receiver.wire.deliver(frame);
  t.deepEqual(receiver.received, [
    [a, prepare],
    [a, progress],
    [a, commit],
  ]);
});

test('messages to different sets of receivers leave in frames of their own', async (t) => {
  const peer = await openPeer(a);
  peer.communicator.send([b, c], prepare);
  peer.communicator.send([b], progress);
  peer.communicator.send([{ ...b, address: 'moved' }], progress);
  await turn();
  t.deepEqual(
    peer.wire.sent.map(({ receivers }) => receivers),
    [[b, c], [b], [{ id: 'b', address: 'moved' }]],
  );
  peer.communicator.send([b], progress);
  await turn();
  t.is(peer.wire.sent.length, 4);
});

test('a node sends nothing to itself, and nothing to nobody', async (t) => {
  const peer = await openPeer(a);
  peer.communicator.send([a], prepare);
  peer.communicator.send([], prepare);
  peer.communicator.send([a, b], prepare);
  await turn();
  t.deepEqual(
    peer.wire.sent.map(({ receivers }) => receivers),
    [[b]],
  );
});

test('H62: what the sender does to its arrays after the send changes nothing', async (t) => {
  const peer = await openPeer(a);
  const receivers = [b];
  const bytes = Uint8Array.of(1, 2, 3);
  peer.communicator.send(receivers, { type: 'channel', channel: 'x', bytes });
  bytes.fill(0);
  receivers[0] = c;
  await turn();
  t.deepEqual(peer.wire.sent[0]?.receivers, [b]);
  const receiver = await openPeer(b);
  receiver.wire.deliver(peer.wire.frames[0] as Uint8Array);
  t.deepEqual(receiver.received, [[a, { type: 'channel', channel: 'x', bytes: Uint8Array.of(1, 2, 3) }]]);
});

for (const [title, size] of [
  ['one frame', 100],
  ['chunks', 5_000],
] as const) {
  test(`H62: the transport may scribble over what it delivered, also where it is a Buffer: ${title}`, async (t) => {
    const sender = await openPeer(a, {}, 1_000);
    const receiver = await openPeer(b, {}, 1_000);
    for (const frame of await sender.framesOf(longMessage(size))) {
      const lent = Buffer.from(frame);
      receiver.wire.deliver(lent);
      lent.fill(0xa5);
    }
    t.deepEqual(receiver.received, [[a, longMessage(size)]]);
  });
}

test('messages that do not fit into one frame are spread over several, none of which is too long', async (t) => {
  const sender = await openPeer(a, {}, 1_000);
  const receiver = await openPeer(b, {}, 1_000);
  const sent = [
    prepare,
    longMessage(900),
    progress,
    longMessage(3_000),
    longMessage(400, 2),
    longMessage(400, 3),
    commit,
  ];
  const frames = await sender.framesOf(...sent);
  t.true(frames.every((frame) => frame.length <= 1_000));
  for (const frame of frames) receiver.wire.deliver(frame);
  t.deepEqual(
    receiver.received.map(([, message]) => message),
    sent,
  );
  t.deepEqual(sender.troubles, []);
  t.deepEqual(receiver.troubles, []);
});

test('whatever its length, no frame is longer than the transport takes', async (t) => {
  const sender = await openPeer(a, {}, 300);
  const receiver = await openPeer(b, {}, 300);
  for (let length = 150; length < 350; length++) {
    for (const frame of await sender.framesOf(progress, longMessage(length), progress)) {
      t.true(frame.length <= 300);
      receiver.wire.deliver(frame);
    }
  }
  t.is(receiver.received.length, 600);
});

test('any messages arrive as they were sent, over frames of any length, whatever the order and the repeats of the frames', async (t) => {
  const property = fc.asyncProperty(
    fc.array(message, { minLength: 1, maxLength: 6 }),
    fc.integer({ min: 200, max: 700 }),
    fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
    async (messages, frameBytesMax, random) => {
      const sender = await openPeer(a, {}, frameBytesMax);
      const receiver = await openPeer(b, {}, frameBytesMax);
      const frames = await sender.framesOf(...messages);
      const twice = [...frames, ...frames].map((frame) => ({ frame, order: random.next().value }));
      for (const { frame } of twice.sort((x, y) => x.order - y.order)) receiver.wire.deliver(frame);
      const got = new Set(receiver.received.map(([, message]) => textOf(message)));
      const wanted = new Set(messages.map((message) => textOf(message)));
      return got.size === wanted.size && [...got].every((text) => wanted.has(text)) && receiver.troubles.length === 0;
    },
  );
  await fc.assert(property, { numRuns: 100 });
  t.pass();
});

test('a message that cannot be encoded, or is too long, is dropped with a trouble, and harms no other one', async (t) => {
  const sender = await openPeer(a, { messageBytesMax: 2_000 });
  const receiver = await openPeer(b, { messageBytesMax: 2_000 });
  const bad: Message = { type: 'prepare', number, from: 0.5 };
  for (const frame of await sender.framesOf(prepare, bad, longMessage(2_000), commit)) receiver.wire.deliver(frame);
  t.deepEqual(
    receiver.received.map(([, message]) => message),
    [prepare, commit],
  );
  t.deepEqual(receiver.troubles, []);
  t.is(sender.troubles[0]?.type, 'dropped');
  t.regex(String(sender.troubles[0]?.reason), /could not be sent/);
});

test('H67: a message longer than the receiver takes is refused, in one frame and in chunks', async (t) => {
  const sender = await openPeer(a, {}, 1_500);
  const receiver = await openPeer(b, { messageBytesMax: 1_024 }, 1_500);
  for (const frame of await sender.framesOf(longMessage(1_200), longMessage(3_000))) receiver.wire.deliver(frame);
  t.deepEqual(receiver.received, []);
  const reasons = new Set(receiver.troubles.map(({ reason }) => reason));
  t.deepEqual(
    [...reasons],
    ['a frame was refused: a message is too long', 'a frame was refused: its message is too long'],
  );
  t.true(receiver.troubles.every(({ type, peer }) => type === 'refused' && peer === 'a'));
});

test('H66: a frame of another cluster, another version, or this node itself is refused', async (t) => {
  const receiver = await openPeer(b);
  const foreign = await openPeer(a, { cluster: 'other' });
  const self = await openPeer(b);
  receiver.wire.deliver((await foreign.framesOf(prepare))[0] as Uint8Array);
  receiver.wire.deliver((await self.framesOf(prepare))[0] as Uint8Array);
  const newer = (await (await openPeer(a)).framesOf(prepare))[0] as Uint8Array;
  newer[1] = 2;
  receiver.wire.deliver(newer);
  t.deepEqual(receiver.received, []);
  t.deepEqual(
    receiver.troubles.map(({ reason }) => reason),
    ['it is of another cluster', 'it is from this node itself', 'it is of another version'].map(
      (why) => `a frame was refused: ${why}`,
    ),
  );
});

test('H67: a frame that is cut short anywhere, or has a wrong bit anywhere, is refused whole', async (t) => {
  const sender = await openPeer(a);
  const [frame = new Uint8Array()] = await sender.framesOf(prepare, commit);
  const receiver = await openPeer(b);
  for (let length = 0; length < frame.length; length++) receiver.wire.deliver(frame.slice(0, length));
  for (let bit = 0; bit < frame.length * 8; bit++) {
    const flipped = frame.slice();
    flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
    receiver.wire.deliver(flipped);
  }
  t.deepEqual(receiver.received, []);
  receiver.wire.deliver(frame);
  t.is(receiver.received.length, 2);
});

test('H67: random frames, and random bodies with a right checksum, throw nothing', async (t) => {
  const receiver = await openPeer(b, {}, 500);
  const { sealFrame, frameHead } = await import('../../src/communicator/frame.ts');
  const heads = [frameHead('test', a, 'messages'), frameHead('test', a, 'chunk')];
  const body = fc.tuple(fc.nat({ max: 1 }), fc.uint8Array({ maxLength: 300 }));
  const property = fc.property(body, ([head, bytes]) => {
    receiver.wire.deliver(bytes);
    receiver.wire.deliver(sealFrame(heads[head] as Uint8Array, bytes));
  });
  t.notThrows(() => fc.assert(property, { numRuns: 3_000 }));
  t.notThrows(() => receiver.wire.deliver(undefined as never));
  t.notThrows(() => receiver.wire.deliver('text' as never));
});

test('H67: a malformed message is refused alone; the others in its frame are taken', async (t) => {
  const sender = await openPeer(a);
  const [frame = new Uint8Array()] = await sender.framesOf(prepare, commit, progress);
  const { sealFrame, frameHead } = await import('../../src/communicator/frame.ts');
  const head = frameHead('test', a, 'messages');
  const body = frame.slice(head.length, -4);
  body[4 + (body[0] as number) + 4] = 99;
  const receiver = await openPeer(b);
  receiver.wire.deliver(sealFrame(head, body));
  t.deepEqual(
    receiver.received.map(([, message]) => message.type),
    ['prepare', 'progress'],
  );
  t.is(receiver.troubles.length, 1);
});

test('H67: a frame with more messages than a node sends in one is refused', async (t) => {
  const { messagesMax, sealFrame, frameHead } = await import('../../src/communicator/frame.ts');
  const sender = await openPeer(a);
  const [one = new Uint8Array()] = await sender.framesOf(progress);
  const head = frameHead('test', a, 'messages');
  const body = one.slice(head.length, -4);
  const many = new Uint8Array(body.length * (messagesMax + 1));
  for (let at = 0; at < many.length; at += body.length) many.set(body, at);
  const receiver = await openPeer(b);
  receiver.wire.deliver(sealFrame(head, many));
  t.deepEqual(receiver.received, []);
  const frames = await sender.framesOf(...Array.from({ length: messagesMax + 1 }, () => progress));
  t.is(frames.length, 2);
});

test('H67: a flood of bad frames is counted, and reported at a bounded rate', async (t) => {
  const receiver = await openPeer(b);
  for (let index = 0; index < 100_000; index++) receiver.wire.deliver(Uint8Array.of(index, 1, 2, 3, 4, 5, 6, 7));
  t.true(receiver.troubles.length < 150);
  const counted = receiver.troubles.reduce((sum, { count = 0 }) => sum + count, 0);
  t.true(counted > 97_000 && counted <= 100_000);
});

test('what the node throws does not reach the transport, nor keep the next message from it', async (t) => {
  const wire = new Wire();
  const communicator = overTransport(wire, { cluster: 'test' });
  const seen: Message[] = [];
  communicator.onTrouble(() => {
    throw new Error('a listener of little use');
  });
  await communicator.open(b, (_sender, message) => {
    seen.push(message);
    throw new Error('a node of little use');
  });
  const frames = await (await openPeer(a)).framesOf(prepare, commit);
  t.notThrows(() => wire.deliver(frames[0] as Uint8Array));
  t.deepEqual(seen, [prepare, commit]);
});

test('trouble of the transport is passed on', async (t) => {
  const peer = await openPeer(a);
  peer.wire.trouble({ type: 'disconnected', peer: 'b' });
  t.deepEqual(peer.troubles, [{ type: 'disconnected', peer: 'b' }]);
});

test('closing sends what is left, once, and takes nothing more', async (t) => {
  const peer = await openPeer(a);
  const frames = await (await openPeer(b)).framesOf(prepare);
  peer.communicator.send([b], prepare);
  await Promise.all([peer.communicator.close(), peer.communicator.close()]);
  peer.communicator.send([b], prepare);
  await turn();
  peer.wire.deliver(frames[0] as Uint8Array);
  t.is(peer.wire.sent.length, 1);
  t.is(peer.wire.closedTimes, 1);
  t.deepEqual(peer.received, []);
});

test('options that make no sense are refused in words one can act on', async (t) => {
  const wire = new Wire();
  for (const options of [
    { cluster: '' },
    { cluster: 'x'.repeat(256) },
    { cluster: 'x\ud800' },
    { cluster: 'x', messageBytesMax: 0 },
    { cluster: 'x', reassemblyBytesMax: 1_000 },
  ]) {
    t.throws(() => overTransport(wire, options), { code: 'PAXAKOS_INVALID' });
  }
  await t.throwsAsync(
    overTransport(new Wire(50), { cluster: 'x' }).open(a, () => {}),
    { code: 'PAXAKOS_INVALID' },
  );
  const peer = await openPeer(a);
  await t.throwsAsync(
    peer.communicator.open(a, () => {}),
    { code: 'PAXAKOS_INVALID' },
  );
});
