import test from 'ava';
import type { CoordNum, Message } from '../../src/contracts/index.ts';
import { entryOf } from './support/entries.ts';
import { World } from './support/world.ts';

const number = (counter: number, node: string): CoordNum => ({ counter, node, incarnation: `${node}1` });

test('P4 a proposer that crashes between propose and commit never uses its number again (H13)', (t) => {
  // What is durable at the crash: nothing, the number, that and the promise, or all.
  for (let writes = 0; writes <= 3; writes += 1) {
    const world = World.founded({ founders: 'abc' });
    const a = world.node('a');
    a.holdWrites = true;
    world.loses = (_from, to, { type }) => (to === 'b' && type === 'propose') || type === 'acceptance';
    world.append('a', 'x');
    world.run();
    for (let count = 0; count < writes; count += 1) {
      a.completeWrite();
      world.run();
    }
    world.crash('a');
    a.holdWrites = false;
    world.partition('ab', 'c');
    world.start('a');
    world.run();
    const [key] = world.append('a', 'y');
    world.runFor(5_000);
    t.truthy(world.roundOf(key), `after ${writes}`);
    world.crash('a');
    world.heal();
    const [after] = world.append('c', 'z');
    world.runFor(5_000);
    t.truthy(world.roundOf(after), `after ${writes}`);
    t.is(world.textsOf('c'), world.textsOf('b'), `after ${writes}`);
  }
});

test('P4 nothing leaves under a number before that is durable (H13)', (t) => {
  const world = World.founded({ founders: 'abc' });
  world.node('a').holdWrites = true;
  const left = world.watch('a → ');
  world.append('a', 'x');
  world.run();
  t.is(left(), 0);
});

test('P4 appends that share one election are placed in rounds of their own, each once (H13)', (t) => {
  const world = World.founded({ founders: 'abc' });
  const first = world.append('a', 'x1 x2');
  const second = world.append('a', 'x3');
  world.run();
  const rounds = [...first, ...second].map((key) => world.roundOf(key));
  t.deepEqual(rounds, [1, 2, 3]);
});

test('P4 an acceptor refuses a second entry under the same number, and says who is to blame', (t) => {
  const world = World.founded({ founders: 'abc' });
  world.checker.toleratesViolations = true;
  const propose = (text: string): Message => ({
    type: 'propose',
    number: number(5, 'a'),
    from: 1,
    entries: [entryOf(text)],
  });
  world.forge('a', 'b', propose('x'));
  const acceptances = world.watch('b → a: acceptance');
  world.forge('a', 'b', propose('y'));
  t.is(acceptances(), 0);
  t.is(world.events.filter(([, { type }]) => type === 'distrust').length, 1);
});

/** a leads the cluster a b c, which a change has turned into a d e from some round on; nobody reaches d and e. */
function changedUnderLeader(): { readonly world: World; readonly from: number } {
  const world = World.led('a', { founders: 'abc', concurrency: 3 });
  world.start('de', 'newcomer');
  world.runFor(5_000);
  world.append('a', '~bd ~ce');
  world.loses = (_from, to, { type }) => 'de'.includes(to) && type === 'prepare';
  world.runFor(100);
  return { world, from: world.node('a').live.kernel.window.latest?.from ?? 0 };
}

test('P5 a leader does not propose in the rounds of a cluster before a majority of it has promised', (t) => {
  const { world, from } = changedUnderLeader();
  const proposed: number[] = [];
  world.onMessage = ({ message }) => {
    if (message.type === 'propose') proposed.push(message.from + message.entries.length - 1);
  };
  const keys = world.append('a', 'y1 y2 y3 y4');
  world.runFor(500);
  t.true(
    proposed.every((round) => round < from),
    `${proposed.join()}, and the change is at ${from}`,
  );
  t.true(keys.some((key) => world.roundOf(key) === undefined));
  world.heal();
  world.runFor(5_000);
  t.true(keys.every((key) => world.roundOf(key) !== undefined));
});

test('P5 a leader honours what the promises of a later cluster report', (t) => {
  const { world, from } = changedUnderLeader();
  for (const id of ['d', 'e']) {
    const accepted = { type: 'propose', number: number(0, 'z'), from, entries: [entryOf('chosen')] } as const;
    world.forge('z', id, accepted);
  }
  world.append('a', 'y1 y2 y3 y4');
  world.heal();
  world.runFor(5_000);
  t.is(world.node('a').state.texts[from - 1], 'chosen');
});

