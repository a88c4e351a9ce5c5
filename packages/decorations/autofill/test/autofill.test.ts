// Goal: gaps close, in few messages and oldest first, and nothing that was chosen is lost. Method: whole nodes on a virtual clock,
// over a network in memory; gaps are made by appends for rounds of their own, and by lost messages.
import { createNode, flagsFromEnvironment, type NodeBuilder } from '@paxakos/core';
import { memoryNetwork } from '@paxakos/core/memory';
import { add, DecoratedCluster, type DecoratedClusterOptions, set, type TestState, testStates } from '@paxakos/testing';
import test from 'ava';
import { type Autofill, type AutofillOptions, autofill } from '../src/index.ts';
import { lastingRounds } from '../src/lasting-rounds.ts';

type Apis = { readonly autofill: Autofill };

const delayMs = 400;

const cluster = (
  options: AutofillOptions<TestState> = { delayMs },
  given: Omit<DecoratedClusterOptions<Apis>, 'decorate'> = {},
): DecoratedCluster<Apis> => {
  const decorate = (builder: NodeBuilder<TestState, object>) => builder.with(autofill(options));
  return new DecoratedCluster<Apis>({ window: 4_096, ...given, decorate });
};

/** Commits an entry in each of these rounds, by the node that leads already or does so now. */
async function place(nodes: DecoratedCluster<Apis>, id: string, rounds: readonly number[]): Promise<void> {
  const appends = rounds.map((round) => nodes.node(id).append(add(), { round: { from: round, to: round } }));
  await nodes.clock.run(Promise.all(appends));
}

const gapsOf = (nodes: DecoratedCluster<Apis>, id: string): number => nodes.events(id, 'gaps').at(-1)?.gaps.length ?? 0;

const proposed = (nodes: DecoratedCluster<Apis>, id: string): readonly string[] =>
  nodes
    .events(id, 'directive')
    .filter(({ kind }) => kind === 'accept')
    .map(({ rounds: { from, to } }) => `${from}-${to}`);

test('a gap of 1,000 rounds closes in one run of messages, not a thousand', async (t) => {
  const nodes = await cluster().startAll();
  await nodes.append('a', add());
  await place(nodes, 'a', [1_002]);
  t.is(gapsOf(nodes, 'a'), 1);
  const frames = (): number => [...nodes.frames.values()].reduce((sum, count) => sum + count, 0);
  const before = frames();
  const seen = proposed(nodes, 'b').length;
  await nodes.clock.until(() => nodes.nodes.every(({ round }) => round === 1_002), delayMs + 200);
  t.deepEqual(proposed(nodes, 'b').slice(seen), ['2-1001']);
  // The run to both, an answer from each, the commit, and some talk of how far each is.
  t.true(frames() - before <= 12, `${frames() - before} frames`);
  t.is(nodes.node('a').autofill.filled, 1_000);
  t.is(gapsOf(nodes, 'a'), 0);
  await nodes.stopAll();
});

test('a burst of gaps of one round each closes as fast, in as few frames', async (t) => {
  const nodes = await cluster().startAll();
  await nodes.append('a', add());
  await place(
    nodes,
    'a',
    Array.from({ length: 200 }, (_, index) => 3 + 2 * index),
  );
  t.is(gapsOf(nodes, 'a'), 200);
  const frames = (): number => [...nodes.frames.values()].reduce((sum, count) => sum + count, 0);
  const before = frames();
  await nodes.clock.until(() => nodes.nodes.every(({ round }) => round === 401), delayMs + 200);
  t.true(frames() - before <= 16, `${frames() - before} frames`);
  t.deepEqual(
    nodes.nodes.map(({ autofill: { filled } }) => filled),
    [200, 0, 0],
  );
  await nodes.stopAll();
});

test('it fills no more than a batch at once, oldest first, one after the other without a further delay', async (t) => {
  const nodes = await cluster({ delayMs, batchRounds: 100 }).startAll();
  await nodes.append('a', add());
  await place(nodes, 'a', [200, 352]);
  const seen = proposed(nodes, 'b').length;
  await nodes.clock.until(() => nodes.nodes.every(({ round }) => round === 352), delayMs + 200);
  t.deepEqual(proposed(nodes, 'b').slice(seen), ['2-101', '102-199', '201-202', '203-302', '303-351']);
  await nodes.stopAll();
});

