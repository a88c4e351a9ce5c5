// Goal: a cluster whose leader dies has another one in time, and its nodes do not duel over it. Method: whole nodes on a virtual
// clock, over a network in memory with delays, and many seeds.
import { createNode, flagsFromEnvironment, type NodeBuilder } from '@paxakos/core';
import { memoryNetwork } from '@paxakos/core/memory';
import {
  add,
  DecoratedCluster,
  type DecoratedClusterOptions,
  freshId,
  set,
  setMembers,
  type TestEntry,
  type TestState,
  testStates,
} from '@paxakos/testing';
import test from 'ava';
import { type EnsureLeadership, type EnsureLeadershipOptions, ensureLeadership } from '../src/index.ts';

type Apis = { readonly ensureLeadership: EnsureLeadership };

const intervalMs = 1_000;

const cluster = (
  options: EnsureLeadershipOptions<TestState, TestEntry> = { intervalMs },
  given: Omit<DecoratedClusterOptions<Apis>, 'decorate'> = {},
): DecoratedCluster<Apis> => {
  const decorate = (builder: NodeBuilder<TestState, object>) => builder.with(ensureLeadership(options));
  return new DecoratedCluster<Apis>({ ...given, decorate });
};

const leaderOf = (nodes: DecoratedCluster<Apis>): string | undefined =>
  nodes.nodes.find(({ status }) => status === 'leading')?.id;

/** The numbers under which somebody has asked for promises. */
const bids = (nodes: DecoratedCluster<Apis>): Set<string> => {
  const numbers = new Set<string>();
  for (const { id } of nodes.nodes)
    for (const { kind, number } of nodes.events(id, 'directive'))
      if (kind === 'prepare') numbers.add(`${number.counter} ${number.node}`);
  return numbers;
};

for (const size of [3, 5, 7]) {
  test(`of ${size} nodes some node leads within twice the interval after the leader was killed, without a duel`, async (t) => {
    const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].slice(0, size);
    for (let seed = 1; seed <= 36 / size; seed += 1) {
      const nodes = cluster({ intervalMs }, { ids, seed });
      nodes.network.setAll({ delayMs: 2, jitterMs: 10 });
      await nodes.startAll();
      await nodes.clock.until(() => leaderOf(nodes) !== undefined, intervalMs * 2);
      await nodes.clock.pass(nodes.random() * 5_000);
      // As many as may be gone, the leader among them.
      for (let gone = 0; gone < (size - 1) / 2; gone += 1) {
        const leader = leaderOf(nodes) ?? (nodes.nodes[0]?.id as string);
        const before = bids(nodes).size;
        const killedAt = nodes.clock.now;
        nodes.kill(leader);
        await nodes.clock.until(() => leaderOf(nodes) !== undefined, intervalMs * 2);
        t.true(nodes.clock.now - killedAt <= intervalMs * 2, `seed ${seed}: ${nodes.clock.now - killedAt} ms`);
        await nodes.clock.pass(intervalMs * 3);
        t.true(bids(nodes).size - before <= 2, `seed ${seed}: ${bids(nodes).size - before} bids`);
      }
      await nodes.stopAll();
    }
  });
}

test('a cluster that has just been founded gets a leader by itself', async (t) => {
  const nodes = await cluster().startAll();
  t.is(leaderOf(nodes), undefined);
  await nodes.clock.pass(intervalMs * 2);
  t.not(leaderOf(nodes), undefined);
  t.is(bids(nodes).size, 1);
  await nodes.stopAll();
});

test('while entries are applied nobody appends; when it is quiet only the leader does, once an interval', async (t) => {
  const nodes = await cluster().startAll();
  await nodes.append('b', add());
  for (let times = 0; times < 20; times += 1) {
    await nodes.clock.pass(intervalMs * 0.9);
    await nodes.append('b', add());
  }
  t.deepEqual(
    nodes.nodes.map((node) => node.ensureLeadership.attempts),
    [0, 0, 0],
  );
  t.is(nodes.node('a').round, 21);
  await nodes.clock.pass(intervalMs * 10 + 100);
  t.deepEqual(
    nodes.nodes.map((node) => node.ensureLeadership.attempts),
    [0, 10, 0],
  );
  t.is(leaderOf(nodes), 'b');
  t.is(bids(nodes).size, 1);
  await nodes.stopAll();
});