/** a of five nodes has proposed x in round 2 under 1.a1, and no vote of others has come in. */
function unansweredProposal(): { readonly world: World; readonly key: number } {
  const world = World.led('a', { founders: 'abcde' });
  world.loses = (_from, _to, { type }) => type === 'acceptance';
  const [key] = world.append('a', 'x');
  world.run();
  return { world, key: key as number };
}

const acceptance = (voter: string, by: CoordNum, from = 2, incarnation = `${voter}1`): Message => ({
  type: 'acceptance',
  number: by,
  incarnation,
  from,
  to: from,
  committed: 1,
  data: [],
});

test('P6 duplicate, foreign and mismatched acceptances count for nothing (H10, H12)', (t) => {
  const { world, key } = unansweredProposal();
  const own = number(1, 'a');
  for (let count = 0; count < 3; count += 1) world.forge('b', 'a', acceptance('b', own));
  world.forge('z', 'a', acceptance('z', own));
  world.forge('c', 'a', acceptance('c', own, 2, 'c0'));
  world.forge('d', 'a', acceptance('d', number(2, 'a')));
  world.forge('d', 'a', acceptance('d', { ...own, incarnation: 'a0' }));
  world.forge('e', 'a', acceptance('e', own, 3));
  t.is(world.roundOf(key), undefined);
  world.forge('c', 'a', acceptance('c', own));
  t.is(world.roundOf(key), 2);
});

test('P6 acceptances of an earlier mandate do not count for a later one (H10, H12)', (t) => {
  const { world, key } = unansweredProposal();
  world.forge('c', 'a', { type: 'supplanted', refused: number(1, 'a'), greatest: number(2, 'c') });
  world.node('a').feed({ type: 'retry', key });
  world.runFor(300);
  t.is(world.node('a').live.standing, 'leading');
  for (const voter of ['b', 'c', 'd', 'e']) world.forge(voter, 'a', acceptance(voter, number(1, 'a')));
  t.is(world.roundOf(key), undefined);
  for (const voter of ['b', 'c']) world.forge(voter, 'a', acceptance(voter, number(3, 'a')));
  t.is(world.roundOf(key), 2);
});

test("P7 the leader's own acceptance counts once it is durable, and its proposal leaves before", (t) => {
  const world = World.led('a', { founders: 'abc' });
  const a = world.node('a');
  a.holdWrites = true;
  world.loses = (from) => from === 'c';
  const [key] = world.append('a', 'x2');
  t.is(world.inFlight('propose', 'a').length, 2);
  world.run();
  t.is(world.roundOf(key), undefined);
  const [next] = world.append('a', 'x3');
  world.run();
  while (a.writes.length > 0 && world.roundOf(key) === undefined) a.completeWrite();
  t.is(world.roundOf(key), 2);
  t.is(world.roundOf(next), undefined, 'the next one is not durable yet');
  a.completeWrite();
  t.is(world.roundOf(next), 3);
});

test('P7 others may make up the majority while the leader still writes', (t) => {
  const world = World.led('a', { founders: 'abc' });
  world.node('a').holdWrites = true;
  const [key] = world.append('a', 'x2');
  world.run();
  t.is(world.roundOf(key), 2);
});

test('P9 a node proposes only inside the window, which reaches as far as what it has applied says', (t) => {
  const world = World.led('a', { founders: 'abc', concurrency: 2 });
  const a = world.node('a');
  a.holdApply = true;
  const keys = world.append('a', 'x2 x3 x4 x5');
  world.run();
  t.deepEqual(
    keys.map((key) => world.roundOf(key)),
    [2, 3, undefined, undefined],
  );
  a.applySome(1);
  world.run();
  t.deepEqual(
    keys.map((key) => world.roundOf(key)),
    [2, 3, 4, undefined],
  );
  a.holdApply = false;
  a.applySome(2);
  world.run();
  t.is(world.roundOf(keys[3]), 5);
});

test('P9 the window grows at once and shrinks as it is used up', (t) => {
  const world = World.led('a', { founders: 'abc', concurrency: 2 });
  const reach = (): number => world.node('a').live.kernel.window.reach;
  t.is(reach(), 3);
  world.append('a', '=6');
  world.run();
  t.is(reach(), 8);
  world.append('a', '=1');
  world.run();
  t.is(reach(), 8);
  world.append('a', 'x4 x5 x6 x7');
  world.run();
  t.is(reach(), 8);
  world.append('a', 'x8');
  world.run();
  t.is(reach(), 9);
});

