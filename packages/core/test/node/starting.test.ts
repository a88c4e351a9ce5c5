// How a node comes to life: as a founder, resuming, recovering from a lost memory, or joining.
import test from 'ava';
import { SnapshotError } from '../../src/index.ts';
import { memoryNetwork } from '../../src/memory/index.ts';
import { startedCluster, TestCluster } from './test-cluster.ts';
import { add, ledgers, setMembers } from './test-state.ts';

test('resume: a node that was stopped goes on from its final snapshot with its vote and its memory', async (t) => {
  const cluster = await startedCluster();
  for (let count = 0; count < 5; count += 1) await cluster.append('a', add());
  await cluster.level();
  const { incarnation } = cluster.node('c');
  const snapshot = await cluster.stop('c');
  if (snapshot === undefined) return t.fail();
  t.is(snapshot.round, 5);
  await cluster.append('a', add());
  const c = await cluster.start('c', { starting: { as: 'resume', snapshot } });
  t.is(c.incarnation, incarnation);
  t.deepEqual(c.participation, { type: 'active' });
  await cluster.level();
  t.deepEqual(cluster.logs('c'), cluster.logs('a'));
  cluster.kill('b');
  t.is(await cluster.append('c', add()), 7);
  return cluster.stopAll();
});

test('a whole cluster can be stopped, kept as bytes, and resumed (H62: the bytes may be reused)', async (t) => {
  const cluster = await startedCluster();
  for (let count = 0; count < 5; count += 1) await cluster.append('a', add());
  await cluster.level();
  const kept = new Map<string, Buffer>();
  for (const id of cluster.ids) kept.set(id, Buffer.from((await cluster.stop(id))?.bytes ?? []));
  for (const [id, bytes] of kept) {
    await cluster.start(id, { starting: { as: 'resume', snapshot: { round: 5, bytes } } });
    bytes.fill(0xff);
  }
  t.is(await cluster.append('b', add()), 6);
  await cluster.level();
  t.deepEqual(cluster.logs('a'), cluster.logs('c'));
  await cluster.stopAll();
});

test('P3, H62: what a node had accepted is in its final snapshot, for the next leader to find', async (t) => {
  const cluster = await startedCluster();
  await cluster.append('a', add());
  await cluster.level();
  // c accepts the next entry; nobody hears of that.
  cluster.network.cut('b');
  cluster.network.link('c', 'a').set({ isCut: true });
  const entry = add(50);
  cluster
    .node('a')
    .append(entry)
    .catch(() => {});
  await cluster.clock.pass(50);
  const snapshot = await cluster.stop('c');
  if (snapshot === undefined) return t.fail();
  cluster.kill('a');
  const bytes = Buffer.from(snapshot.bytes);
  await cluster.start('c', { starting: { as: 'resume', snapshot: { round: snapshot.round, bytes } } });
  bytes.fill(0xff);
  cluster.network.heal();
  t.is(await cluster.append('b', add()), 52);
  await cluster.level();
  t.is(cluster.ledger('b').log[1], entry.id);
  t.deepEqual(cluster.logs('b'), cluster.logs('c'));
  return cluster.stopAll();
});

test('resume takes a final snapshot of its own node and cluster, and nothing else', async (t) => {
  const cluster = await startedCluster();
  await cluster.append('a', add());
  const snapshot = await cluster.stop('a');
  if (snapshot === undefined) return t.fail();
  const starting = { as: 'resume', snapshot } as const;
  const other = await t.throwsAsync(cluster.start('b', { starting }), { instanceOf: SnapshotError });
  t.regex(String(other), /of node "a", and this is "b": .*as: 'recover'/);
  const foreign = await t.throwsAsync(cluster.start('a', { starting, cluster: 'other' }), {
    instanceOf: SnapshotError,
  });
  t.regex(String(foreign), /of the cluster "paxakos", and this node of "other"/);
  for (const wrong of [undefined, { round: 1, bytes: 'text' }]) {
    const error = await t.throwsAsync(cluster.start('a', { starting: { as: 'resume', snapshot: wrong as never } }));
    t.regex(String(error), /starting\.snapshot is .*: give what stop\(\)/);
  }
  const broken = { round: 1, bytes: snapshot.bytes.map((byte, at) => (at === 40 ? byte ^ 1 : byte)) };
  await t.throwsAsync(cluster.start('a', { starting: { as: 'resume', snapshot: broken } }), {
    instanceOf: SnapshotError,
  });
  await cluster.start('a', { starting });
  t.is(await cluster.append('a', add()), 2);
  return cluster.stopAll();
});