test('a gap is left alone until it has been there for delayMs; a new one beside it has its own time', async (t) => {
  const nodes = await cluster().startAll();
  await nodes.append('a', add());
  await place(nodes, 'a', [4]);
  await nodes.clock.pass(delayMs - 10);
  t.is(nodes.node('a').round, 1);
  await place(nodes, 'a', [8]);
  await nodes.clock.pass(50);
  t.is(nodes.node('a').round, 4);
  t.deepEqual(nodes.events('a', 'gaps').at(-1)?.gaps, [{ from: 5, to: 7 }]);
  await nodes.clock.pass(delayMs - 50);
  t.is(nodes.node('a').round, 4);
  await nodes.clock.pass(50);
  t.is(nodes.node('a').round, 8);
  await nodes.stopAll();
});

test('what closes by itself in time is not filled', async (t) => {
  const nodes = await cluster().startAll();
  await nodes.append('a', add());
  await place(nodes, 'a', [3]);
  await nodes.append('a', add());
  t.is(nodes.node('a').round, 3);
  await nodes.clock.pass(delayMs * 10);
  t.is(nodes.node('a').round, 3);
  t.is(nodes.node('a').autofill.filled, 0);
  for (const id of nodes.ids) t.is(nodes.pending(id), 0);
  await nodes.stopAll();
});

test('what is on its way in a round is never displaced: it is committed there, or railroads the no-op', async (t) => {
  let filledByAll = 0;
  for (let seed = 1; seed <= 16; seed += 1) {
    const nodes = await cluster({ delayMs: 20, leadership: 'acquire' }, { seed, window: 64 }).startAll();
    nodes.network.setAll({ delayMs: 3, jitterMs: 30, loss: 0.1 });
    const placed = new Map<number, string>();
    const appends = Array.from({ length: 60 }, async (_, index) => {
      await new Promise<void>((resolve) => void nodes.clock.view().after(index * 25, resolve));
      const entry = add();
      const id = nodes.ids[Math.floor(nodes.random() * 3)] as string;
      const from = nodes.node(id).committed + 1 + Math.floor(nodes.random() * 6);
      const { round } = await nodes.node(id).append(entry, nodes.random() < 0.5 ? {} : { round: { from } });
      placed.set(round, entry.id);
    });
    await nodes.clock.run(Promise.allSettled(appends));
    nodes.network.setAll({ delayMs: 1, jitterMs: 0, loss: 0 });
    await nodes.append('a', add());
    await nodes.clock.until(() => nodes.nodes.every(({ round }) => round === nodes.node('a').committed), 120_000);
    for (const id of nodes.ids) {
      const applied = new Map(nodes.events(id, 'apply').map(({ round, entry }) => [round, entry?.id]));
      for (const [round, entryId] of placed) t.is(applied.get(round), entryId, `seed ${seed}, round ${round} at ${id}`);
    }
    for (const { autofill: filling } of nodes.nodes) filledByAll += filling.filled;
    await nodes.stopAll();
  }
  t.true(filledByAll > 10, `${filledByAll}`);
});

test('a follower with a gap that its leader died over asks the others, and catches up', async (t) => {
  const nodes = await cluster().startAll();
  await nodes.append('a', add());
  await nodes.level();
  nodes.network.link('a', 'c').set({ isCut: true });
  await nodes.append('a', add());
  nodes.network.link('a', 'c').set({ isCut: false });
  nodes.network.link('c', 'a').set({ isCut: true });
  await nodes.append('a', add());
  await nodes.level('a', 'b');
  nodes.kill('a');
  await nodes.clock.until(() => nodes.node('c').round === 3, delayMs * 3);
  t.is(nodes.nodes.filter(({ status }) => status === 'leading').length, 0);
  await nodes.stopAll();
});

test('a gap that nobody can tell of stays until somebody leads; with gain it is closed', async (t) => {
  for (const leadership of ['check', 'acquire'] as const) {
    const nodes = await cluster({ delayMs, leadership }).startAll();
    await nodes.append('a', add());
    await place(nodes, 'a', [5]);
    await nodes.clock.until(() => gapsOf(nodes, 'b') > 0);
    nodes.kill('a');
    const frames = nodes.frames.get('b') ?? 0;
    await nodes.clock.pass(60_000);
    t.deepEqual(
      nodes.nodes.map(({ round }) => round),
      leadership === 'acquire' ? [5, 5] : [1, 1],
    );
    // It asks ever more seldom.
    if (leadership === 'check') t.true((nodes.frames.get('b') ?? 0) - frames < 40);
    else t.is(nodes.nodes.filter(({ status }) => status === 'leading').length, 1);
    const round = await nodes.append('b', add());
    t.is(round, 6);
    await nodes.level();
    await nodes.stopAll();
  }
});

