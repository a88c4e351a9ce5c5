// Goal: whoever has the bus but not the key gets nothing delivered that was not sent to that node, by a process that runs, or
// gets it delivered twice. Method: a wire that records everything and injects what the test makes of it.
import test from 'ava';
import fc from 'fast-check';
import { met, otherKey, type Peer, type Sent, say, settled, Wire } from './wire.ts';

const none = { forged: 0, replayed: 0, foreign: 0, unverified: 0 };

/** Injects frames, and gives what was rejected and delivered meanwhile. */
async function attack(victim: Peer, frames: readonly Uint8Array[]) {
  const before = victim.transport.rejected;
  const heldBefore = victim.frames.length;
  for (const frame of frames) victim.inject(frame);
  await settled();
  const after = victim.transport.rejected;
  const rejected = { ...none };
  for (const cause of ['forged', 'replayed', 'foreign', 'unverified'] as const) {
    rejected[cause] = after[cause] - before[cause];
  }
  return { rejected, delivered: victim.frames.slice(heldBefore) };
}

/** A frame of data from a to b that b has not got. */
async function withheld(wire: Wire, a: Peer, b: Peer, text = 'secret'): Promise<Uint8Array> {
  const count = wire.sent.length;
  wire.passes = () => false;
  say(a, text, b);
  wire.passes = () => true;
  const [sent] = wire.since(count, 'data');
  await settled();
  return (sent as Sent).bytes;
}

test('nothing on the bus shows the content or the names', async (t) => {
  await using wire = new Wire();
  const [a, b] = [await wire.open('sender'), await wire.open('receiver')];
  say(a, 'a secret', b);
  await settled();
  t.deepEqual(b.frames, ['a secret']);
  for (const { bytes } of wire.sent) t.notRegex(Buffer.from(bytes).toString('latin1'), /secret|sender|receiver/);
});

test('a frame of which any bit was flipped is not delivered, and counted', async (t) => {
  await using wire = new Wire();
  const [a, b] = await met(wire);
  const frame = await withheld(wire, a, b);
  const altered = [...frame.keys()].flatMap((at) =>
    [1, 128].map((bit) => {
      const copy = Uint8Array.from(frame);
      copy[at] = (copy[at] ?? 0) ^ bit;
      return copy;
    }),
  );
  const { rejected, delivered } = await attack(b, altered);
  t.deepEqual(delivered, []);
  t.deepEqual(rejected, { ...none, foreign: 8, forged: altered.length - 8 });
  t.deepEqual((await attack(b, [frame])).delivered, ['secret'], 'the frame itself was sound');
});

test('a greeting of which any bit was flipped changes nothing', async (t) => {
  await using wire = new Wire();
  const [a, b] = [await wire.open('a'), await wire.open('b')];
  wire.passes = () => false;
  say(a, 'x', b);
  wire.passes = () => true;
  const [{ bytes }] = wire.sent as [Sent];
  const altered = [...bytes.keys()].map((at) => bytes.with(at, (bytes[at] ?? 0) ^ 4));
  const count = wire.sent.length;
  const { rejected } = await attack(b, altered);
  t.is(rejected.forged + rejected.foreign, altered.length);
  t.is(wire.sent.length, count, 'nothing is answered');
});

test('a frame that was cut or lengthened is not delivered', async (t) => {
  await using wire = new Wire();
  const [a, b] = await met(wire);
  const frame = await withheld(wire, a, b);
  const cut = [...frame.keys()].flatMap((length) => [frame.subarray(0, length), frame.subarray(frame.length - length)]);
  const longer = Uint8Array.from([...frame, 0]);
  const { rejected, delivered } = await attack(b, [...cut, longer]);
  t.deepEqual(delivered, []);
  t.is(rejected.forged + rejected.foreign, cut.length + 1);
});

test('random bytes are not delivered, and nothing throws', async (t) => {
  await using wire = new Wire();
  const [a, b] = await met(wire);
  const head = (await withheld(wire, a, b)).subarray(0, 27);
  const junk = fc.uint8Array({ maxLength: 200 });
  const property = fc.assert(
    fc.asyncProperty(junk, fc.integer({ min: 0, max: 27 }), async (bytes, kept) => {
      const frame = Uint8Array.from([...head.subarray(0, kept), ...bytes]);
      const { rejected, delivered } = await attack(b, [frame]);
      return delivered.length === 0 && rejected.forged + rejected.foreign === 1;
    }),
    { numRuns: 500 },
  );
  await t.notThrowsAsync(property);
});

test('a frame that comes twice is delivered once', async (t) => {
  await using wire = new Wire();
  const [a, b] = await met(wire);
  const frame = await withheld(wire, a, b);
  const { rejected, delivered } = await attack(b, [frame, frame, frame]);
  t.deepEqual(delivered, ['secret']);
  t.deepEqual(rejected, { ...none, replayed: 2 });
});