test('H14 what was accepted in several rounds is proposed again in each, no-ops fill true gaps only', (t) => {
  const world = World.founded({ founders: 'abcde', concurrency: 8 });
  const accept = (to: string, by: CoordNum, from: number, text: string): void =>
    world.forge(by.node, to, { type: 'propose', number: by, from, entries: [entryOf(text)] });
  accept('b', number(0, 'd'), 2, 'low');
  accept('c', number(0, 'e'), 2, 'high');
  accept('b', number(0, 'd'), 4, 'only');
  accept('c', number(0, 'e'), 6, 'last');
  world.partition('abc', 'de');
  world.append('a', 'mine');
  world.runFor(1_000);
  t.is(world.textsOf('a'), 'noop high noop only noop last mine');
});

test('H53 what may still be committed is never said to have no effect, and a retry places nothing anew (H51)', (t) => {
  const world = World.led('a', { founders: 'abc' });
  world.loses = (_from, to, { type }) => to === 'a' || type === 'commit';
  const [key] = world.append('a', 'x2') as [number];
  world.runFor(5_000);
  const failed = world.settlements.get(key);
  t.is(failed?.type === 'failed' && failed.failure.effect, 'unknown');
  world.heal();
  for (let count = 0; count < 3; count += 1) {
    world.node('a').feed({ type: 'retry', key });
    world.runFor(3_000);
  }
  t.is(world.roundOf(key), 2);
  world.append('a', 'x3');
  world.runFor(1_000);
  t.is(world.textsOf('b'), 'x1 x2 x3');
});

test('H53 what was never proposed is said to have no effect, and is never committed', (t) => {
  const world = World.founded({ founders: 'abc' });
  world.partition('a', 'bc');
  const [key] = world.append('a', 'x') as [number];
  world.runFor(5_000);
  const failed = world.settlements.get(key);
  t.is(failed?.type === 'failed' && failed.failure.effect, 'none');
  world.heal();
  world.append('a', 'y');
  world.runFor(5_000);
  t.is(world.textsOf('b'), 'y');
});

test('H51 an append in doubt whose round went to another entry is settled without effect', (t) => {
  const world = World.led('a', { founders: 'abc' });
  world.partition('a', 'bc');
  const [key] = world.append('a', 'x2') as [number];
  world.runFor(5_000);
  world.append('b', 'y');
  world.runFor(5_000);
  world.heal();
  world.node('a').feed({ type: 'retry', key });
  world.runFor(5_000);
  const settled = world.settlements.get(key);
  t.is(settled?.type === 'failed' && settled.failure.code, 'railroaded');
  t.false(world.textsOf('a').includes('x2'));
});

test('H53 an append that is given up, or ended by a stop, is in doubt where its proposal has left', (t) => {
  for (const end of ['abandon', 'stop'] as const) {
    const world = World.led('a', { founders: 'abc' });
    world.loses = (_from, to) => to === 'a';
    const [placed] = world.append('a', 'x2') as [number];
    world.run();
    const [waiting] = world.append('a', 'x3', { rounds: { from: 90, to: 99 } }) as [number];
    if (end === 'stop') world.node('a').feed({ type: 'stop' });
    else for (const key of [placed, waiting]) world.node('a').feed({ type: 'abandon', key });
    const effects = [placed, waiting].map((key) => {
      const settlement = world.settlements.get(key);
      return settlement?.type === 'failed' && settlement.failure.effect;
    });
    t.deepEqual(effects, ['unknown', 'none'], end);
  }
});

test('liveness: a leader proposes no further ahead than voters take, so that nothing waits to be sent again', (t) => {
  const world = World.led('a', { founders: 'abc', concurrency: 64, tuning: { acceptAheadMax: 4 } });
  const before = world.now;
  const keys = world.append('a', Array.from({ length: 60 }, (_, index) => `y${index}`).join(' '));
  world.run();
  t.true(keys.every((key) => world.roundOf(key) !== undefined));
  t.is(world.now, before, 'without a timer');
});

test('liveness: a voter that is asked further ahead than it takes asks for what it lacks', (t) => {
  const world = World.led('a', { founders: 'abc', concurrency: 64, tuning: { acceptAheadMax: 4 } });
  const isCommitToC = (_: string, to: string, { type }: { type: string }) => to === 'c' && type === 'commit';
  world.loses = isCommitToC;
  for (let index = 0; index < 12; index += 1) {
    world.append('a', `y${index}`);
    world.run();
  }
  world.loses = (from, to, message) => to === 'b' || isCommitToC(from, to, message);
  const before = world.now;
  const [key = 0] = world.append('a', 'z');
  world.runFor(400);
  t.not(world.roundOf(key), undefined, 'a and c have accepted it');
  t.true(world.now - before <= 400);
});
