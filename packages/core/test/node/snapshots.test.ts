// Snapshots: taken, installed, kept as bytes, and refused where they do not fit.
import test from 'ava';
import { InvalidError, SnapshotError } from '../../src/index.ts';
import { startedCluster, TestCluster } from './test-cluster.ts';
import { add, breakIt, type Ledger, setMembers } from './test-state.ts';

test('a snapshot brings a node that fell behind up to its round; the node then follows', async (t) => {
  const cluster = await startedCluster();
  await cluster.append('a', add());
  await cluster.level();
  cluster.network.cut('c');
  for (let count = 0; count < 20; count += 1) await cluster.append('a', add());
  const snapshot = await cluster.clock.run(cluster.node('a').takeSnapshot());
  t.is(snapshot.round, 21);
  await cluster.clock.run(cluster.node('c').installSnapshot(snapshot));
  t.deepEqual(cluster.events('c', 'install'), [{ type: 'install', round: 21 }]);
  t.is(cluster.node('c').round, 21);
  t.is(await cluster.node('c').read((state) => state.sum, { consistency: 'stale' }), 21);
  cluster.network.heal();
  t.is(await cluster.append('a', add()), 22);
  await cluster.level();
  t.deepEqual(cluster.logs('c'), cluster.logs('a'));
  await cluster.stopAll();
});

test('peers that no longer have the entries leave a node stranded; a snapshot helps it', async (t) => {
  const cluster = await startedCluster(
    { retain: 0, disks: true, tuning: { recentBytesMax: 1 } },
    { snapshotEveryBytes: 500 },
  );
  await cluster.append('a', add());
  await cluster.level();
  cluster.network.cut('c');
  for (let count = 0; count < 50; count += 1) await cluster.append('a', add());
  cluster.network.heal();
  await cluster.clock.until(() => cluster.events('c', 'stranded').length > 0);
  const [stranded] = cluster.events('c', 'stranded');
  t.is(stranded?.round, 2);
  t.true((stranded?.retained ?? 0) > 2);
  t.is(cluster.node('c').status, 'lagging');
  await cluster.clock.run(cluster.node('c').installSnapshot(await cluster.clock.run(cluster.node('b').takeSnapshot())));
  await cluster.level();
  t.is(cluster.node('c').status, 'following');
  t.is(await cluster.append('c', add()), 52);
  await cluster.stopAll();
});

test('a snapshot is bytes: it can be kept and sent, and what the caller does to them later changes nothing (H62)', async (t) => {
  const cluster = await startedCluster();
  await cluster.append('a', add(9));
  await cluster.level();
  cluster.network.cut('c');
  await cluster.append('a', add(1));
  const taken = await cluster.clock.run(cluster.node('a').takeSnapshot());
  const sent = JSON.parse(JSON.stringify({ ...taken, bytes: Buffer.from(taken.bytes).toString('base64') }));
  const snapshot = { round: sent.round, bytes: Buffer.from(sent.bytes, 'base64') };
  taken.bytes.fill(0);
  await cluster.clock.run(cluster.node('c').installSnapshot(snapshot));
  snapshot.bytes.fill(0);
  t.is(await cluster.node('c').read((state) => state.sum, { consistency: 'stale' }), 10);
  cluster.network.heal();
  t.is(await cluster.append('c', add(1)), 11);
  await cluster.stopAll();
});

test('a snapshot that is damaged, cut short or no snapshot is refused, and the node goes on', async (t) => {
  const cluster = await startedCluster();
  await cluster.append('a', add());
  await cluster.level();
  cluster.network.cut('c');
  await cluster.append('a', add());
  const { round, bytes } = await cluster.clock.run(cluster.node('a').takeSnapshot());
  const c = cluster.node('c');
  const damaged = bytes.map((byte, at) => (at === bytes.length >> 1 ? byte ^ 1 : byte));
  for (const wrong of [damaged, bytes.slice(0, -1), bytes.slice(0, 9), new Uint8Array(), new Uint8Array(100)]) {
    const error = await cluster.clock.failure(c.installSnapshot({ round, bytes: wrong }));
    t.true(error instanceof SnapshotError);
  }
  for (const wrong of [undefined, {}, { round, bytes: 'text' }, { round, bytes: [...bytes] }]) {
    const error = await cluster.clock.failure(c.installSnapshot(wrong as never));
    t.true(error instanceof SnapshotError || error instanceof InvalidError, String(error));
  }
  cluster.network.heal();
  t.is(await cluster.append('c', add()), 3);
  await cluster.stopAll();
});