test('a frame that was overtaken by many is delivered; by more than 8,192, it is not', async (t) => {
  await using wire = new Wire();
  const [a, b] = await met(wire);
  const [early, late] = [await withheld(wire, a, b, 'early'), await withheld(wire, a, b, 'late')];
  for (let number = 0; number < 4_096; number += 1) say(a, 'x', b);
  await settled();
  t.deepEqual((await attack(b, [late])).delivered, ['late']);
  for (let number = 0; number < 4_097; number += 1) say(a, 'x', b);
  await settled();
  const { rejected, delivered } = await attack(b, [early]);
  t.deepEqual(delivered, []);
  t.is(rejected.replayed, 1);
});

test('all that was recorded, brought again, delivers nothing', async (t) => {
  await using wire = new Wire();
  const [a, b] = await met(wire);
  for (const text of ['1', '2', '3']) say(a, text, b);
  await settled();
  const recorded = wire.sent.map(({ bytes }) => bytes);
  for (const victim of [b, a]) {
    const { delivered } = await attack(victim, [...recorded, ...recorded]);
    t.deepEqual(delivered, []);
  }
});

test('a recorded session is refused by a receiver that has restarted, while its sender is gone', async (t) => {
  await using wire = new Wire();
  const [a, b] = await met(wire);
  say(a, 'old', b);
  await settled();
  const recorded = wire.sent.map(({ bytes }) => bytes);
  await Promise.all([a.transport.close(), b.transport.close()]);
  const again = await wire.open('b');
  for (let times = 0; times < 3; times += 1, wire.now += 1_000) {
    t.deepEqual((await attack(again, recorded)).delivered, []);
  }
  t.true(again.transport.rejected.unverified > 0);
});

test('what a live sender sent before its receiver restarted is refused afterwards', async (t) => {
  await using wire = new Wire();
  const [a, b] = await met(wire);
  for (const text of ['1', '2', '3']) say(a, text, b);
  await settled();
  const missed = await withheld(wire, a, b, 'missed');
  const recorded = [...wire.sent.map(({ bytes }) => bytes), missed];
  await b.transport.close();
  const again = await wire.open('b');
  say(again, 'hello', a);
  await settled();
  say(a, 'new', again);
  await settled();
  t.deepEqual(again.frames, ['new']);
  t.deepEqual((await attack(again, recorded)).delivered, []);
});

test('the former life of a sender is refused once the new one is known', async (t) => {
  await using wire = new Wire();
  const [a, b] = await met(wire);
  const missed = await withheld(wire, a, b, 'missed');
  const recorded = [...wire.sent.map(({ bytes }) => bytes), missed];
  await a.transport.close();
  const again = await wire.open('a');
  say(again, 'new', b);
  await settled();
  t.deepEqual(b.frames, ['new']);
  t.deepEqual((await attack(b, recorded)).delivered, []);
  say(again, 'newer', b);
  await settled();
  t.deepEqual(b.frames, ['new', 'newer'], 'the new one is still heard');
});

test('an answer that was withheld cannot bring back a session that was replaced', async (t) => {
  await using wire = new Wire();
  const [a, b] = [await wire.open('a'), await wire.open('b')];
  // b has been asked, and its answer is on the bus, as is a frame.
  wire.passes = ({ from }) => from === 'a';
  say(a, 'x', b);
  await settled();
  const answer = wire.since(0, 'greeting').find(({ from }) => from === 'b') as Sent;
  say(b, 'old', a);
  await settled();
  const old = wire.since(0, 'data').find(({ from }) => from === 'b');
  await b.transport.close();
  wire.passes = () => true;
  const again = await wire.open('b');
  say(again, 'new', a);
  await settled();
  t.deepEqual(a.frames, ['new']);
  const { delivered } = await attack(a, [answer.bytes, ...(old ? [old.bytes] : []), answer.bytes]);
  t.deepEqual(delivered, []);
  say(again, 'newer', a);
  await settled();
  t.deepEqual(a.frames, ['new', 'newer'], 'the new session still counts');
});

test('an answer counts for 10 s', async (t) => {
  for (const [afterMs, isTaken] of [[9_999, true] as const, [10_001, false] as const]) {
    await using wire = new Wire();
    const [a, b] = [await wire.open('a'), await wire.open('b')];
    wire.passes = ({ from }) => from === 'a';
    say(a, 'x', b);
    await settled();
    const answer = wire.since(0, 'greeting').find(({ from }) => from === 'b') as Sent;
    wire.now = afterMs;
    say(b, 'old', a);
    await settled();
    wire.passes = () => false;
    a.inject(answer.bytes);
    const data = wire.since(0, 'data').filter(({ from }) => from === 'b');
    t.is(data.length > 0, true);
    const { delivered } = await attack(
      a,
      data.map(({ bytes }) => bytes),
    );
    t.is(delivered.length > 0, isTaken, `${afterMs}`);
  }
});