test('a delay that depends on the state changes with the entry that changes it', async (t) => {
  const nodes = await cluster({ delayMs: ({ setting }) => setting }, { ids: ['a'], setting: 100_000 }).startAll();
  const a = nodes.node('a');
  await nodes.append('a', add());
  await place(nodes, 'a', [4]);
  await nodes.clock.pass(50_000);
  t.is(a.round, 1);
  await nodes.clock.run(a.append(set(100)));
  await nodes.clock.pass(10);
  t.is(a.round, 4);
  await place(nodes, 'a', [8]);
  await nodes.clock.pass(150);
  t.is(a.round, 8);
  await nodes.clock.run(a.append(set(-1)));
  await place(nodes, 'a', [12]);
  await nodes.clock.pass(150);
  t.is(a.round, 12);
  t.deepEqual(
    nodes.events('a', 'hookError').map(({ hook }) => hook),
    ['autofill: delayMs'],
  );
  await nodes.stopAll();
});

test('a node without a state, or that may not vote, waits', async (t) => {
  const nodes = await cluster().startAll();
  await nodes.append('a', add());
  await place(nodes, 'a', [4]);
  await nodes.clock.run(nodes.node('a').eject('a test'));
  nodes.network.cut('a');
  await nodes.clock.pass(delayMs * 20);
  t.is(nodes.node('a').autofill.filled, 0);
  t.is(nodes.node('a').status, 'disoriented');
  await nodes.stopAll();
});

test('nothing is left after the stop, also in the middle of a batch', async (t) => {
  const nodes = await cluster().startAll();
  await nodes.append('a', add());
  await place(nodes, 'a', [4]);
  await nodes.clock.run(nodes.node('b').stop());
  t.is(nodes.pending('b'), 0);
  nodes.network.cut('a');
  await nodes.clock.pass(delayMs + 10);
  await nodes.clock.run(nodes.node('a').stop());
  t.is(nodes.pending('a'), 0);
  await nodes.clock.pass(delayMs * 5);
  t.is(nodes.node('a').autofill.filled, 0);
  await nodes.stopAll();
});

test('switched off, by code or by the environment, it does nothing, and its API is there', async (t) => {
  for (const flags of [{ autofill: false }, flagsFromEnvironment({ PAXAKOS_FLAG_AUTOFILL: 'off' })]) {
    const nodes = await cluster({ delayMs }, { ids: ['a'] }).startAll({ flags });
    await nodes.append('a', add());
    await place(nodes, 'a', [4]);
    await nodes.clock.pass(delayMs * 10);
    t.is(nodes.node('a').round, 1);
    t.is(nodes.pending('a'), 0);
    t.is(nodes.node('a').autofill.filled, 0);
    await nodes.stopAll();
  }
});

test('it is refused twice', async (t) => {
  const twice = createNode({ id: 'a', state: testStates(['a'], 8, 0), transport: memoryNetwork().transport('a') })
    .with(autofill())
    .with(autofill() as never);
  await t.throwsAsync(twice.start(), { code: 'PAXAKOS_DECORATION_TWICE' });
});

test('options are checked, by name and by value', (t) => {
  const invalid = (options: AutofillOptions, message: RegExp): void => {
    t.throws(() => autofill(options), { code: 'PAXAKOS_INVALID', message });
  };
  for (const value of [0, -1, Number.NaN, 2e9, '5', null])
    invalid({ delayMs: value as number }, /^delayMs is .*: give milliseconds from 1/);
  for (const value of [0, 1.5, 65_537, '5']) invalid({ batchRounds: value as number }, /^batchRounds is .*: give/);
  invalid({ leadership: 'require' as never }, /^leadership is "require": give/);
  invalid({ delay: 5 } as never, /there are delayMs, batchRounds/);
});

test('the rounds that were in gaps before and are now', (t) => {
  const gap = (from: number, to: number) => ({ from, to });
  t.deepEqual(lastingRounds([], [gap(1, 3)], 9), []);
  t.deepEqual(lastingRounds([gap(1, 3)], [], 9), []);
  t.deepEqual(lastingRounds([gap(1, 4), gap(6, 9)], [gap(3, 7), gap(9, 12)], 9), [3, 4, 6, 7, 9]);
  t.deepEqual(lastingRounds([gap(1, 4), gap(6, 9)], [gap(3, 7), gap(9, 12)], 3), [3, 4, 6]);
  t.deepEqual(lastingRounds([gap(1, 9)], [gap(2, 2), gap(4, 5), gap(9, 9)], 9), [2, 4, 5, 9]);
});