test('a snapshot of another cluster, or not ahead of the node, is refused', async (t) => {
  const cluster = await startedCluster();
  await cluster.append('a', add());
  const old = await cluster.clock.run(cluster.node('a').takeSnapshot());
  await cluster.append('a', add());
  await cluster.level();
  const error = await cluster.clock.failure(cluster.node('b').installSnapshot(old));
  t.true(error instanceof SnapshotError);
  t.regex(String(error), /stands after round 1, and this node is at 2/);
  const same = await cluster.clock.run(cluster.node('b').takeSnapshot());
  t.regex(String(await cluster.clock.failure(cluster.node('b').installSnapshot(same))), /after round 2/);
  const others = new TestCluster();
  await others.startAll({ cluster: 'other' });
  for (let count = 0; count < 3; count += 1) await others.append('a', add());
  const foreign = await others.clock.run(others.node('a').takeSnapshot());
  t.regex(
    String(await cluster.clock.failure(cluster.node('b').installSnapshot(foreign))),
    /of the cluster "other", and this node of "paxakos"/,
  );
  await Promise.all([cluster.stopAll(), others.stopAll()]);
});

test('there is no snapshot before the founding, nor without a state, nor after the stop', async (t) => {
  const cluster = new TestCluster();
  const a = await cluster.start('a');
  t.regex(String(await cluster.clock.failure(a.takeSnapshot())), /has not been founded/);
  await cluster.start('b');
  await cluster.start('c');
  await cluster.clock.until(() => a.participation.type === 'active');
  t.is((await cluster.clock.run(a.takeSnapshot())).round, 0);
  await cluster.clock.run(a.eject('wrong'));
  t.regex(String(await cluster.clock.failure(a.takeSnapshot())), /there is no state/);
  await cluster.stop('a');
  t.like(await cluster.clock.failure(a.takeSnapshot()), { code: 'PAXAKOS_STOPPED' });
  t.like(await cluster.clock.failure(a.installSnapshot({ round: 1, bytes: new Uint8Array() })), {
    code: 'PAXAKOS_STOPPED',
  });
  await cluster.stopAll();
});

test('H65: a state that cannot be frozen or thawed is a SnapshotError with its cause', async (t) => {
  const cluster = await startedCluster();
  await cluster.append('a', add());
  const cause = new Error('freeze broke');
  const snapshot = await cluster.clock.run(cluster.node('a').takeSnapshot());
  cluster.ledger('a').freeze = () => {
    throw cause;
  };
  t.like(await cluster.clock.failure(cluster.node('a').takeSnapshot()), { code: 'PAXAKOS_SNAPSHOT', cause });
  t.is(await cluster.append('a', add()), 2);
  delete (cluster.ledger('a') as Partial<Ledger>).freeze;
  const state = {
    create: () => cluster.ledger('b'),
    thaw: () => {
      throw cause;
    },
  };
  const starting = { as: 'recover', snapshot } as const;
  const error = await t.throwsAsync(cluster.start('d', { starting, state }));
  t.like(error, { code: 'PAXAKOS_SNAPSHOT', cause });
  await cluster.stopAll();
});

test('H65: a freeze that breaks while the node keeps its log short is reported, and the node goes on', async (t) => {
  const cluster = await startedCluster({ disks: true }, { snapshotEveryBytes: 200 });
  const disk = cluster.disks.get('b');
  for (let count = 0; count < 10; count += 1) await cluster.append('a', add());
  await cluster.level();
  t.true((disk?.snapshot?.round ?? 0) > 0, 'snapshots are taken on the way');
  cluster.ledger('b').freeze = () => {
    throw new Error('freeze broke');
  };
  for (let count = 0; count < 10; count += 1) await cluster.append('a', add());
  await cluster.level();
  t.true(cluster.events('b', 'hookError').length > 0);
  t.is(cluster.events('b', 'hookError')[0]?.hook, 'state.freeze');
  t.is(cluster.node('b').status, 'following');
  t.is(cluster.node('b').round, 20);
  await t.throwsAsync(cluster.stop('b'), { code: 'PAXAKOS_SNAPSHOT' });
  t.is(cluster.disks.get('b')?.mode, 'works');
});