for (const withSnapshot of [false, true]) {
  const what = withSnapshot ? 'with the snapshot of a peer' : 'without a snapshot';
  test(`P10, recover ${what}: passive at first, active once the log names the new memory, and level`, async (t) => {
    const cluster = await startedCluster({ window: 8 });
    for (let count = 0; count < 5; count += 1) await cluster.append('a', add());
    await cluster.level();
    const { incarnation } = cluster.node('c');
    const snapshot = await cluster.clock.run(cluster.node('a').takeSnapshot());
    cluster.kill('c');
    await cluster.append('a', add());
    cluster.network.cut('c');
    const starting = withSnapshot ? ({ as: 'recover', snapshot } as const) : ({ as: 'recover' } as const);
    const c = await cluster.start('c', { starting });
    await cluster.clock.pass(1_000);
    t.deepEqual(c.participation, { type: 'passive' });
    t.is(c.round, withSnapshot ? 5 : 0);
    t.not(c.incarnation, incarnation);
    cluster.network.heal();
    await cluster.clock.until(() => c.participation.type === 'active');
    const kinds = cluster.events('c', 'activate').map(({ participation }) => participation.type);
    t.is(kinds.at(-1), 'active');
    await cluster.level();
    t.deepEqual(cluster.logs('c'), cluster.logs('a'));
    cluster.kill('b');
    t.is(await cluster.append('a', add()), 7);
    await cluster.stopAll();
  });
}

test('P10, H6: a founder that lost its memory finds that the cluster runs, and recovers instead', async (t) => {
  const cluster = await startedCluster({ window: 8 });
  await cluster.append('a', add());
  await cluster.level();
  cluster.kill('c');
  // The other one is away: a vote of c's would make a majority with what it has forgotten.
  cluster.network.cut('b');
  const c = await cluster.start('c');
  await cluster.clock.pass(5_000);
  t.deepEqual(c.participation, { type: 'passive' });
  const appended = cluster.node('a').append(add());
  appended.catch(() => {});
  await cluster.clock.pass(3_000);
  t.is(cluster.node('a').committed, 1);
  cluster.network.heal();
  await cluster.clock.until(() => c.participation.type === 'active');
  await cluster.clock.run(appended);
  await cluster.level();
  t.deepEqual(cluster.logs('c'), cluster.logs('a'));
  await cluster.stopAll();
});

test('join: a node follows, and votes from where the state names it', async (t) => {
  const cluster = await startedCluster({ window: 4 });
  for (let count = 0; count < 5; count += 1) await cluster.append('a', add());
  const d = await cluster.start('d', { starting: { as: 'join' } });
  await cluster.level();
  t.deepEqual(cluster.logs('d'), cluster.logs('a'));
  t.deepEqual(d.participation, { type: 'passive' });
  t.like(await cluster.clock.failure(d.append(add(), { retry: () => undefined })), { effect: 'none' });
  await cluster.append('a', setMembers('a', 'b', 'c', 'd'));
  await cluster.clock.until(() => d.participation.type === 'active');
  t.is(await cluster.append('d', add()), 6);
  // Four members: two that are left make no majority, three do.
  cluster.kill('b');
  t.is(await cluster.append('a', add()), 7);
  cluster.kill('c');
  t.like(await cluster.clock.failure(cluster.node('a').append(add(), { retry: () => undefined })), {
    code: 'PAXAKOS_NO_QUORUM',
  });
  await cluster.stopAll();
});

