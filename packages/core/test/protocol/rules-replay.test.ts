// Goal: what a node knows after a restart is what it knew before, no less, and nothing that was not so. Method: crashes at chosen
// moments, and what the node holds, says and applies when it comes back.
import test from 'ava';
import type { CoordNum, Entry, Message } from '../../src/contracts/index.ts';
import { BrokenInvariant } from '../../src/protocol/index.ts';
import { entryOf, textOf, willingVoter } from './support/entries.ts';
import { World } from './support/world.ts';

const number = (counter: number, node: string): CoordNum => ({ counter, node, incarnation: `${node}1` });
const propose = (by: CoordNum, from: number, text: string): Message => ({
  type: 'propose',
  number: by,
  from,
  entries: [entryOf(text)],
});

/** The node comes back, and hears of nobody. */
function restartAlone(world: World, id: string): void {
  world.crash(id);
  world.partition(id, 'abc'.replace(id, ''));
  world.start(id);
  world.run();
}

test('P8 a leader whose own voter was against an entry applies no other one in its round when it comes back (H17)', (t) => {
  const voter = {
    ...willingVoter,
    contemplateProposal: (_round: number, _number: CoordNum, entry: Entry) =>
      ({ vote: textOf(entry) === 'X' ? 'nay' : 'yea', data: new Uint8Array() }) as const,
  };
  const world = World.founded({ founders: 'abc', settings: (id) => (id === 'b' ? { voter } : {}) });
  // b has accepted Y under 1; a has accepted X under 2, so that X is what b must propose.
  world.forge('a', 'b', propose(number(1, 'a'), 1, 'Y'));
  world.forge('c', 'a', propose(number(2, 'c'), 1, 'X'));
  world.append('b', 'refused');
  world.run();
  world.append('b', 'Z');
  world.runFor(3_000);
  t.is(world.textsOf('b'), 'X Z');
  const held = world.node('b').live.kernel.acceptor;
  t.false(
    held.accepted.some(({ entry }) => textOf(entry) === 'X'),
    'its own voter was against it',
  );
  t.true(world.node('b').disk?.records.some(({ type }) => type === 'commit'));
  restartAlone(world, 'b');
  t.is(world.textsOf('b'), '', 'what it holds is not what was committed');
  world.heal();
  world.runFor(5_000);
  t.is(world.textsOf('b'), 'X Z');
  world.checker.finish();
});

test('P7 a leader that comes back holds what it accepted of its own proposals', (t) => {
  const world = World.led('a', { founders: 'abc' });
  world.loses = (from) => from !== 'a';
  world.append('a', 'x2');
  world.run();
  restartAlone(world, 'a');
  const held = world.node('a').live.kernel.acceptor.acceptedIn(2);
  t.is(held && textOf(held.entry), 'x2');
  t.deepEqual(held?.number, number(1, 'a'));
});

test('P4 a number that was bid, and never promised, is not used again after a restart (H13)', (t) => {
  const world = World.founded({ founders: 'abc' });
  world.partition('a', 'bc');
  world.append('a', 'x');
  world.run();
  t.true(world.node('a').disk?.records.some(({ type }) => type === 'bid'));
  t.is(world.node('a').live.kernel.acceptor.promised, undefined);
  const before = world.node('a').live.kernel.acceptor.greatest;
  t.is(before?.counter, 1);
  restartAlone(world, 'a');
  const again = world.watch('prepare 1.a1');
  const next = world.watch('prepare 2.a1');
  world.append('a', 'y');
  world.run();
  t.is(again(), 0);
  t.true(next() > 0);
});

test('P10 a node that comes back knows of the founding without being told', (t) => {
  const world = World.founded({ founders: 'abc' });
  const { founding } = world.node('c').live.kernel;
  t.truthy(founding);
  restartAlone(world, 'c');
  t.deepEqual(world.node('c').live.kernel.founding, founding);
  t.deepEqual(world.node('c').live.kernel.participation, { type: 'active' });
});

test('P1 what a snapshot alone says was promised is promised after a restart (H1)', (t) => {
  const world = World.led('a', { founders: 'abc' });
  world.forge('c', 'b', { type: 'prepare', number: number(9, 'c'), from: 2 });
  world.node('b').takeSnapshot();
  t.deepEqual(world.node('b').disk?.records, [], 'nothing is in the log since');
  restartAlone(world, 'b');
  t.deepEqual(world.node('b').live.kernel.acceptor.promised, number(9, 'c'));
});

test('P3 a state that is behind what its acceptor has let go of stands for no snapshot until it has caught up (H36)', (t) => {
  const world = World.led('a', { founders: 'abc' });
  const early = world.node('a').takeSnapshot();
  const c = world.node('c');
  c.feed({ type: 'ejected' });
  world.append('a', 'x2');
  world.append('a', 'x3');
  world.runFor(1_000);
  t.is(c.live.kernel.learner.committed, 3);
  t.deepEqual(c.live.kernel.acceptor.accepted, [], 'what is committed is settled where there is no state');
  world.partition('ab', 'c');
  c.holdApply = true;
  if (early !== undefined) c.install(early);
  t.is(c.state.round, 1);
  t.is(c.takeSnapshot(), undefined);
  c.applySome(2);
  t.is(c.state.round, 3);
  t.is(c.takeSnapshot()?.round, 3);
});

test('P3 installing a snapshot lets go of nothing that was accepted (H36)', (t) => {
  const world = World.led('a', { founders: 'abc', concurrency: 8 });
  const image = world.node('a').takeSnapshot();
  for (const round of [3, 5]) world.forge('c', 'b', propose(number(5, 'c'), round, `y${round}`));
  const { acceptor } = world.node('b').live.kernel;
  const before = acceptor.accepted;
  t.deepEqual(
    before.map(({ round }) => round),
    [3, 5],
  );
  if (image !== undefined) world.node('b').install(image);
  t.deepEqual(acceptor.accepted, before);
  t.deepEqual(acceptor.promised, number(5, 'c'));
  restartAlone(world, 'b');
  t.deepEqual(world.node('b').live.kernel.acceptor.accepted, before);
});

test('H9 a peer that saw two votes tells a node whose disk is as it was between them', (t) => {
  const world = World.led('a', { founders: 'abc' });
  world.checker.idle = true;
  const disk = world.node('c').disk;
  const between = [...(disk?.records ?? [])];
  t.true(between.some((record) => record.type === 'promise' && record.number.counter === 1));
  // a leads once more, under a greater number, and c votes for it again.
  world.append('b', 'x2');
  world.runFor(3_000);
  world.append('a', 'x3');
  world.runFor(3_000);
  const seen = world.node('a').live.kernel.peers.get('c')?.seen;
  t.true((seen?.number.counter ?? 0) > 1);
  world.crash('c');
  if (disk !== undefined) disk.records = between;
  world.partition('ac', 'b');
  t.throws(
    () => {
      world.start('c');
      world.runFor(10_000);
    },
    { instanceOf: BrokenInvariant, message: /put back to an older state/ },
  );
});
