// Goal: each answer is bound to the attempt it was given to, also over removal and return (H12, H31). Method: replicas without
// I/O, whose answers are kept and brought again.
import test from 'ava';
import { type Flight, World } from '../protocol/support/world.ts';

const answers = new Set(['promise', 'acceptance', 'supplanted', 'converged', 'abstention', 'rejection', 'progress']);

/** Keeps what `from` answers. */
function answersOf(world: World, from: string): Flight[] {
  const kept: Flight[] = [];
  world.onMessage = (flight) => {
    if (from.includes(flight.from.id) && answers.has(flight.message.type)) kept.push(flight);
  };
  return kept;
}

function replayAll(world: World, flights: readonly Flight[]): void {
  for (let time = 0; time < 2; time += 1) for (const flight of flights) world.replay(flight);
  for (const flight of [...flights].reverse()) world.replay(flight);
}

test('H12: answers to former attempts, of a member that was removed and came back, count for nothing', (t) => {
  const world = World.founded({ founders: 'abc', concurrency: 2 });
  const kept = answersOf(world, 'bc');
  world.append('a', 'x1 x2');
  world.runFor(2_000);
  world.append('a', '-c');
  world.runFor(5_000);
  world.append('a', 'x3 x4');
  world.runFor(2_000);
  world.append('a', '+c');
  world.runFor(5_000);
  t.is(world.node('c').live.kernel.participation.type, 'active');
  t.true(kept.length > 20);
  // b and c accept a last entry, and nobody hears of that; a crashes, and bids anew.
  world.loses = (from) => from !== 'a';
  const [last] = world.append('a', 'y');
  world.run();
  const former = [...kept];
  world.crash('a');
  world.start('a');
  world.partition('a', 'bc');
  world.append('a', 'z');
  replayAll(world, former);
  t.not(world.node('a').live.standing, 'leading', 'former promises make no majority');
  world.loses = (from, _to, { type }) => from !== 'a' && type !== 'promise';
  world.runUntil(() => world.node('a').live.standing === 'leading');
  const { committed } = world.node('a').live.kernel.learner;
  replayAll(world, former);
  t.is(world.node('a').live.kernel.learner.committed, committed, 'nor do former acceptances of the same round');
  t.is(world.roundOf(last), undefined);
  world.heal();
  world.runFor(20_000);
  world.append('a', 'end');
  world.runFor(5_000);
  replayAll(world, kept);
  world.runFor(5_000);
  t.is(world.textsOf('c'), world.textsOf('a'));
  t.is(world.textsOf('b'), world.textsOf('a'));
  world.checker.finish();
});

test('H12: answers of a member that came back with another memory, late and repeated, do not hold up its leader', (t) => {
  const world = World.led('a', { founders: 'abc', concurrency: 2 });
  const kept = answersOf(world, 'c');
  world.append('a', 'x2 x3');
  world.runFor(2_000);
  world.append('a', '-c');
  world.runFor(5_000);
  world.crash('c', true);
  world.start('c', 'newcomer');
  world.append('a', '+c');
  world.runFor(10_000);
  t.is(world.node('a').live.kernel.window.incarnationOf('c'), 'c2');
  // With b away, it takes the acceptance of c's new memory, and none of its former one.
  world.partition('ac', 'b');
  world.loses = (from, to) => from === 'b' || to === 'b' || from === 'c';
  const [held] = world.append('a', 'y');
  replayAll(world, kept);
  t.is(world.roundOf(held), undefined);
  world.partition('ac', 'b');
  replayAll(world, kept);
  const keys = world.append('a', 'y1 y2 y3');
  world.runFor(3_000);
  t.true(
    [held, ...keys].every((key) => world.roundOf(key) !== undefined),
    'c is not held to be as far as it once was',
  );
  t.is(world.textsOf('c'), world.textsOf('a'));
  const asked = world.watch('a → c');
  world.runFor(60_000);
  t.true(asked() <= 3, `${asked()} messages to c, which is level`);
  world.checker.finish();
});

test('H31: a node that takes the id of another one, with an empty disk, elects nobody by what it is told', (t) => {
  const world = World.led('a', { founders: 'abc', concurrency: 2 });
  world.append('a', 'x2 x3');
  world.runFor(2_000);
  // Its own founding and a single peer are all that the impostor meets; the others are away.
  world.crash('c', true);
  world.start('c', 'founder');
  world.partition('bc', 'a');
  const keys = [...world.append('c', 'y1'), ...world.append('b', 'y2')];
  world.runFor(30_000);
  t.deepEqual(
    keys.map((key) => world.roundOf(key)),
    [undefined, undefined],
  );
  t.is(world.node('c').live.kernel.participation.type, 'passive');
  world.heal();
  world.runFor(20_000);
  t.is(world.node('c').live.kernel.participation.type, 'active');
  world.checker.finish();
});
