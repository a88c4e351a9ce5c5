// Goal: the log keeps its pace, no election is started, and whoever is cut off notices in time. Method: whole nodes on a virtual
// clock, over a network in memory.
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
import { type Heartbeats, type HeartbeatsOptions, heartbeats } from '../src/index.ts';

type Apis = { readonly heartbeats: Heartbeats };

const intervalMs = 1_000;
const leaderIntervalMs = 200;
const pace = { intervalMs, leaderIntervalMs };

const cluster = (
  options: HeartbeatsOptions<TestState, TestEntry> = pace,
  given: Omit<DecoratedClusterOptions<Apis>, 'decorate'> = {},
): DecoratedCluster<Apis> => {
  const decorate = (builder: NodeBuilder<TestState, object>) => builder.with(heartbeats(options));
  return new DecoratedCluster<Apis>({ ...given, decorate });
};

const prepares = (nodes: DecoratedCluster<Apis>): number =>
  nodes.nodes.flatMap(({ id }) => nodes.events(id, 'directive')).filter(({ kind }) => kind === 'prepare').length;

const proposals = (nodes: DecoratedCluster<Apis>, id: string): readonly number[] =>
  nodes
    .events(id, 'directive')
    .filter(({ kind }) => kind === 'accept')
    .map(({ at }) => at);

test('they never start an election: not in a new cluster, and not when the leader is dead', async (t) => {
  const nodes = await cluster().startAll();
  await nodes.clock.pass(intervalMs * 10);
  t.is(prepares(nodes), 0);
  t.deepEqual(
    nodes.nodes.map(({ status, round, heartbeats: { isCutOff } }) => [status, round, isCutOff]),
    [
      ['following', 0, false],
      ['following', 0, false],
      ['following', 0, false],
    ],
  );
  await nodes.append('a', add());
  const before = prepares(nodes);
  nodes.kill('a');
  await nodes.clock.pass(intervalMs * 10);
  t.is(prepares(nodes), nodes.events('b', 'directive').filter(({ kind }) => kind === 'prepare').length * 2);
  t.true(before > 0);
  t.deepEqual(
    nodes.nodes.map(({ status, heartbeats: { isCutOff } }) => [status, isCutOff]),
    [
      ['following', false],
      ['following', false],
    ],
  );
  await nodes.stopAll();
});

test('a leader has a heartbeat each leaderIntervalMs, and the others hear it and stay silent', async (t) => {
  const nodes = await cluster().startAll();
  nodes.network.setAll({ delayMs: 2 });
  await nodes.append('a', add());
  await nodes.clock.pass(50);
  const frames = nodes.frames.get('b') ?? 0;
  const round = nodes.node('b').round;
  await nodes.clock.pass(leaderIntervalMs * 50);
  const beats = nodes.node('b').round - round;
  t.true(beats >= 48 && beats <= 50, `${beats}`);
  // b accepts each of them, says how far it is when it is asked, and asks nothing itself.
  const answers = (nodes.frames.get('b') ?? 0) - frames;
  t.true(answers <= beats * 2 + 2, `${answers} frames`);
  t.is(prepares(nodes), 2);
  await nodes.stopAll();
});

test('while leading a proposal leaves for everybody at least each leaderIntervalMs, whatever else is appended', async (t) => {
  const nodes = await cluster().startAll();
  nodes.network.setAll({ delayMs: 20 });
  await nodes.append('a', add());
  await nodes.clock.pass(leaderIntervalMs);
  const from = nodes.clock.now;
  for (let times = 0; times < 40; times += 1) {
    await nodes.clock.pass(nodes.random() * 150);
    await nodes.append('a', add());
  }
  await nodes.clock.pass(leaderIntervalMs * 3);
  for (const id of ['b', 'c']) {
    const times = proposals(nodes, id).filter((at) => at >= from);
    times.forEach((at, index) => {
      const gap = at - (times[index - 1] ?? from);
      t.true(gap <= leaderIntervalMs + 1, `${id}: ${gap} ms without a proposal`);
    });
  }
  await nodes.stopAll();
});

test('the pace of a leader is a quarter of the interval where nothing else is said', async (t) => {
  const nodes = await cluster({ intervalMs: 400 }, { ids: ['a'] }).startAll();
  await nodes.append('a', add());
  await nodes.clock.pass(1_050);
  t.is(nodes.node('a').round, 1 + 10);
  await nodes.stopAll();
});

for (const who of ['a', 'c']) {
  test(`a node cut off notices within two intervals, and so when it is back: ${who === 'a' ? 'a leader' : 'a follower'}`, async (t) => {
    for (let seed = 1; seed <= 5; seed += 1) {
      const nodes = cluster(pace, { seed });
      nodes.network.setAll({ delayMs: 2, jitterMs: 10 });
      await nodes.startAll();
      await nodes.append('a', add());
      await nodes.clock.pass(2_000 + nodes.random() * 1_000);
      const { heartbeats: heart } = nodes.node(who);
      const heard: boolean[] = [];
      heart.onChange((isCutOff) => heard.push(isCutOff));
      t.false(heart.isCutOff);
      nodes.network.cut(who);
      const cutAt = nodes.clock.now;
      await nodes.clock.until(() => heart.isCutOff, intervalMs * 2 + 20);
      t.true((heart.lastAliveAt ?? 0) <= cutAt + 20);
      for (const other of nodes.ids) if (other !== who) t.false(nodes.node(other).heartbeats.isCutOff);
      await nodes.clock.pass(intervalMs * 8);
      t.true(heart.isCutOff);
      nodes.network.heal();
      await nodes.clock.until(() => !heart.isCutOff, intervalMs * 2);
      t.deepEqual(heard, [true, false]);
      await nodes.stopAll();
    }
  });
}

