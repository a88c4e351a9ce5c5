import test from 'ava';
import type { Proposal } from '../../src/contracts/index.ts';
import type { SnapshotImage } from '../../src/protocol/index.ts';
import { entryOf, idsIn } from './support/entries.ts';
import { TestState } from './support/test-state.ts';
import { type Flight, World } from './support/world.ts';

test('P12 a state is never taken for one of another round', (t) => {
  const world = World.led('a', { founders: 'a' });
  world.append('a', 'x2');
  world.run();
  const { live, state } = world.node('a');
  t.is(live.image(state.freeze(), state.round - 1, false), undefined);
  t.is(live.image(state.freeze(), state.round, false)?.image.round, state.round);
});

test('P11 repeating and reordering every message of a run changes nothing', (t) => {
  const world = new World({ founders: 'abc' });
  const all: Flight[] = [];
  world.onMessage = (flight) => all.push(flight);
  world.start('abc');
  world.run();
  world.append('a', 'x1 x2');
  world.runFor(500);
  world.append('b', 'y1');
  world.runFor(500);
  world.append('a', 'x3');
  world.runFor(2_000);
  const before = idsIn('abc').map((id) => world.textsOf(id));
  const promised = idsIn('abc').map((id) => world.node(id).live.kernel.acceptor.promised);
  const commits = world.watch(' commits ');
  world.onMessage = () => {};
  for (const flight of [...all.toReversed(), ...all]) world.replay(flight);
  world.runFor(5_000);
  t.is(commits(), 0);
  t.deepEqual(
    idsIn('abc').map((id) => world.textsOf(id)),
    before,
  );
  t.deepEqual(
    idsIn('abc').map((id) => world.node(id).live.kernel.acceptor.promised),
    promised,
  );
  world.checker.finish();
});

test('P11 loss, repetition and reordering change nothing but time', (t) => {
  const logs = new Set<string>();
  for (let seed = 0; seed < 40; seed += 1) {
    const world = World.founded({ founders: 'abc', seed });
    world.loses = () => world.random.chance(0.2);
    const keys = world.append('a', 'x1 x2 x3 x4');
    world.runUntil(() => {
      for (let count = 0; count < 30 && world.flights.length > 0; count += 1) {
        const flight = world.random.pick(world.flights) as Flight;
        if (world.random.chance(0.3)) world.replay(flight);
        else world.deliver(flight);
      }
      return keys.every((key) => world.roundOf(key) !== undefined || world.settlements.has(key));
    });
    world.heal();
    world.runFor(10_000);
    world.append('a', 'end');
    world.runFor(5_000);
    world.checker.finish();
    for (const id of idsIn('abc')) logs.add(world.textsOf(id).replaceAll('noop ', ''));
  }
  t.true(
    [...logs].every((log) => log.endsWith('x4 end')),
    [...logs].join(' | '),
  );
});

test('P11 a late refusal or promise of an earlier number neither ends a mandate nor makes one', (t) => {
  const world = World.led('b', { founders: 'abc' });
  world.append('a', 'x2');
  world.runFor(3_000);
  t.is(world.node('a').live.standing, 'leading');
  const earlier = { counter: 1, node: 'a', incarnation: 'a1' };
  world.forge('c', 'a', {
    type: 'supplanted',
    refused: earlier,
    greatest: { counter: 1, node: 'b', incarnation: 'b1' },
  });
  t.is(world.node('a').live.standing, 'leading');
  world.partition('a', 'b', 'c');
  world.append('b', 'y');
  for (const voter of ['a', 'c']) {
    world.forge(voter, 'b', {
      type: 'promise',
      number: { counter: 1, node: 'b', incarnation: 'b1' },
      incarnation: `${voter}1`,
      from: 1,
      through: Number.MAX_SAFE_INTEGER,
      accepted: [],
      committed: 0,
    });
  }
  t.not(world.node('b').live.standing, 'leading');
});

test('P11 entries that reach a newcomer before it knows of the founding are not applied, and not lost', (t) => {
  const world = World.led('a', { founders: 'abc', volatile: 'abc' });
  world.crash('c', true);
  world.loses = (_from, to, { type }) => to === 'c' && type === 'founded';
  world.start('c', 'newcomer');
  world.append('a', 'x3');
  world.runFor(500);
  world.forge('a', 'c', {
    type: 'entries',
    entries: [{ round: 1, number: { counter: 1, node: 'a', incarnation: 'a1' }, entry: entryOf('x1') }],
    committed: 2,
  });
  t.is(world.textsOf('c'), '');
  world.heal();
  world.runUntil(() => world.node('c').live.kernel.participation.type === 'active');
  t.is(world.textsOf('c'), world.textsOf('a'));
});

test('P12 entries are applied once a round, in order and without a gap, however commits come in', (t) => {
  const world = World.led('a', { founders: 'abc' });
  world.append('a', 'x2');
  world.append('a', 'x3');
  world.append('a', 'x4');
  while (world.inFlight('commit').length < 6) {
    const [next] = world.flights.filter(({ message }) => message.type !== 'commit');
    world.deliver(next as Flight);
  }
  for (const flight of world.inFlight('commit', 'a', 'b').toReversed()) {
    world.replay(flight);
    world.deliver(flight);
    if (world.inFlight('commit', 'a', 'b').length > 0) t.is(world.textsOf('b'), 'x1');
  }
  t.is(world.textsOf('b'), 'x1 x2 x3 x4');
  const applied = world.transcript.filter((line) => line.startsWith('b applied'));
  t.deepEqual(applied, ['b applied 1=x1', 'b applied 2=x2 3=x3 4=x4']);
});