test('a frame is delivered to nobody but those whom it was sent to', async (t) => {
  await using wire = new Wire();
  const [a, b] = await met(wire);
  const c = await wire.open('c');
  say(a, 'hello', c);
  say(c, 'hello', a);
  await settled();
  const frame = await withheld(wire, a, b);
  const { rejected, delivered } = await attack(c, [frame]);
  t.deepEqual(delivered, []);
  t.deepEqual(rejected, { ...none, foreign: 1 });
});

test('what a node sends, reflected to it, is refused', async (t) => {
  await using wire = new Wire();
  const [a, b] = await met(wire);
  say(a, 'x', b);
  await settled();
  const own = wire.sent.filter(({ from }) => from === 'a').map(({ bytes }) => bytes);
  const count = wire.sent.length;
  const { rejected, delivered } = await attack(a, own);
  t.deepEqual(delivered, []);
  t.deepEqual(rejected, { ...none, foreign: own.length });
  t.is(wire.sent.length, count, 'nothing is answered');
});

test('a greeting for another node is not answered, and proves nothing', async (t) => {
  await using wire = new Wire();
  const [a, b] = [await wire.open('a'), await wire.open('b')];
  const c = await wire.open('c');
  wire.passes = () => false;
  say(a, 'x', b);
  await settled();
  const [{ bytes }] = wire.sent as [Sent];
  const count = wire.sent.length;
  const { rejected } = await attack(c, [bytes]);
  t.deepEqual(rejected, { ...none, foreign: 1 });
  t.is(wire.sent.length, count);
});

test('frames of a cluster of another name with the same key are foreign', async (t) => {
  await using wire = new Wire();
  const other = new Wire();
  const [, b] = await met(wire);
  const [x, y] = [await other.open('a', { cluster: 'other' }), await other.open('b', { cluster: 'other' })];
  say(x, 'x', y);
  await settled();
  const frames = other.sent.map(({ bytes }) => bytes);
  const { rejected, delivered } = await attack(b, frames);
  t.deepEqual(delivered, []);
  t.deepEqual(rejected, { ...none, foreign: frames.length });
  await other[Symbol.asyncDispose]();
});

test('frames sealed with an unknown key are foreign, and a peer with one hears nothing', async (t) => {
  await using wire = new Wire();
  const a = await wire.open('a');
  const b = await wire.open('b', { keys: [otherKey] });
  say(a, 'x', b);
  say(b, 'x', a);
  await settled();
  t.deepEqual([a.frames, b.frames], [[], []]);
  t.deepEqual(a.transport.rejected, { ...none, foreign: 1 });
});

test('greetings that are brought again and again are answered 8 times at once, then 40 times a second', async (t) => {
  await using wire = new Wire();
  const [a, b] = [await wire.open('a'), await wire.open('b')];
  wire.passes = () => false;
  say(a, 'x', b);
  const [{ bytes }] = wire.sent as [Sent];
  await attack(
    b,
    Array.from({ length: 100 }, () => bytes),
  );
  t.is(wire.sent.length - 1, 8);
  wire.now = 100;
  await attack(
    b,
    Array.from({ length: 100 }, () => bytes),
  );
  t.is(wire.sent.length - 1, 12);
});

test('a greeting of a live session that comes twice is replayed, and not answered', async (t) => {
  await using wire = new Wire();
  const [a, b] = await met(wire);
  wire.now += 1_000;
  wire.passes = ({ from }) => from === 'a';
  const count = wire.sent.length;
  say(a, 'x', b);
  await settled();
  const [asked] = wire.since(count, 'greeting') as [Sent];
  const sent = wire.sent.length;
  const { rejected } = await attack(b, [asked.bytes, asked.bytes]);
  t.deepEqual(rejected, { ...none, replayed: 2 });
  t.is(wire.sent.length, sent);
});

test('junk costs no memory and is not answered; names of many peers are forgotten again', async (t) => {
  await using wire = new Wire();
  const [a, b] = await met(wire);
  const count = wire.sent.length;
  await attack(
    b,
    Array.from({ length: 1_000 }, () => crypto.getRandomValues(new Uint8Array(100))),
  );
  t.is(wire.sent.length, count);
  for (let number = 0; number < 300; number += 1) {
    wire.now += 1;
    a.transport.send([{ id: `peer ${number}` }], new Uint8Array(10));
  }
  wire.now += 100;
  const known = wire.sent.length;
  say(a, '1', b);
  await settled();
  t.true(wire.since(known, 'greeting').length > 0, 'the one that was used longest ago made room');
  t.deepEqual(b.frames, ['1'], 'and is met again');
  t.like(
    a.troubles.find(({ peer }) => peer === 'peer 0'),
    { type: 'dropped', count: 1 },
    'what waited for those is reported',
  );
  const recorded = wire.sent.map(({ bytes }) => bytes);
  t.deepEqual((await attack(b, recorded)).delivered, []);
  t.deepEqual((await attack(a, recorded)).delivered, []);
});