test('an applied entry is a sign of life, without any heartbeat, and ends the feeling of being cut off at once', async (t) => {
  const nodes = await cluster({ intervalMs: 10_000, leaderIntervalMs: 100_000 }).startAll();
  const { heartbeats: heart } = nodes.node('c');
  for (let times = 0; times < 3; times += 1) {
    await nodes.clock.pass(3_000);
    const from = nodes.clock.now;
    await nodes.append('a', add());
    await nodes.clock.pass(100);
    t.true((heart.lastAliveAt ?? 0) >= from);
  }
  nodes.network.cut('c');
  await nodes.clock.until(() => heart.isCutOff);
  nodes.network.heal();
  await nodes.append('a', add());
  await nodes.clock.pass(500);
  t.false(heart.isCutOff);
  await nodes.stopAll();
});

test('a node without a majority is cut off, however many it reaches; one message lost is no reason to think so', async (t) => {
  const nodes = await cluster(pace, { ids: ['a', 'b', 'c', 'd', 'e'] }).startAll();
  nodes.network.partition(['a', 'b'], ['c', 'd', 'e']);
  await nodes.clock.pass(intervalMs * 2);
  t.deepEqual(
    nodes.nodes.map(({ heartbeats: { isCutOff } }) => isCutOff),
    [true, true, false, false, false],
  );
  nodes.network.heal();
  nodes.network.setAll({ loss: 0.1 });
  await nodes.clock.pass(intervalMs * 2);
  let cutOff = 0;
  for (const { heartbeats: heart } of nodes.nodes) heart.onChange((isCutOff) => (cutOff += isCutOff ? 1 : 0));
  await nodes.clock.pass(intervalMs * 40);
  t.true(cutOff <= 2, `${cutOff} of 200 heartbeats`);
  await nodes.stopAll();
});

test('a follower that missed the last commit learns of it by its heartbeat', async (t) => {
  const nodes = await cluster().startAll();
  await nodes.append('a', add());
  nodes.network.cut('c');
  await nodes.append('a', add());
  nodes.kill('a');
  nodes.network.heal();
  await nodes.clock.until(() => nodes.node('c').round === nodes.node('b').round, intervalMs * 3);
  t.is(nodes.node('c').round, nodes.node('b').round);
  t.is(nodes.nodes.filter(({ status }) => status === 'leading').length, 0);
  await nodes.stopAll();
});

test('nodes that are passive, disoriented or no members have no heartbeat', async (t) => {
  const nodes = await cluster(pace, { window: 2 }).startAll();
  await nodes.append('a', add());
  await nodes.append('a', setMembers('a', 'b'));
  for (let times = 0; times < 3; times += 1) await nodes.append('a', add());
  await nodes.level('a', 'b');
  await nodes.clock.run(nodes.node('b').eject('a test'));
  nodes.kill('a');
  await nodes.clock.pass(10);
  await nodes.clock.pass(intervalMs);
  const passive = await nodes.start('a', { starting: { as: 'recover' } });
  await nodes.clock.pass(intervalMs * 5);
  t.is(passive.participation.type, 'passive');
  for (const { heartbeats: heart } of nodes.nodes) t.false(heart.isCutOff);
  t.is(nodes.nodes.filter(({ status }) => status === 'leading').length, 0);
  await nodes.stopAll();
});

test('the entry of the application is appended; one that cannot be is reported, and a no-op goes instead', async (t) => {
  let made = 0;
  const entry = (): TestEntry => {
    made += 1;
    if (made === 2) throw new Error('no entry');
    if (made === 3) return { id: 7, type: 'add', value: 1n } as never;
    return { id: freshId(), type: 'add', value: 1 };
  };
  const nodes = await cluster({ ...pace, entry }, { ids: ['a'] }).startAll();
  const a = nodes.node('a');
  await nodes.append('a', set(0));
  await nodes.clock.pass(leaderIntervalMs * 4 + 50);
  t.is(a.round, 5);
  t.is(await a.read(({ sum }) => sum, { consistency: 'stale' }), 2);
  t.deepEqual(
    nodes.events('a', 'hookError').map(({ hook }) => hook),
    ['heartbeats: entry', 'heartbeats: entry'],
  );
  await nodes.stopAll();
});

