// Goal: what one message claims of numbers and rounds cannot break its receiver, whoever sends it, and proves at most that the receiver
// is behind. Method: forged messages to one of three nodes without I/O.
import test from 'ava';
import type { CoordNum, Message } from '../../src/contracts/index.ts';
import { entryOf } from './support/entries.ts';
import { World } from './support/world.ts';

const number = (counter: number, node = 'c'): CoordNum => ({ counter, node, incarnation: `${node}1` });
const greatest = number(Number.MAX_SAFE_INTEGER);
const incarnation = 'c1';
const nothing = new Uint8Array();

/** A message of each kind that names a number, with that number. */
const naming = (by: CoordNum): readonly Message[] => [
  { type: 'prepare', number: by, from: 2 },
  { type: 'promise', number: by, incarnation, from: 2, through: 9, accepted: [], committed: 1 },
  {
    type: 'promise',
    number: number(1, 'a'),
    incarnation,
    from: 2,
    through: 9,
    accepted: [{ round: 2, number: by, entry: entryOf('y') }],
    committed: 1,
  },
  { type: 'supplanted', refused: number(1, 'b'), greatest: by },
  { type: 'converged', refused: number(1, 'b'), greatest: by, round: 1, committed: 1 },
  { type: 'abstention', number: by, incarnation, data: nothing },
  { type: 'propose', number: by, from: 2, entries: [entryOf('y')] },
  { type: 'acceptance', number: by, incarnation, from: 2, to: 2, committed: 1, data: [] },
  { type: 'rejection', number: by, incarnation, round: 2, data: nothing },
  { type: 'commit', number: by, from: 2, ids: [entryOf('y').id] },
  { type: 'entries', entries: [{ round: 2, number: by, entry: entryOf('y') }], committed: 2 },
  { type: 'inquire', number: by, round: 2 },
];

for (const sender of ['c', 'z']) {
  test(`H77 no message of ${sender === 'c' ? 'a member' : 'a stranger'} exhausts the counters: it is dropped and its sender reported`, (t) => {
    for (const message of naming(greatest)) {
      const world = World.led('a', { founders: 'abc' });
      world.checker.toleratesViolations = true;
      const { kernel } = world.node('b').live;
      world.forge(sender, 'b', message);
      t.deepEqual(kernel.acceptor.greatest, number(1, 'a'), message.type);
      t.is(kernel.learner.committed, 1, message.type);
      const reports = world.events.filter(
        ([id, event]) => id === 'b' && event.type === 'distrust' && event.peer === sender,
      );
      t.is(reports.length, 1, message.type);
      const [key] = world.append('b', 'x2');
      world.runFor(2_000);
      t.is(world.roundOf(key), 2, message.type);
    }
  });
}

test('H77 a counter that bids can reach is observed, and one step further is not', (t) => {
  const world = World.led('a', { founders: 'abc' });
  world.checker.toleratesViolations = true;
  const { acceptor } = world.node('b').live.kernel;
  world.forge('c', 'b', { type: 'supplanted', refused: number(1, 'b'), greatest: number(2 ** 32 + 2) });
  t.is(acceptor.greatest?.counter, 1);
  world.forge('c', 'b', { type: 'supplanted', refused: number(1, 'b'), greatest: number(2 ** 32 + 1) });
  t.is(acceptor.greatest?.counter, 2 ** 32 + 1);
});

test('H77 fetched entries may carry any counter: a node that was away for long catches up', (t) => {
  const world = World.led('a', { founders: 'abc' });
  world.partition('ac', 'b');
  world.append('a', 'x2');
  world.runFor(500);
  world.heal();
  world.loses = (from, to, { type }) => from !== 'b' && to === 'b' && type !== 'progress';
  const fetches = world.watch('b → a: fetch');
  world.runFor(3_000);
  t.true(fetches() > 0);
  world.forge('a', 'b', {
    type: 'entries',
    entries: [{ round: 2, number: number(2 ** 40, 'a'), entry: entryOf('x2') }],
    committed: 2,
  });
  const { acceptor, learner } = world.node('b').live.kernel;
  t.is(learner.committed, 2);
  t.is(acceptor.greatest?.counter, 2 ** 40);
});