test('a minority tries once an interval at most, says what failed, and leads nobody; the majority goes on', async (t) => {
  const nodes = await cluster().startAll();
  await nodes.append('a', add());
  nodes.network.partition(['a'], ['b', 'c']);
  await nodes.clock.pass(intervalMs * 20);
  const { attempts, lastError } = nodes.node('a').ensureLeadership;
  t.true(attempts >= 4 && attempts <= 20, `${attempts}`);
  t.is((lastError as { code?: string }).code, 'PAXAKOS_NO_QUORUM');
  t.true(['b', 'c'].includes(leaderOf(nodes) ?? ''));
  nodes.network.heal();
  await nodes.clock.pass(intervalMs * 4);
  await nodes.level();
  t.deepEqual(nodes.nodes.filter(({ status }) => status === 'leading').length, 1);
  await nodes.stopAll();
});

test('nodes that are passive, disoriented or no members do not try', async (t) => {
  const nodes = await cluster({ intervalMs }, { window: 2 }).startAll();
  await nodes.append('a', add());
  await nodes.append('a', setMembers('a', 'b'));
  for (let times = 0; times < 3; times += 1) await nodes.append('a', add());
  await nodes.level('a', 'b');
  await nodes.clock.run(nodes.node('b').eject('a test'));
  nodes.kill('a');
  await nodes.clock.pass(intervalMs * 10);
  t.is(nodes.node('b').status, 'disoriented');
  t.is(nodes.node('b').ensureLeadership.attempts, 0);
  t.is(nodes.node('c').ensureLeadership.attempts, 0);
  // It has lost its memory, and nobody is there to take it in.
  const passive = await nodes.start('a', { starting: { as: 'recover' } });
  await nodes.clock.pass(intervalMs * 10);
  t.is(passive.participation.type, 'passive');
  t.is(passive.ensureLeadership.attempts, 0);
  await nodes.stopAll();
});

test('before the cluster is founded nobody tries', async (t) => {
  const nodes = cluster();
  const a = await nodes.start('a');
  await nodes.clock.pass(intervalMs * 10);
  t.is(a.ensureLeadership.attempts, 0);
  await nodes.stopAll();
});

test('a process that stood still hears the others out before it bids', async (t) => {
  const nodes = cluster();
  nodes.network.setAll({ delayMs: 2, jitterMs: 5 });
  await nodes.startAll();
  await nodes.append('a', add());
  await nodes.clock.pass(intervalMs * 3);
  const before = bids(nodes).size;
  for (let times = 0; times < 5; times += 1) {
    await nodes.clock.jump(30_000);
    await nodes.clock.pass(intervalMs * 3);
  }
  t.is(bids(nodes).size, before);
  t.is(leaderOf(nodes), 'a');
  await nodes.stopAll();
});

test('where all timers are late, somebody leads all the same', async (t) => {
  const nodes = await cluster().startAll();
  await nodes.append('a', add());
  nodes.clock.lateMs = intervalMs / 3;
  await nodes.clock.pass(intervalMs * 3);
  nodes.kill('a');
  await nodes.clock.pass(intervalMs * 20);
  t.not(leaderOf(nodes), undefined);
  await nodes.stopAll();
});

test('the entry of the application is appended, with its types; one that cannot be is reported, and a no-op goes instead', async (t) => {
  let made = 0;
  const entry = (): TestEntry => {
    made += 1;
    if (made === 2) throw new Error('no entry');
    if (made === 3) return { id: 7, type: 'add', value: 1n } as never;
    return { id: freshId(), type: 'add', value: 1 };
  };
  const nodes = await cluster({ intervalMs, entry }, { ids: ['a'] }).startAll();
  const a = nodes.node('a');
  await nodes.clock.until(() => a.round === 1);
  t.is(await a.read(({ sum }) => sum, { consistency: 'stale' }), 1);
  await nodes.clock.until(() => a.round === 3);
  t.is(await a.read(({ sum }) => sum, { consistency: 'stale' }), 1);
  t.deepEqual(
    nodes.events('a', 'hookError').map(({ hook }) => hook),
    ['ensureLeadership: entry', 'ensureLeadership: entry'],
  );
  await nodes.clock.until(() => a.round === 4);
  t.is(await a.read(({ sum }) => sum, { consistency: 'stale' }), 2);
  t.is(a.status, 'leading');
  await nodes.stopAll();
});