test('P12 a restart applies the same entries from the log, once each', (t) => {
  const world = World.led('a', { founders: 'abc' });
  world.append('a', 'x2 x3');
  world.runFor(1_000);
  for (const id of idsIn('abc')) {
    world.node(id).takeSnapshot();
    world.append('b', `more-${id}`);
    world.runFor(1_000);
    world.crash(id);
    world.start(id);
    world.runFor(1_000);
    t.is(world.textsOf(id), world.textsOf('b'));
  }
});

test('H16 H80 entries that contradict what was learned are dropped, and their sender is reported', (t) => {
  const world = World.led('a', { founders: 'abc' });
  world.checker.toleratesViolations = true;
  const by = { counter: 9, node: 'c', incarnation: 'c1' };
  const entries: Proposal[] = [
    { round: 2, number: by, entry: entryOf('x2') },
    { round: 1, number: by, entry: entryOf('other') },
  ];
  world.forge('c', 'b', { type: 'entries', entries, committed: 2 });
  const { acceptor, learner } = world.node('b').live.kernel;
  t.is(learner.committed, 1);
  t.is(acceptor.greatest?.counter, 1);
  t.deepEqual(
    world.events.filter(([, { type }]) => type === 'distrust'),
    [['b', { type: 'distrust', peer: 'c', reason: 'another entry than the committed one in round 1' }]],
  );
  const [key] = world.append('a', 'x2');
  world.runFor(1_000);
  t.is(world.roundOf(key), 2);
  t.is(world.textsOf('b'), 'x1 x2');
});

test('H1 a node that all others forget still holds what it acknowledged: the cluster loses its power (H8)', (t) => {
  const world = World.led('a', { founders: 'abc' });
  const keys = world.append('a', 'x2 x3');
  world.run();
  world.crash('abc');
  world.lose();
  world.start('abc');
  world.runFor(20_000);
  t.true(keys.every((key) => world.roundOf(key) !== undefined));
  for (const id of idsIn('abc')) t.is(world.textsOf(id), 'x1 x2 x3', id);
});

test('H47 a write that never ends costs the leadership within a bound, and others go on', (t) => {
  const world = World.led('a', { founders: 'abc' });
  world.node('a').holdWrites = true;
  world.append('a', 'x2');
  world.runFor(6_000);
  t.is(world.node('a').live.standing, 'following');
  world.append('a', 'x3');
  world.runFor(6_000);
  t.is(world.node('a').live.standing, 'following');
  const [key] = world.append('b', 'y');
  world.runFor(3_000);
  t.truthy(world.roundOf(key));
});

/** Every node's disk holds a snapshot that stands after `round`. */
function standingAt(round: number, reach: number): World {
  const world = new World({ founders: 'abc' });
  world.checker.idle = true;
  const members = idsIn('abc').map((id) => ({ id }));
  const incarnations = members.map(({ id }) => [id, `${id}1`] as const);
  const state = new TestState(members, 4);
  state.round = round;
  for (const { id } of members) {
    const image: SnapshotImage = {
      cluster: 'test',
      node: id,
      incarnation: `${id}1`,
      round,
      final: false,
      state: state.freeze(),
      founding: { members, incarnations },
      incarnations,
      reach,
      epochs: [{ from: 1, members, incarnations: new Map(incarnations) }],
      participation: { type: 'active' },
      promised: undefined,
      greatest: undefined,
      accepted: [],
    };
    world.node(id).disk = { incarnation: `${id}1`, snapshot: { image, report: state.report }, records: [] };
  }
  world.start('abc');
  return world;
}

test('H63 rounds work up to 2^53 - 1, and end there without harm', (t) => {
  const last = Number.MAX_SAFE_INTEGER;
  const world = standingAt(last - 4, last);
  const keys = world.append('a', 'x1 x2 x3 x4 x5');
  world.runFor(1_000);
  const rounds = keys.map((key) => {
    const settlement = world.settlements.get(key);
    return settlement?.type === 'committed' ? settlement.round : undefined;
  });
  t.deepEqual(rounds, [last - 3, last - 2, last - 1, last, undefined]);
  t.notThrows(() => world.runFor(20_000));
  world.crash('b');
  world.start('b');
  world.append('b', 'y');
  t.notThrows(() => world.runFor(20_000));
  t.is(world.textsOf('b'), 'x1 x2 x3 x4');
});

test('H63 the window is cut off at 2^53 - 1', (t) => {
  const world = standingAt(Number.MAX_SAFE_INTEGER - 3, Number.MAX_SAFE_INTEGER - 2);
  world.append('a', 'x1');
  world.runFor(1_000);
  t.is(world.node('a').live.kernel.window.reach, Number.MAX_SAFE_INTEGER);
});
