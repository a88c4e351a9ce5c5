import test from 'ava';
import { assertPinned } from './support/pinned.ts';
import { type Flight, World } from './support/world.ts';

/** a leads, d takes the place of c in round k, and all know that; nothing that a has proposed after it has arrived. */
function changeUnderWay(): { readonly world: World; readonly k: number } {
  const world = World.led('a', { founders: 'abc', concurrency: 3 });
  world.start('d', 'newcomer');
  world.runFor(5_000);
  const [change] = world.append('a', '~cd');
  world.loses = (sender, _to, { type, ...rest }) =>
    sender === 'a' &&
    type === 'propose' &&
    'from' in rest &&
    rest.from > (world.roundOf(change) ?? Number.MAX_SAFE_INTEGER);
  world.run();
  const k = world.roundOf(change) ?? 0;
  const votersOf = (round: number) =>
    [...(world.node('b').live.kernel.window.epochOf(round)?.incarnations.keys() ?? [])].join();
  if (votersOf(k + 2) !== 'a,b,c' || votersOf(k + 3) !== 'a,b,d') throw new Error('the change is not where H68 has it');
  return { world, k };
}

test('H68 a new leader needs the promises of the very cluster before it proposes where that governs', (t) => {
  const { world, k } = changeUnderWay();
  const from = world.transcript.length;
  // a and d accept round k+3 under 1.a1: chosen. b and c hear nothing of it.
  world.loses = (sender, to) => [sender, to].some((id) => id === 'b' || id === 'c');
  world.append('a', 'chosen');
  world.run();
  t.is(world.checker.log.size, k);
  world.runFor(700);
  const chosen = world.node('d').live.kernel.acceptor.acceptedIn(k + 3);
  t.is(chosen?.number.counter, 1);
  // b wins its number from b and c, for the rounds from k+1 on.
  world.partition('ad', 'bc');
  const proposed: number[] = [];
  world.onMessage = ({ from: sender, message }) => {
    if (sender.id === 'b' && message.type === 'propose') proposed.push(message.from + message.entries.length - 1);
  };
  const keys = world.append('b', 'y1 y2 y3 y4');
  world.runFor(200);
  for (let count = 0; count < 10 && proposed.length === 0; count += 1) {
    world.append('b', `again${count}`);
    world.runFor(500);
  }
  t.true(proposed.length > 0 && proposed.every((round) => round <= k + 2), `${proposed.join()}, k is ${k}`);
  t.true(keys.length > 0);
  assertPinned(t, 'h68', world, from);
  world.heal();
  world.runFor(20_000);
  world.append('b', 'end');
  world.runFor(10_000);
  world.checker.finish();
  t.is(world.node('b').state.texts[k + 2], 'chosen');
  t.is(world.textsOf('a'), world.textsOf('b'));
});

/** Five nodes without storage and a window of one round; a leads, and six rounds are applied everywhere. */
function fiveOfOne(): World {
  const world = World.led('a', { founders: 'abcde', volatile: 'abcde', concurrency: 1 });
  world.append('a', 'x2 x3 x4 x5 x6');
  world.runFor(3_000);
  return world;
}

test('H70 a forgotten acceptance does not come back as the vote of another memory', (t) => {
  const world = fiveOfOne();
  const from = world.transcript.length;
  // a, b and c accept rounds 7 and 8; a commits and applies both, and its commits are lost.
  world.loses = (_from, to, { type }) => 'de'.includes(to) || type === 'commit' || type === 'progress';
  world.append('a', 'x7 x8');
  world.run();
  t.is(world.textsOf('a'), 'x1 x2 x3 x4 x5 x6 x7 x8');
  t.is(world.node('b').state.round, 6);
  t.is(world.node('c').live.kernel.acceptor.acceptedIn(8)?.round, 8);
  // a is cut off; c restarts, passive. b wins a number from b, d and e, and proposes round 7 again.
  world.partition('bcde', 'a');
  world.crash('c', true);
  world.start('c', 'newcomer');
  world.loses = (sender, to, { type }) => [sender, to].includes('a') || type === 'rejoin';
  world.append('b', 'y');
  // c sees the proposal and the commit of round 7 under the new number; b crashes before it proposes round 8 again.
  world.loses = (sender, to, message) =>
    [sender, to].includes('a') || message.type === 'rejoin' || (message.type === 'propose' && message.from === 8);
  world.run();
  t.is(world.node('d').state.round, 7);
  t.is(world.node('c').state.round, 7);
  world.crash('b');
  world.lose();
  // d tries with d, e and c: that is two of five.
  world.partition('cde', 'a');
  const [bad] = world.append('d', 'z');
  world.runFor(3_000);
  t.is(world.roundOf(bad), undefined);
  t.is(world.node('d').state.round, 7);
  assertPinned(t, 'h70-acceptance', world, from);
  // With a there is a majority again, and it knows round 8.
  world.heal();
  world.runFor(10_000);
  const [good] = world.append('d', 'z2');
  world.runFor(20_000);
  t.truthy(world.roundOf(good));
  t.true(world.textsOf('d').startsWith('x1 x2 x3 x4 x5 x6 x7 x8 '));
  world.checker.finish();
});

