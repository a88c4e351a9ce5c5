import test from 'ava';
import type { CoordNum, Message } from '../../src/contracts/index.ts';
import { entryOf } from './support/entries.ts';
import { assertPinned } from './support/pinned.ts';
import { World } from './support/world.ts';

const number = (counter: number, node: string): CoordNum => ({ counter, node, incarnation: `${node}1` });
const propose = (by: CoordNum, from: number, text: string): Message => ({
  type: 'propose',
  number: by,
  from,
  entries: [entryOf(text)],
});

/** Three nodes that have met, and where their transcript goes on. */
function founded(concurrency = 3): readonly [World, number] {
  const world = World.founded({ founders: 'abc', concurrency });
  world.runFor(1_000);
  return [world, world.transcript.length];
}

/** Three nodes led by a, and where their transcript goes on. */
function led(concurrency = 3): readonly [World, number] {
  const world = World.led('a', { founders: 'abc', concurrency });
  world.runFor(2_000);
  return [world, world.transcript.length];
}

test('transcript: three nodes found a cluster', (t) => {
  const world = new World({ founders: 'abc' });
  world.start('abc');
  world.run();
  world.runFor(1_000);
  t.is(world.checker.foundedIn.size, 3);
  assertPinned(t, 'founding', world);
});

test('transcript: the first append wins an election', (t) => {
  const [world, from] = founded();
  const [key] = world.append('a', 'x1');
  world.runFor(1_000);
  t.is(world.roundOf(key), 1);
  assertPinned(t, 'first-append', world, from);
});

test('transcript: a leader places appends as runs, and commits ride on the next proposal', (t) => {
  const [world, from] = led();
  world.append('a', 'x2 x3 x4 x5');
  world.run();
  world.append('a', 'x6');
  world.runFor(1_000);
  t.is(world.textsOf('c'), 'x1 x2 x3 x4 x5 x6');
  assertPinned(t, 'steady-appends', world, from);
});

test('transcript: an election honours what was accepted in several rounds, and fills the gaps (H14)', (t) => {
  const world = World.founded({ founders: 'abcde', concurrency: 8 });
  world.runFor(1_000);
  const from = world.transcript.length;
  world.forge('d', 'b', propose(number(0, 'd'), 2, 'low'));
  world.forge('e', 'c', propose(number(0, 'e'), 2, 'high'));
  world.forge('d', 'b', propose(number(0, 'd'), 4, 'only'));
  world.forge('e', 'c', propose(number(0, 'e'), 6, 'last'));
  world.partition('abc', 'de');
  world.lose();
  world.append('a', 'mine');
  world.runFor(1_000);
  t.is(world.textsOf('a'), 'noop high noop only noop last mine');
  assertPinned(t, 'election-with-reports', world, from);
});

test('transcript: two nodes duel, and both append in the end (H18)', (t) => {
  const [world, from] = founded();
  const keys = [...world.append('a', 'x'), ...world.append('b', 'y')];
  world.run();
  for (let count = 0; count < 20 && keys.some((key) => world.roundOf(key) === undefined); count += 1) {
    world.runFor(100);
    for (const [index, id] of ['a', 'b'].entries()) {
      const settlement = world.settlements.get(keys[index] as number);
      if (settlement?.type !== 'failed') continue;
      keys[index] = world.append(id, id === 'a' ? 'x' : 'y')[0] as number;
    }
  }
  t.true(keys.every((key) => world.roundOf(key) !== undefined));
  world.checker.finish();
  assertPinned(t, 'duel', world, from);
});

test('transcript: a node that is behind is told that the round has converged', (t) => {
  const [world, from] = led();
  world.partition('ab', 'c');
  world.append('a', 'x2');
  world.run();
  world.heal();
  const [key] = world.append('c', 'y');
  world.runFor(1_000);
  t.is(world.roundOf(key), 3);
  assertPinned(t, 'converged', world, from);
});

test('transcript: a leader that was supplanted steps down', (t) => {
  const [world, from] = led();
  world.loses = (_from, to) => to === 'a';
  world.append('c', 'y');
  world.run();
  world.heal();
  const [key] = world.append('a', 'x2');
  world.run();
  t.is(world.node('a').live.standing, 'following');
  world.node('a').feed({ type: 'retry', key: key as number });
  world.runFor(3_000);
  assertPinned(t, 'supplanted', world, from);
});

for (const [what, type, sender] of [
  ['proposal', 'propose', 'a'],
  ['acceptance', 'acceptance', undefined],
  ['commit', 'commit', 'a'],
] as const) {
  test(`transcript: a lost ${what} is made good`, (t) => {
    const [world, from] = led();
    world.append('a', 'x2');
    if (type === 'propose') world.lose();
    while (type !== 'propose' && world.inFlight(type, sender).length < 2) {
      const next = world.flights.find(({ message }) => message.type !== type);
      if (next === undefined) break;
      world.deliver(next);
    }
    world.lose(({ message }) => message.type === type);
    world.runFor(1_000);
    for (const id of ['a', 'b', 'c']) t.is(world.textsOf(id), 'x1 x2');
    assertPinned(t, `lost-${what}`, world, from);
  });
}

test('transcript: a node fetches an entry that it knows only the id of (P8)', (t) => {
  const [world, from] = led();
  world.loses = (_from, to, { type }) => to === 'b' && type === 'propose';
  world.append('a', 'x2');
  world.run();
  t.is(world.textsOf('b'), 'x1 x2');
  assertPinned(t, 'fetch', world, from);
});

test('transcript: a node that lost its memory rejoins (P10)', (t) => {
  const [world, from] = led();
  world.crash('c', true);
  world.start('c', 'newcomer');
  world.runUntil(() => world.node('c').live.kernel.participation.type === 'active');
  world.runFor(500);
  t.is(world.textsOf('c'), world.textsOf('a'));
  assertPinned(t, 'rejoin', world, from);
});

test('transcript: a change of the cluster makes the leader prepare once more (P5)', (t) => {
  const [world] = led();
  world.start('de', 'newcomer');
  world.runFor(5_000);
  const from = world.transcript.length;
  world.append('a', '~bd ~ce');
  world.runFor(500);
  const [key] = world.append('a', 'x');
  world.runFor(100);
  t.truthy(world.roundOf(key));
  assertPinned(t, 'membership-change', world, from);
});

test('transcript: the window grows and shrinks (P9)', (t) => {
  const [world, from] = led(1);
  world.append('a', '=4');
  world.run();
  world.append('a', 'x3 x4 x5 x6 x7');
  world.run();
  world.append('a', '=1');
  world.run();
  world.append('a', 'x9 x10 x11 x12 x13');
  world.run();
  t.is(world.textsOf('c'), 'x1 =4 x3 x4 x5 x6 x7 =1 x9 x10 x11 x12 x13');
  assertPinned(t, 'window', world, from);
});