test('intervals that depend on the state change with the entry that changes them, also while a longer one runs', async (t) => {
  const intervalOf = ({ setting }: TestState): number => setting;
  const nodes = await cluster({ leaderIntervalMs: intervalOf }, { ids: ['a'], setting: 100_000 }).startAll();
  const a = nodes.node('a');
  await nodes.append('a', add());
  await nodes.clock.pass(50_000);
  t.is(a.round, 1);
  await nodes.append('a', set(100));
  await nodes.clock.pass(1_050);
  t.true(a.round >= 2 + 10 && a.round <= 3 + 10, `${a.round}`);
  const { round } = a;
  await nodes.append('a', set(20_000));
  await nodes.clock.pass(19_000);
  t.true(a.round <= round + 2, `${a.round - round}`);
  await nodes.stopAll();
});

test('an interval that the state gives wrongly is reported once, and the last good one holds', async (t) => {
  const intervalOf = ({ setting }: TestState): number => setting;
  const nodes = await cluster({ leaderIntervalMs: intervalOf }, { ids: ['a'], setting: 100 }).startAll();
  await nodes.append('a', set(2e9));
  await nodes.append('a', set(-5));
  const { round } = nodes.node('a');
  await nodes.clock.pass(1_050);
  const beats = nodes.node('a').round - round;
  t.true(beats >= 10 && beats <= 11, `${beats}`);
  t.deepEqual(
    nodes.events('a', 'hookError').map(({ hook, error }) => [hook, (error as { code?: string }).code]),
    [['heartbeats: leaderIntervalMs', 'PAXAKOS_INVALID']],
  );
  await nodes.stopAll();
});

test('a listener that throws or rejects is reported, and harms nobody; one that has left hears nothing', async (t) => {
  const nodes = await cluster().startAll();
  const cause = new Error('listener broke');
  const { heartbeats: heart } = nodes.node('a');
  let count = 0;
  heart.onChange(() => {
    throw cause;
  });
  heart.onChange((async () => {
    throw cause;
  }) as never);
  heart.onChange(() => {
    count += 1;
  });
  heart.onChange(() => t.fail())();
  nodes.network.cut('a');
  await nodes.clock.until(() => heart.isCutOff);
  await nodes.clock.pass(1);
  t.deepEqual(
    nodes.events('a', 'hookError').map(({ hook, error }) => [hook, error]),
    [
      ['heartbeats: onChange', cause],
      ['heartbeats: onChange', cause],
    ],
  );
  t.is(count, 1);
  await nodes.stopAll();
});

test('nothing is left after the stop, also in the middle of a heartbeat', async (t) => {
  const nodes = await cluster().startAll();
  await nodes.append('a', add());
  await nodes.clock.run(nodes.node('b').stop());
  t.is(nodes.pending('b'), 0);
  nodes.network.cut('c');
  await nodes.clock.pass(intervalMs * 1.5);
  await nodes.clock.run(nodes.node('c').stop());
  t.is(nodes.pending('c'), 0);
  const frames = nodes.frames.get('c');
  await nodes.clock.pass(intervalMs * 5);
  t.is(nodes.frames.get('c'), frames);
  await nodes.stopAll();
});

test('nothing is left after the stop either where each question has failed, and the heartbeat has not yet', async (t) => {
  const slowMs = 8_000;
  const nodes = await cluster({ intervalMs: slowMs }).startAll();
  nodes.network.cut('c');
  await nodes.clock.pass(slowMs * 2 - 200);
  t.false(nodes.node('c').heartbeats.isCutOff);
  await nodes.clock.run(nodes.node('c').stop());
  t.is(nodes.pending('c'), 0);
  await nodes.stopAll();
});

test('switched off, by code or by the environment, it does nothing, and its API is there', async (t) => {
  for (const flags of [{ heartbeats: false }, flagsFromEnvironment({ PAXAKOS_FLAG_HEARTBEATS: 'off' })]) {
    const nodes = await cluster(pace, { ids: ['a'] }).startAll({ flags });
    await nodes.append('a', add());
    await nodes.clock.pass(intervalMs * 10);
    const { heartbeats: heart } = nodes.node('a');
    t.is(nodes.node('a').round, 1);
    t.is(nodes.pending('a'), 0);
    t.false(heart.isCutOff);
    t.is(heart.lastAliveAt, undefined);
    heart.onChange(() => t.fail())();
    await nodes.stopAll();
  }
});

test('it is refused twice', async (t) => {
  const twice = createNode({ id: 'a', state: testStates(['a'], 8, 0), transport: memoryNetwork().transport('a') })
    .with(heartbeats())
    .with(heartbeats() as never);
  await t.throwsAsync(twice.start(), { code: 'PAXAKOS_DECORATION_TWICE' });
});

test('options are checked, by name and by value', (t) => {
  for (const name of ['intervalMs', 'leaderIntervalMs'])
    for (const value of [0, -1, Number.NaN, 2e9, '5', null])
      t.throws(() => heartbeats({ [name]: value as number }), {
        code: 'PAXAKOS_INVALID',
        message: new RegExp(`^${name} is .*: give milliseconds from 1`),
      });
  t.throws(() => heartbeats({ entry: {} as never }), { code: 'PAXAKOS_INVALID', message: /^entry is/ });
  t.throws(() => heartbeats({ interval: 5 } as never), { code: 'PAXAKOS_INVALID', message: /there are intervalMs/ });
});