test('a state that is created with other members than the founders had is given up, with words, and a snapshot repairs it', async (t) => {
  const cluster = await startedCluster({ window: 4 });
  await cluster.append('a', add(5));
  await cluster.append('a', setMembers('a', 'b', 'c', 'd'));
  const state = ledgers(['a', 'b', 'c', 'd'], 4);
  const d = await cluster.start('d', { starting: { as: 'join' }, state });
  await cluster.clock.until(() => d.status === 'disoriented');
  t.regex(String(cluster.events('d', 'eject')[0]?.reason), /state\.create\(\) .*founders/);
  t.like(await cluster.clock.failure(d.read(() => 1, { consistency: 'stale' })), { code: 'PAXAKOS_DISORIENTED' });
  const snapshot = await cluster.clock.run(cluster.node('a').takeSnapshot());
  await cluster.clock.run(d.installSnapshot(snapshot));
  await cluster.clock.until(() => d.participation.type === 'active');
  t.is(await d.read(({ sum }) => sum, { consistency: 'stale' }), 5);
  await cluster.append('d', add());
  await cluster.stopAll();
});

test('a log decides over starting: a joiner that restarts as a founder founds nothing', async (t) => {
  const cluster = await startedCluster({ disks: true });
  await cluster.append('a', add());
  await cluster.level();
  for (const id of cluster.ids) cluster.kill(id);
  for (const id of cluster.ids) await cluster.start(id, { starting: { as: id === 'a' ? 'founder' : 'recover' } });
  t.is(await cluster.append('b', add()), 2);
  t.deepEqual(cluster.node('b').participation, { type: 'active' });
  await cluster.stopAll();
});

test('forceActive makes a passive node vote with what the log knows of it; elsewhere it is refused', async (t) => {
  const cluster = await startedCluster({ window: 8 });
  await cluster.append('a', add());
  await cluster.level();
  const snapshot = await cluster.clock.run(cluster.node('a').takeSnapshot());
  cluster.kill('b');
  cluster.kill('c');
  // Two of three have lost their memory: nothing can be committed any more, but by an operator's word.
  const c = await cluster.start('c', { starting: { as: 'recover', snapshot } });
  await cluster.clock.pass(10_000);
  t.deepEqual(c.participation, { type: 'passive' });
  await cluster.clock.run(c.forceActive());
  t.deepEqual(c.participation, { type: 'active' });
  t.is(await cluster.append('a', add()), 2);
  await cluster.clock.run(c.forceActive());
  t.is(await cluster.append('c', add()), 3);
  await cluster.stopAll();
});

test('forceActive is refused where the log knows nothing of the node, where it is no member, and after the stop', async (t) => {
  const cluster = new TestCluster({ window: 4 });
  const a = await cluster.start('a');
  t.like(await cluster.clock.failure(a.forceActive()), { code: 'PAXAKOS_PASSIVE' });
  await cluster.start('b');
  await cluster.start('c');
  await cluster.clock.until(() => cluster.nodes.every(({ participation }) => participation.type === 'active'));
  await cluster.append('a', setMembers('a', 'b'));
  await cluster.clock.until(() => cluster.node('c').participation.type === 'passive');
  t.like(await cluster.clock.failure(cluster.node('c').forceActive()), { code: 'PAXAKOS_EXILED' });
  await cluster.stop('a');
  t.like(await cluster.clock.failure(a.forceActive()), { code: 'PAXAKOS_STOPPED' });
  await cluster.stopAll();
});

test('nodes of different clusters on one bus do not hear one another', async (t) => {
  const network = memoryNetwork();
  const first = new TestCluster({ ids: ['a'] });
  await first.start('a', { transport: network.transport('a'), cluster: 'one' });
  const second = new TestCluster({ ids: ['b'] });
  await second.start('b', { transport: network.transport('b'), cluster: 'two' });
  await first.clock.until(() => first.node('a').participation.type === 'active');
  await second.clock.until(() => second.node('b').participation.type === 'active');
  t.is(await first.append('a', add(1)), 1);
  t.is(await second.append('b', add(2)), 2);
  await Promise.all([first.stopAll(), second.stopAll()]);
});