test('an interval that depends on the state changes with the entry that changes it, also while a longer one runs', async (t) => {
  const nodes = await cluster(
    { intervalMs: ({ setting }: TestState) => setting },
    { ids: ['a'], setting: 100_000 },
  ).startAll();
  const a = nodes.node('a');
  await nodes.append('a', add());
  await nodes.clock.pass(50_000);
  t.is(a.round, 1);
  await nodes.append('a', set(100));
  await nodes.clock.pass(1_050);
  t.is(a.round, 2 + 10);
  await nodes.append('a', set(20_000));
  await nodes.clock.pass(19_000);
  t.is(a.round, 13);
  await nodes.stopAll();
});

test('an interval that the state gives wrongly, or throws at, is reported once, and the last good one holds', async (t) => {
  const intervalOf = ({ setting }: TestState): number => {
    if (setting === 13) throw new Error('unlucky');
    return setting;
  };
  const nodes = await cluster({ intervalMs: intervalOf }, { ids: ['a'], setting: 100 }).startAll();
  const a = nodes.node('a');
  await nodes.append('a', set(-5));
  await nodes.clock.pass(1_050);
  t.is(a.round, 1 + 10);
  t.deepEqual(
    nodes.events('a', 'hookError').map(({ hook, error }) => [hook, (error as { code?: string }).code]),
    [['ensureLeadership: intervalMs', 'PAXAKOS_INVALID']],
  );
  await nodes.append('a', set(100));
  await nodes.append('a', set(13));
  await nodes.clock.pass(250);
  t.is(nodes.events('a', 'hookError').length, 2);
  t.is(a.round, 15);
  await nodes.stopAll();
});

test('nothing is left after the stop, also in the middle of an attempt', async (t) => {
  const nodes = cluster({ intervalMs });
  await nodes.startAll();
  await nodes.append('a', add());
  await nodes.clock.run(nodes.node('b').stop());
  t.is(nodes.pending('b'), 0);
  nodes.network.partition(['a'], ['c']);
  await nodes.clock.until(() => nodes.node('c').ensureLeadership.attempts === 1);
  await nodes.clock.run(nodes.node('c').stop());
  t.is(nodes.pending('c'), 0);
  await nodes.clock.pass(intervalMs * 5);
  t.is(nodes.node('c').ensureLeadership.attempts, 1);
  await nodes.stopAll();
});

const single = () => ({ id: 'a', state: testStates(['a'], 8, 0), transport: memoryNetwork().transport('a') });

test('switched off, by code or by the environment, it does nothing, and its API is there', async (t) => {
  for (const flags of [{ ensureLeadership: false }, flagsFromEnvironment({ PAXAKOS_FLAG_ENSURE_LEADERSHIP: 'off' })]) {
    const nodes = await cluster({ intervalMs }, { ids: ['a'] }).startAll({ flags });
    await nodes.clock.pass(intervalMs * 10);
    t.is(nodes.node('a').round, 0);
    t.is(nodes.pending('a'), 0);
    t.is(nodes.node('a').ensureLeadership.attempts, 0);
    t.is(nodes.node('a').ensureLeadership.lastError, undefined);
    await nodes.stopAll();
  }
});

test('it is refused twice', async (t) => {
  const twice = createNode(single())
    .with(ensureLeadership())
    .with(ensureLeadership() as never);
  await t.throwsAsync(twice.start(), { code: 'PAXAKOS_DECORATION_TWICE' });
});

test('options are checked, by name and by value', (t) => {
  for (const value of [0, -1, Number.NaN, 2e9, '5', null])
    t.throws(() => ensureLeadership({ intervalMs: value as number }), {
      code: 'PAXAKOS_INVALID',
      message: /^intervalMs is .*: give milliseconds from 1/,
    });
  t.throws(() => ensureLeadership({ entry: {} as never }), { code: 'PAXAKOS_INVALID', message: /^entry is/ });
  t.throws(() => ensureLeadership({ interval: 5 } as never), {
    code: 'PAXAKOS_INVALID',
    message: /there are intervalMs/,
  });
});