test('H91 a bid from beyond the window of a voter tells it that it is behind: it fetches', (t) => {
  const world = World.led('a', { founders: 'abc', concurrency: 2 });
  world.partition('ac', 'b');
  for (let round = 2; round <= 6; round += 1) {
    world.append('a', `x${round}`);
    world.runFor(500);
  }
  t.is(world.node('c').live.kernel.learner.committed, 6);
  t.is(world.node('b').live.kernel.learner.committed, 1);
  // a is gone, and nothing but the bid of c tells b of the rounds.
  world.crash('a');
  world.heal();
  world.loses = (_from, to, { type }) => to === 'b' && type !== 'prepare' && type !== 'entries' && type !== 'propose';
  const [key] = world.append('c', 'x7');
  world.runFor(20_000);
  t.is(world.node('b').live.kernel.learner.committed >= 6, true);
  t.is(world.roundOf(key), 7);
});

test('H78 an entry for a far round does not make a leader fill the log up to it: the receiver fetches instead', (t) => {
  for (const sender of ['c', 'z']) {
    const world = World.led('a', { founders: 'abc', concurrency: 3 });
    const proposal = { round: 60_000, number: number(1), entry: entryOf('y') };
    const fetches = world.watch(`a → ${sender}: fetch`);
    for (let times = 0; times < 100; times += 1)
      world.forge(sender, 'a', { type: 'entries', entries: [proposal], committed: 60_000 });
    t.false(world.node('a').live.kernel.learner.hasGap);
    t.true(fetches() > 0);
    const [key] = world.append('a', 'x2');
    world.runFor(5_000);
    t.is(world.roundOf(key), 2);
    t.true(world.checker.log.size <= 3, `${world.checker.log.size} rounds`);
  }
});

test('H78 a commit of a far round does not count as known: the receiver asks its sender, and goes on', (t) => {
  const world = World.led('a', { founders: 'abc', concurrency: 3 });
  world.forge('c', 'b', { type: 'commit', number: number(1), from: 60_000, ids: [entryOf('y').id] });
  world.runFor(2_000);
  t.is(world.node('b').live.standing, 'following');
  const [key] = world.append('b', 'x2');
  world.runFor(5_000);
  t.is(world.roundOf(key), 2);
});

test('H79 a request to rejoin that somebody else makes changes nothing, and its sender is reported', (t) => {
  const world = World.led('a', { founders: 'abc' });
  world.checker.toleratesViolations = true;
  const rejoin: Message = { type: 'rejoin', node: { id: 'b' }, incarnation: 'b9', replaces: 'b1', attempt: 9 };
  for (const to of ['a', 'c']) world.forge('z', to, rejoin);
  world.runFor(5_000);
  t.is(world.node('a').live.kernel.window.incarnationOf('b'), 'b1');
  t.is(world.checker.log.size, 1);
  t.is(world.events.filter(([, event]) => event.type === 'distrust' && event.peer === 'z').length, 2);
});

test('H81 invented sender ids do not make the table of peers grow, and members stay in it', (t) => {
  const world = World.led('a', { founders: 'abc' });
  const { peers } = world.node('b').live.kernel;
  for (let count = 0; count < 5_000; count += 1)
    world.forge(`stranger ${count}`, 'b', { type: 'progress', committed: 1, retained: 1, reply: false });
  t.is([...peers.all()].length, 256);
  t.true(['a', 'c'].every((id) => peers.get(id) !== undefined));
  t.true(peers.get('stranger 4999') !== undefined);
});

test('H81 a node that is behind asks members first, however many strangers say that they know more', (t) => {
  const world = World.led('a', { founders: 'abc' });
  world.partition('ac', 'b');
  world.append('a', 'x2 x3');
  world.runFor(500);
  for (let count = 0; count < 100; count += 1)
    world.forge(`stranger ${count}`, 'b', { type: 'progress', committed: 900, retained: 1, reply: false });
  world.lose();
  world.heal();
  world.forge('c', 'b', { type: 'progress', committed: 3, retained: 1, reply: false });
  world.runFor(2_000);
  t.is(world.node('b').live.kernel.learner.committed, 3);
});

test('H79 a message under the own id of its receiver is dropped: it would count as a vote that is not durable', (t) => {
  const world = World.led('a', { founders: 'abc' });
  world.checker.toleratesViolations = true;
  const a = world.node('a');
  a.holdWrites = true;
  world.loses = (from) => from === 'c';
  const [key] = world.append('a', 'x2');
  world.run();
  t.is(world.roundOf(key), undefined);
  const own = {
    type: 'acceptance',
    number: number(1, 'a'),
    incarnation: 'a1',
    from: 2,
    to: 2,
    committed: 1,
    data: [],
  } as const;
  for (let times = 0; times < 100; times += 1) world.forge('a', 'a', own);
  t.is(world.roundOf(key), undefined);
  t.is(world.events.filter(([id, event]) => id === 'a' && event.type === 'distrust').length, 1);
  while (a.writes.length > 0) a.completeWrite();
  world.run();
  t.is(world.roundOf(key), 2);
});
