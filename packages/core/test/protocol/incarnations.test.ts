// Incarnations in the founding and in the log: what a former life said changes nothing (P10, P11).
import test from 'ava';
import { type Flight, World } from './support/world.ts';

const incarnationsOf = (world: World, id: string): string =>
  (world.node(id).live.kernel.founding?.incarnations ?? []).map(([, incarnation]) => incarnation).join(' ');

test('P11, H7: late requests of former lives take no incarnation away', (t) => {
  const world = World.led('c', { founders: 'abc', volatile: 'abc', concurrency: 3 });
  const requests: Flight[] = [];
  world.onMessage = (flight) => {
    if (flight.message.type === 'rejoin' && flight.to === 'c') requests.push(flight);
  };
  for (const id of ['a', 'a', 'b', 'b']) {
    world.crash(id, true);
    world.start(id, 'newcomer');
    world.runFor(10_000);
    t.is(world.node(id).live.kernel.participation.type, 'active');
  }
  for (const request of requests) world.replay(request);
  const [key] = world.append('c', 'x');
  world.runFor(20_000);
  t.not(world.roundOf(key), undefined);
  t.deepEqual(
    ['a', 'b', 'c'].map((id) => world.node('c').live.kernel.window.incarnationOf(id)),
    ['a3', 'b3', 'c1'],
  );
});

test('P11: a request with no word of what it replaces takes no incarnation away', (t) => {
  const world = World.led('a', { founders: 'ac', volatile: 'c', concurrency: 1 });
  world.forge('c', 'a', { type: 'rejoin', node: { id: 'c' }, incarnation: 'c0', replaces: undefined, attempt: 1 });
  const [key] = world.append('a', 'x2');
  world.runFor(10_000);
  t.is(world.node('a').live.kernel.window.incarnationOf('c'), 'c1');
  t.not(world.roundOf(key), undefined);
});

test('P10: a founder that bound itself stays bound, so that a cluster is founded once', (t) => {
  const world = new World({ founders: 'abc', volatile: 'c', concurrency: 3 });
  // a is bound to a1 b1 c1; c loses its memory before b, or c itself, hears of any bond.
  world.loses = (_from, to, message) => message.type === 'meet' && message.bound && to !== 'a';
  world.start('abc');
  world.run();
  t.is(world.node('a').live.kernel.founding?.incarnations.length, 3);
  const late: Flight[] = [];
  world.onMessage = (flight) => {
    if (flight.to === 'b' && flight.message.type === 'meet') late.push(flight);
  };
  world.crash('c', true);
  world.loses = () => false;
  world.start('c', 'founder');
  world.runFor(10_000);
  for (const flight of late) world.replay(flight);
  world.runFor(10_000);
  t.deepEqual(
    ['a', 'b', 'c'].map((id) => incarnationsOf(world, id)),
    ['a1 b1 c1', 'a1 b1 c1', 'a1 b1 c1'],
  );
  t.is(world.node('c').live.kernel.participation.type, 'active');
  const [key] = world.append('b', 'x');
  world.runFor(10_000);
  t.not(world.roundOf(key), undefined);
});

test('P10: a bond is durable before anybody hears of it, and outlasts a crash', (t) => {
  const world = new World({ founders: 'ab', concurrency: 3 });
  world.node('a').holdWrites = true;
  world.start('ab');
  world.run();
  t.is(world.inFlight('meet', 'a').filter(({ message }) => message.type === 'meet' && message.bound).length, 0);
  t.is(world.node('b').live.kernel.founding, undefined);
  while (world.node('a').writes.length > 0) world.node('a').completeWrite();
  world.run();
  t.is(incarnationsOf(world, 'b'), 'a1 b1');
});

test('P10: a founder that crashed is bound as before, though another one has lost its memory since', (t) => {
  const world = new World({ founders: 'ab', concurrency: 3 });
  world.loses = (_from, _to, message) => message.type === 'meet' && message.bound;
  world.start('ab');
  world.run();
  t.is(world.node('a').live.kernel.founding, undefined);
  world.crash('a');
  world.crash('b', true);
  world.lose();
  world.heal();
  world.start('ab');
  world.runUntil(() => world.node('a').live.kernel.founding !== undefined);
  t.is(incarnationsOf(world, 'a'), 'a1 b1');
});
