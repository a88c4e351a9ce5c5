import test from 'ava';
import fc from 'fast-check';
import type { CoordNum, Message } from '../../src/contracts/index.ts';
import { entryOf, idsIn } from './support/entries.ts';
import { World } from './support/world.ts';

const number = (counter: number, node: string): CoordNum => ({ counter, node, incarnation: `${node}1` });
const prepare = (by: CoordNum, from = 1): Message => ({ type: 'prepare', number: by, from });
const propose = (by: CoordNum, from: number, ...texts: string[]): Message => ({
  type: 'propose',
  number: by,
  from,
  entries: texts.map((text) => entryOf(text)),
});

test('P1 a promise leaves only once it is durable, however often it is asked for (H3, H4)', (t) => {
  const world = World.founded({ founders: 'abc' });
  const b = world.node('b');
  b.holdWrites = true;
  const promises = world.watch('b → a: promise');
  world.append('a', 'x');
  world.runFor(1_000);
  world.forge('a', 'b', prepare(number(1, 'a')));
  t.is(promises(), 0);
  while (b.writes.length > 0) b.completeWrite();
  t.true(promises() > 0);
});

test('P1 an acceptance leaves only once it is durable, however often it is asked for (H3, H4)', (t) => {
  const world = World.led('a', { founders: 'abc' });
  const b = world.node('b');
  b.holdWrites = true;
  const acceptances = world.watch('b → a: acceptance');
  world.loses = (from) => from === 'c';
  const [key] = world.append('a', 'x2');
  world.runFor(1_000);
  t.is(acceptances(), 0);
  t.is(world.roundOf(key), undefined);
  while (b.writes.length > 0) b.completeWrite();
  world.run();
  t.is(world.roundOf(key), 2);
});

test('P2 a promised number never decreases: not by lesser messages, restarts, snapshots or leaving the cluster (H1)', (t) => {
  const world = World.led('a', { founders: 'abc' });
  const b = world.node('b');
  const refusesLess = (when: string): void => {
    const refusals = world.watch('b → c: supplanted');
    const votes = world.watch('b → c: promise');
    const acceptances = world.watch('b → c: acceptance');
    world.forge('c', 'b', prepare(number(8, 'c'), 2));
    world.forge('c', 'b', propose(number(8, 'c'), 2, 'less'));
    t.is(refusals(), 2, when);
    t.is(votes() + acceptances(), 0, when);
    t.deepEqual(b.live.kernel.acceptor.promised, number(9, 'c'), when);
  };
  world.forge('c', 'b', prepare(number(9, 'c'), 2));
  refusesLess('at once');
  world.crash('b');
  world.start('b');
  refusesLess('after a restart');
  b.takeSnapshot();
  world.crash('b');
  world.start('b');
  refusesLess('after a restart from a snapshot');
  const image = world.node('a').takeSnapshot();
  if (image !== undefined) b.install(image);
  refusesLess('after it has installed the snapshot of another node');
});

test('P2 a promise outlasts that the node is removed and added again', (t) => {
  const world = World.led('a', { founders: 'abc', concurrency: 1 });
  world.append('a', '-b');
  world.runFor(5_000);
  world.append('a', '+b');
  world.runFor(5_000);
  const { kernel } = world.node('b').live;
  t.is(kernel.participation.type, 'active');
  t.deepEqual(kernel.acceptor.promised, number(1, 'a'));
  const refusals = world.watch('b → c: supplanted');
  world.forge('c', 'b', prepare({ ...number(0, 'c') }, 9));
  t.is(refusals(), 1);
});

/** b accepts round 4 of a, which is chosen with that, and knows nothing before it; c knows rounds 1 to 3 and not 4. */
function snapshotBehindAcceptor(): World {
  const world = World.founded({ founders: 'abc', concurrency: 8 });
  world.append('a', 'x1');
  world.loses = (_from, to) => to === 'b';
  world.deliverAll('prepare');
  world.run();
  world.append('a', 'x2 x3');
  world.run();
  world.loses = (from, to, { type }) => from === 'c' || to === 'c' || type === 'commit';
  world.append('a', 'y');
  world.run();
  world.partition('a', 'bc');
  const image = world.node('c').takeSnapshot();
  if (image !== undefined) world.node('b').install(image);
  return world;
}

test('P3 installing a snapshot keeps what was accepted above it and what was promised (H36)', (t) => {
  const world = snapshotBehindAcceptor();
  t.is(world.node('b').state.round, 3);
  t.is(world.node('a').state.round, 4);
  t.is(world.node('b').live.kernel.acceptor.promised?.counter, 1);
  world.append('c', 'z');
  world.runFor(5_000);
  t.is(world.textsOf('c'), 'x1 x2 x3 y z');
});