test('an outcome that a snapshot jumps over is not had: its appender is told', async (t) => {
  const cluster = await startedCluster();
  await cluster.append('a', add());
  const commit = await cluster.clock.run(cluster.node('a').append(add(), { round: { from: 5, to: 5 } }));
  const applied = commit.applied();
  applied.catch(() => {});
  cluster.network.cut('a');
  for (let count = 0; count < 6; count += 1) await cluster.append('b', add());
  const snapshot = await cluster.clock.run(cluster.node('b').takeSnapshot());
  if (cluster.node('a').round >= 5) return t.fail('the rounds below were filled before');
  await cluster.clock.run(cluster.node('a').installSnapshot(snapshot));
  t.like(await cluster.clock.failure(applied, 0), { code: 'PAXAKOS_DISORIENTED' });
  return cluster.stopAll();
});

test('an ejected node is repaired by a snapshot, even one that it was past (eject)', async (t) => {
  const cluster = await startedCluster({ disks: true });
  await cluster.append('a', add(1));
  await cluster.level();
  const snapshot = await cluster.clock.run(cluster.node('a').takeSnapshot());
  await cluster.append('a', add(2));
  await cluster.level();
  await cluster.clock.run(cluster.node('c').eject('it smelled'));
  t.is(cluster.node('c').status, 'disoriented');
  t.deepEqual(cluster.events('c', 'eject'), [{ type: 'eject', reason: 'it smelled', round: 2 }]);
  t.like(await cluster.clock.failure(cluster.node('c').read(() => 1, { consistency: 'stale' })), {
    code: 'PAXAKOS_DISORIENTED',
  });
  await cluster.append('a', add(3));
  await cluster.clock.run(cluster.node('c').installSnapshot(snapshot));
  await cluster.level();
  t.is(cluster.node('c').status, 'following');
  t.deepEqual(cluster.logs('c'), cluster.logs('a'));
  t.is(await cluster.append('c', add(4)), 10);
  // What could not be stored while it was behind is stored once it is level.
  t.true((cluster.disks.get('c')?.snapshot?.round ?? 0) >= 3);
  cluster.kill('c');
  await cluster.start('c');
  await cluster.level();
  t.deepEqual(cluster.logs('c'), cluster.logs('a'));
  await cluster.stopAll();
});

test('an apply that throws makes every node eject its state, and its appender gets no outcome', async (t) => {
  const cluster = await startedCluster();
  await cluster.append('a', add(1));
  await cluster.level();
  const good = await cluster.clock.run(cluster.node('a').takeSnapshot());
  const commit = await cluster.clock.run(cluster.node('a').append(breakIt('throw')));
  t.like(await cluster.clock.failure(commit.applied()), { code: 'PAXAKOS_DISORIENTED' });
  await cluster.clock.until(() => cluster.nodes.every(({ status }) => status === 'disoriented'));
  t.regex(String(cluster.events('b', 'eject')[0]?.reason), /apply broke/);
  t.is(cluster.events('b', 'eject')[0]?.round, 1);
  // A snapshot from before it leads to the same entry, and to the same end.
  await cluster.clock.run(cluster.node('b').installSnapshot(good));
  await cluster.clock.until(() => cluster.events('b', 'eject').length === 2);
  t.is(cluster.node('b').status, 'disoriented');
  await cluster.stopAll();
});

test('H61: an apply that gives a promise is refused as an apply that throws', async (t) => {
  const cluster = await startedCluster();
  const commit = await cluster.clock.run(cluster.node('a').append(breakIt('promise')));
  t.like(await cluster.clock.failure(commit.applied()), { code: 'PAXAKOS_DISORIENTED' });
  await cluster.clock.until(() => cluster.node('a').status === 'disoriented');
  t.regex(String(cluster.events('a', 'eject')[0]?.reason), /state\.apply\(\) is .*must not be asynchronous/);
  await cluster.stopAll();
});

test('a snapshot holds members and window: what comes after is governed alike', async (t) => {
  const cluster = await startedCluster({ window: 4 });
  await cluster.append('a', setMembers('a', 'b'));
  for (let count = 0; count < 10; count += 1) await cluster.append('a', add());
  const snapshot = await cluster.clock.run(cluster.node('a').takeSnapshot());
  cluster.network.cut('b');
  await cluster.clock.run(cluster.node('b').eject('repair'));
  await cluster.clock.run(cluster.node('b').installSnapshot(snapshot));
  cluster.network.heal();
  t.deepEqual(cluster.node('b').cluster, [{ id: 'a' }, { id: 'b' }]);
  t.deepEqual(cluster.node('b').participation, { type: 'active' });
  t.is(await cluster.append('b', add()), 11);
  cluster.network.cut('c');
  t.is(await cluster.append('b', add()), 12);
  await cluster.stopAll();
});
