// Goal: what two nodes send reaches the other once it is known to run, with little delay and bounded memory. Method: a wire
// that loses what the test names, and a clock that only the test moves.
import test from 'ava';
import { met, say, settled, Wire } from './wire.ts';

test('frames that are sent before the peers have met arrive once they have, in order and once', async (t) => {
  await using wire = new Wire();
  const [a, b] = [await wire.open('a'), await wire.open('b')];
  for (const text of ['1', '2', '3']) say(a, text, b);
  say(b, '4', a);
  await settled();
  t.deepEqual(b.frames, ['1', '2', '3']);
  t.deepEqual(a.frames, ['4']);
  t.deepEqual(a.transport.rejected, { forged: 0, replayed: 0, foreign: 0, unverified: 0 });
  t.is(wire.since(0, 'data').length, 4);
});

test('a frame for several goes to those who have met the sender now, to another one later, and is sealed once', async (t) => {
  await using wire = new Wire();
  const [a, b] = await met(wire);
  const [c, d] = [await wire.open('c'), await wire.open('d')];
  say(a, 'hello', d);
  await settled();
  const count = wire.sent.length;
  say(a, 'x', b, c, d);
  t.deepEqual(
    wire.since(count, 'data').map(({ to }) => to),
    [['b', 'd']],
  );
  await settled();
  t.deepEqual([b.frames, c.frames, d.frames], [['x'], ['x'], ['hello', 'x']]);
});

test('more than 8 receivers get a frame, 8 at a time', async (t) => {
  await using wire = new Wire();
  const a = await wire.open('a');
  const others = await Promise.all(Array.from({ length: 20 }, (_, at) => wire.open(`n${at}`)));
  say(a, 'hello', ...others);
  await settled();
  const count = wire.sent.length;
  say(a, 'x', ...others);
  await settled();
  t.true(others.every(({ frames }) => frames.join() === 'hello,x'));
  t.deepEqual(
    wire.since(count, 'data').map(({ to }) => to.length),
    [8, 8, 4],
  );
});

for (const lost of [0, 1, 2, 3]) {
  test(`greeting ${lost} may be lost: it takes a tenth of a second more`, async (t) => {
    await using wire = new Wire();
    let greetings = 0;
    wire.passes = ({ bytes }) => bytes[0] !== 0x12 || greetings++ !== lost;
    const [a, b] = [await wire.open('a'), await wire.open('b')];
    say(a, '1', b);
    await settled();
    wire.now += 100;
    say(a, '2', b);
    await settled();
    wire.now += 100;
    say(a, '3', b);
    await settled();
    t.true(b.frames.includes('3'), b.frames.join());
    t.deepEqual(b.frames, [...new Set(b.frames)].toSorted());
  });
}

test('a greeting is repeated after 100 ms at the earliest, however much is sent', async (t) => {
  await using wire = new Wire();
  const [a, b] = [await wire.open('a'), await wire.open('b')];
  wire.passes = () => false;
  for (; wire.now < 1_000; wire.now += 1) say(a, 'x', b);
  t.is(wire.since(0, 'greeting').length, 10);
  t.is(wire.since(0, 'data').length, 0);
});

test('two that run and speak do not greet again; one that is silent is asked every 500 ms', async (t) => {
  await using wire = new Wire();
  const [a, b] = await met(wire);
  const count = wire.sent.length;
  for (let turn = 0; turn < 50; turn += 1, wire.now += 100) {
    say(a, 'x', b);
    say(b, 'x', a);
    await settled();
  }
  t.is(wire.since(count, 'greeting').length, 0);
  for (let turn = 0; turn < 50; turn += 1, wire.now += 100) {
    say(a, 'x', b);
    await settled();
  }
  const asked = wire.since(count, 'greeting').filter(({ from }) => from === 'a').length;
  t.true(asked >= 8 && asked <= 11, `${asked}`);
});

