// Long messages come together from chunks in any order; what stays incomplete costs a bounded amount of memory.
import test from 'ava';
import { crc32 } from '../../src/communicator/index.ts';
import { type Chunk, Reassembly } from '../../src/communicator/reassembly.ts';
import type { Message } from '../../src/contracts/index.ts';
import { a, b, c, longMessage, openPeer, textOf } from './fixture.ts';

const limits = { messageBytesMax: 10_000, reassemblyBytesMax: 40_000 };

function reassembly(): { readonly it: Reassembly; readonly givenUp: string[] } {
  const givenUp: string[] = [];
  return { it: new Reassembly(limits, (sender) => givenUp.push(sender)), givenUp };
}

function chunksOf(sequence: number, message: Uint8Array, chunkBytes = 100): Chunk[] {
  const checksum = crc32(message);
  const chunks: Chunk[] = [];
  for (let offset = 0; offset < message.length; offset += chunkBytes) {
    const bytes = message.slice(offset, offset + chunkBytes);
    chunks.push({ sequence, messageBytes: message.length, checksum, offset, bytes });
  }
  return chunks;
}

const text = (length: number, seed = 1): Uint8Array => Uint8Array.from({ length }, (_, index) => (index * seed) & 255);

test('chunks that come in any order and twice give the message once', (t) => {
  const { it } = reassembly();
  const message = text(1_050, 7);
  const chunks = chunksOf(1, message).reverse();
  const results = [...chunks.flatMap((chunk) => [chunk, chunk]), ...chunks].map((chunk) => it.add('a', chunk));
  t.deepEqual(
    results.filter((result) => result !== undefined),
    [message],
  );
  t.is(it.heldBytes, 0);
});

test('a chunk that is lost costs its own message only', (t) => {
  const { it } = reassembly();
  const lost = chunksOf(1, text(500)).slice(1);
  const whole = chunksOf(2, text(500, 3));
  const results = whole.flatMap((chunk, index) => [it.add('a', lost[index] ?? chunk), it.add('a', chunk)]);
  t.is(results.filter((result) => result !== undefined).length, 1);
});

test('a sender that restarts, and numbers its messages anew, is not mixed up with its former life', (t) => {
  const { it } = reassembly();
  const before = chunksOf(1, text(500, 3));
  const after = chunksOf(1, text(500, 5));
  for (const chunk of before.slice(0, 4)) it.add('a', chunk);
  const results = after.map((chunk) => it.add('a', chunk));
  t.deepEqual(results.at(-1), text(500, 5));
  t.deepEqual(it.add('a', before[4] as Chunk), text(500, 3));
});

test('the same number from two senders is two messages', (t) => {
  const { it } = reassembly();
  const [first, second] = chunksOf(1, text(150)) as [Chunk, Chunk];
  it.add('a', first);
  t.is(it.add('b', second), undefined);
  t.deepEqual(it.add('a', second), text(150));
});

test('H67: a chunk of a message that is too long, or that lies outside of its message, is refused', (t) => {
  const { it } = reassembly();
  const chunk = { sequence: 1, messageBytes: 100, checksum: 0, offset: 0, bytes: new Uint8Array(10) };
  t.throws(() => it.add('a', { ...chunk, messageBytes: 10_001 }));
  t.throws(() => it.add('a', { ...chunk, offset: 91 }));
  t.throws(() => it.add('a', { ...chunk, offset: 2 ** 53 - 1 }));
  t.throws(() => it.add('a', { ...chunk, bytes: new Uint8Array(0) }));
  t.is(it.heldBytes, 0);
});

test('H67: chunks that overlap do not make a message', (t) => {
  const { it } = reassembly();
  const message = text(100, 3);
  const part = { sequence: 1, messageBytes: 100, checksum: crc32(message) };
  it.add('a', { ...part, offset: 0, bytes: new Uint8Array(60) });
  t.throws(() => it.add('a', { ...part, offset: 30, bytes: new Uint8Array(60) }));
  t.is(it.heldBytes, 0);
});

test('H67: announcing long messages allocates nothing for them', (t) => {
  const { it } = reassembly();
  for (let sequence = 0; sequence < 100; sequence++) {
    it.add('a', { sequence, messageBytes: 10_000, checksum: 0, offset: 0, bytes: new Uint8Array(1) });
  }
  t.true(it.heldBytes <= 32 * 200);
});

test('H67: incomplete messages are bounded in bytes and in number, and the oldest is given up first', (t) => {
  const { it, givenUp } = reassembly();
  const newest = chunksOf(1_000_000, text(9_000, 3), 1_000);
  for (let sender = 0; sender < 300; sender++) {
    for (let sequence = 0; sequence < 40; sequence++) {
      it.add(`s${sender}`, { sequence, messageBytes: 9_000, checksum: 0, offset: 0, bytes: new Uint8Array(100) });
      t.true(it.heldBytes <= limits.reassemblyBytesMax);
    }
  }
  t.true(givenUp.length > 10_000);
  const results = newest.map((chunk) => it.add('late', chunk));
  t.deepEqual(results.at(-1), text(9_000, 3));
});

test('H67: one sender cannot crowd out the message of another one', (t) => {
  const { it } = reassembly();
  const slow = chunksOf(1, text(9_000, 3), 1_000);
  it.add('slow', slow[0] as Chunk);
  for (let sequence = 0; sequence < 1_000; sequence++) {
    it.add('greedy', { sequence, messageBytes: 9_000, checksum: 0, offset: 0, bytes: new Uint8Array(5_000) });
  }
  t.deepEqual(
    slow
      .slice(1)
      .map((chunk) => it.add('slow', chunk))
      .at(-1),
    text(9_000, 3),
  );
});

test('P11: over frames that are lost, repeated and reordered, messages arrive whole or not at all', async (t) => {
  const sender = await openPeer(a, {}, 300);
  const receiver = await openPeer(b, {}, 300);
  let random = 7;
  const draw = (): number => {
    random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
    return random / 2 ** 32;
  };
  const sent: Message[] = Array.from({ length: 60 }, (_, index) => longMessage(200 + index * 10, index));
  let frames: Uint8Array[] = [];
  for (const message of sent) {
    frames.push(
      ...(await sender.framesOf(message)).flatMap((frame) =>
        draw() < 0.02 ? [] : draw() < 0.2 ? [frame, frame] : [frame],
      ),
    );
    if (frames.length < 30) continue;
    const shuffled = frames.map((frame) => ({ frame, order: draw() })).sort((x, y) => x.order - y.order);
    for (const { frame } of shuffled) receiver.wire.deliver(frame);
    frames = [];
  }
  const got = receiver.received.map(([, message]) => textOf(message));
  const wanted = new Set(sent.map((message) => textOf(message)));
  t.true(got.every((text) => wanted.has(text)));
  t.true(got.length > 20);
  t.true(receiver.received.every(([from]) => from.id === 'a' && from.id !== c.id));
});