test('H70 a forgotten promise is not combined with new ones, nor broken by the node that forgot it', (t) => {
  const world = fiveOfOne();
  const from = world.transcript.length;
  // c promises a number of d; the promise is under way when c restarts without its memory.
  world.loses = (sender, to, { type }) => (type === 'prepare' && 'ab'.includes(to)) || sender === 'e' || to === 'e';
  world.append('d', 'z');
  world.deliverAll('prepare', 'd', 'c');
  const late = world.inFlight('promise', 'c', 'd')[0] as Flight;
  t.truthy(late);
  world.lose(({ message }) => message.type === 'promise');
  world.crash('c', true);
  world.start('c', 'newcomer');
  // a places an entry with b and, were it to forget, c.
  world.partition('abc', 'de');
  const [bad] = world.append('a', 'x7');
  world.runFor(1_000);
  t.is(world.roundOf(bad), undefined, 'a, b and the new memory of c are no majority');
  // d gets the old promise of c, and its own and that of e: these still make a majority.
  world.partition('cde', 'ab');
  world.replay(late);
  const [good] = world.append('d', 'z2');
  world.runFor(1_000);
  t.is(world.roundOf(good), undefined, 'but no entry is chosen with two acceptances and a memory that is gone');
  assertPinned(t, 'h70-promise', world, from);
  world.heal();
  world.runFor(10_000);
  const [end] = world.append('e', 'end');
  world.runFor(20_000);
  t.truthy(world.roundOf(end));
  world.checker.finish();
});

test('H70 an old promise counts for nothing in rounds of the new memory, whose acceptances it never bound', (t) => {
  const world = World.founded({ founders: 'abc', volatile: 'abc', concurrency: 1 });
  const from = world.transcript.length;
  // c promises b its number 1.b1 for all rounds; the promise is late, and b gives up.
  world.loses = (_from, to, { type }) => type === 'prepare' && to === 'a';
  world.append('b', 'y');
  world.deliverAll('prepare', 'b', 'c');
  const [late] = world.inFlight('promise', 'c', 'b');
  world.lose(({ message }) => message.type === 'promise');
  // c restarts without its memory; a and b bring it back, under a number of a.
  world.crash('c', true);
  world.start('c', 'newcomer');
  world.heal();
  world.append('a', 'x');
  world.runFor(10_000);
  t.is(world.node('a').live.kernel.window.incarnationOf('c'), 'c2');
  const before = world.textsOf('a');
  // The late promise arrives, twice, from the memory that is gone.
  world.replay(late as Flight);
  world.replay(late as Flight);
  world.runFor(3_000);
  t.is(world.textsOf('a'), before);
  world.checker.finish();
  assertPinned(t, 'h70-late-promise', world, from);
});

test('H57 P11 answers that come twice do not make a node that fetches ask more often', (t) => {
  const world = World.led('a', { founders: 'abc', concurrency: 64, tuning: { messageEntryBytesMax: 1 } });
  world.partition('ab', 'c');
  for (let count = 0; count < 40; count += 1) world.append('a', `y${count}`);
  world.run();
  world.onMessage = (flight) => {
    if (flight.message.type === 'entries' || flight.message.type === 'fetch') world.flights.push(flight);
  };
  const fetches = world.watch('c → a: fetch');
  world.heal();
  world.append('a', 'last');
  world.runFor(3_000);
  t.is(world.textsOf('c'), world.textsOf('a'));
  t.true(fetches() <= 45, `${fetches()} requests for 40 rounds`);
});