test('a peer that restarted and says nothing gets frames again within half a second', async (t) => {
  await using wire = new Wire();
  const [a, b] = await met(wire);
  await b.transport.close();
  const again = await wire.open('b');
  const start = wire.now;
  for (; again.frames.length === 0 && wire.now < 5_000; wire.now += 20) {
    say(a, 'x', again);
    await settled();
  }
  t.true(wire.now - start <= 540, `${wire.now - start}`);
});

test('a node that restarted sends at once, and is heard', async (t) => {
  await using wire = new Wire();
  const [a, b] = await met(wire);
  await a.transport.close();
  const again = await wire.open('a');
  say(again, 'again', b);
  await settled();
  t.deepEqual(b.frames, ['again']);
});

test('what waits for a peer is bounded in bytes and in time, and what is given up is reported', async (t) => {
  await using wire = new Wire();
  const a = await wire.open('a');
  const b = { info: { id: 'b' } } as typeof a;
  const text = 'x'.repeat(1_000);
  for (let number = 0; number < 1_000; number += 1) say(a, `${number} ${text}`, b);
  const present = await wire.open('b');
  wire.now = 900;
  say(a, 'late', present);
  await settled();
  const [first = ''] = present.frames;
  t.is(present.frames.at(-1), 'late');
  t.true(present.frames.length > 200 && present.frames.length < 256, `${present.frames.length}`);
  t.true(Number(first.split(' ')[0]) > 740);
  await a.transport.close();
  const dropped = a.troubles.filter(({ type, peer }) => type === 'dropped' && peer === 'b');
  t.is(
    dropped.reduce((sum, { count = 0 }) => sum + count, 0),
    1_001 - present.frames.length,
  );
});

test('what has waited for more than a second is dropped, not sent', async (t) => {
  await using wire = new Wire();
  const [a, b] = [await wire.open('a'), await wire.open('b')];
  wire.passes = () => false;
  say(a, 'old', b);
  wire.now = 1_001;
  wire.passes = () => true;
  say(b, 'hello', a);
  await settled();
  t.deepEqual(b.frames, []);
  t.deepEqual(a.frames, ['hello']);
  t.true(a.troubles.some(({ type, peer, count }) => type === 'dropped' && peer === 'b' && count === 1));
});

test('a frame that alone is larger than the bound still waits', async (t) => {
  await using wire = new Wire();
  const [a, b] = [await wire.open('a'), await wire.open('b')];
  say(a, 'x'.repeat(500_000), b);
  await settled();
  t.is(b.frames[0]?.length, 500_000);
});

test('a session ends before its counter recurs, and the next one takes over', async (t) => {
  await using wire = new Wire();
  const [a, b] = [await wire.open('a', { sessionFramesMax: 10 }), await wire.open('b')];
  for (let number = 0; number < 100; number += 1, wire.now += 10) {
    say(a, `${number}`, b);
    await settled();
  }
  t.deepEqual(
    b.frames,
    Array.from({ length: 100 }, (_, number) => `${number}`),
  );
  const heads = wire.sent.filter(({ from }) => from === 'a').map(({ bytes }) => Buffer.from(bytes.subarray(5, 27)));
  const counters = heads.map((head) => head.readUIntBE(16, 6));
  t.true(Math.max(...counters) <= 10);
  t.is(new Set(heads.map((head) => head.toString('hex'))).size, heads.length, 'no nonce twice under one key');
});

test('no counter comes twice in a session, whatever is sent', async (t) => {
  await using wire = new Wire();
  const [a, b] = await met(wire);
  const c = await wire.open('c');
  for (let number = 0; number < 300; number += 1, wire.now += 50) {
    say(a, 'x', b, c);
    say(c, 'y', a);
    await settled();
  }
  const heads = wire.sent.map(({ bytes }) => Buffer.from(bytes.subarray(5, 27)).toString('hex'));
  t.is(new Set(heads).size, heads.length);
  t.is(new Set(heads.map((head) => head.slice(0, 32))).size, 3);
});