test('P3 what was accepted above an installed snapshot outlasts a crash (H36)', (t) => {
  const world = snapshotBehindAcceptor();
  world.crash('b');
  world.start('b');
  t.is(world.node('b').live.kernel.acceptor.promised?.counter, 1);
  world.append('c', 'z');
  world.runFor(5_000);
  t.is(world.textsOf('c'), 'x1 x2 x3 y z');
});

test('P3 the greatest number that a snapshot has seen is not used again', (t) => {
  const world = World.led('a', { founders: 'abc' });
  world.forge('c', 'b', { type: 'supplanted', refused: number(1, 'b'), greatest: number(40, 'c') });
  const image = world.node('b').takeSnapshot();
  world.crash('b');
  world.start('b');
  t.is(image?.greatest?.counter, 40);
  const bids = world.watch('prepare 41.b1');
  world.append('b', 'x2');
  t.true(bids() > 0);
});

test('P8 a commit by id where another entry, another number or nothing was accepted fetches and applies nothing (H17)', (t) => {
  const held: readonly (readonly [string, Message | undefined])[] = [
    ['nothing', undefined],
    ['another entry under the same number', propose(number(5, 'a'), 1, 'other')],
    ['another entry under a lesser number', propose(number(4, 'c'), 1, 'other')],
    ['the same entry under a lesser number', propose(number(4, 'c'), 1, 'x')],
    ['the same entry under a greater number', propose(number(6, 'c'), 1, 'x')],
  ];
  for (const [what, proposal] of held) {
    const world = World.founded({ founders: 'abc' });
    if (proposal !== undefined) world.forge('c', 'b', proposal);
    world.lose();
    const fetches = world.watch('b → a: fetch 1');
    world.forge('a', 'b', { type: 'commit', number: number(5, 'a'), from: 1, ids: [entryOf('x').id] });
    t.is(world.node('b').live.kernel.learner.committed, 0, what);
    t.is(fetches(), 1, what);
  }
});

test('P8 a commit by id of what was accepted is carried out', (t) => {
  const world = World.founded({ founders: 'abc' });
  for (const id of idsIn('bc')) world.forge('a', id, propose(number(5, 'a'), 1, 'x'));
  world.forge('a', 'b', { type: 'commit', number: number(5, 'a'), from: 1, ids: [entryOf('x').id] });
  t.is(world.textsOf('b'), 'x');
});

/** Two entries at a and one at c, with a node that crashes after so many writes, and comes back. */
function crashAfter(writes: number, crashing: string): World {
  const world = World.founded({ founders: 'abc' });
  const node = world.node(crashing);
  node.holdWrites = true;
  let left = writes;
  const pump = (): void => {
    world.run();
    while (left > 0 && node.writes.length > 0) {
      left -= 1;
      node.completeWrite();
      world.run();
    }
  };
  for (const [id, texts] of [
    ['a', 'x1 x2'],
    ['a', 'x3'],
    ['c', 'y1'],
    ['b', 'z1'],
  ] as const) {
    world.append(id, texts);
    pump();
  }
  world.crash(crashing);
  node.holdWrites = false;
  world.start(crashing);
  world.runFor(5_000);
  return world;
}

test('H2 a crash between any two writes of any node recovers to a safe state', (t) => {
  for (const crashing of idsIn('abc')) {
    for (let writes = 0; writes < 14; writes += 1) {
      const world = crashAfter(writes, crashing);
      const [key] = world.append('b', 'last');
      world.runUntil(() => world.roundOf(key) !== undefined);
      world.runFor(5_000);
      world.checker.finish();
      t.is(world.textsOf('a'), world.textsOf('c'), `${crashing} after ${writes}`);
      t.is(world.textsOf('b'), world.textsOf('c'), `${crashing} after ${writes}`);
    }
  }
});

test('H5 votes of one memory never go down, whatever comes in whatever order', (t) => {
  const step = fc.record({
    what: fc.constantFrom('prepare', 'propose', 'commit', 'supplanted', 'crash', 'snapshot', 'time'),
    counter: fc.integer({ min: 1, max: 4 }),
    node: fc.constantFrom('a', 'c'),
    round: fc.integer({ min: 1, max: 3 }),
  });
  const runs = fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
    const world = World.founded({ founders: 'abc' });
    world.node('a').crash();
    world.node('c').crash();
    for (const { what, counter, node, round } of steps) {
      const by = number(counter, node);
      if (what === 'prepare') world.forge(node, 'b', prepare(by, round));
      if (what === 'propose') world.forge(node, 'b', propose(by, round, `${round}@${counter}${node}`));
      if (what === 'supplanted') world.forge(node, 'b', { type: 'supplanted', refused: by, greatest: by });
      if (what === 'snapshot') world.node('b').takeSnapshot();
      if (what === 'time') world.runFor(500);
      if (what === 'crash') {
        world.crash('b');
        world.start('b');
      }
    }
  });
  t.notThrows(() => fc.assert(runs, { numRuns: 150 }));
});
