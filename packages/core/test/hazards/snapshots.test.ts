// Goal: snapshots, restarts and catching up do not get into one another's way (H37, H38, H40, H42). Method: whole nodes on a
// virtual clock, with something happening at every boundary in turn.
import test from 'ava';
import { isPaxakosError } from '../../src/index.ts';
import { startedCluster, TestCluster } from '../node/test-cluster.ts';
import { agree, load } from '../node/test-load.ts';
import { add } from '../node/test-state.ts';
import { watchedStorage } from './watched-storage.ts';

/** Installs a snapshot of one node at another one, if it is ahead. */
async function repairAt(to: string, from: string, cluster: TestCluster): Promise<void> {
  try {
    const snapshot = await cluster.clock.run(cluster.node(from).takeSnapshot());
    await cluster.clock.run(cluster.node(to).installSnapshot(snapshot));
  } catch (error) {
    if (!isPaxakosError(error, 'PAXAKOS_SNAPSHOT')) throw error;
  }
}

/** c is far behind, and nobody retains what it lacks. */
async function farBehind(seed: number): Promise<TestCluster> {
  const cluster = await startedCluster(
    { seed, disks: true, retain: 2, tuning: { recentBytesMax: 1 } },
    { snapshotEveryBytes: 300 },
  );
  await cluster.append('a', add());
  await cluster.level();
  cluster.network.cut('c');
  for (let count = 0; count < 20; count += 1) await cluster.append('a', add());
  cluster.network.setAll({ delayMs: 1, jitterMs: 3 });
  return cluster;
}

test('H37: snapshots that are taken, installed and compacted away while a node catches up, at any moment, converge', async (t) => {
  for (let boundary = 0; boundary < 12; boundary += 1) {
    const cluster = await farBehind(boundary);
    const working = load(cluster, ['a', 'b'], 2);
    cluster.network.heal();
    await cluster.clock.pass(boundary);
    await repairAt('c', 'a', cluster);
    await cluster.clock.pass(boundary % 4);
    await repairAt('c', 'b', cluster);
    await cluster.clock.pass(60);
    await working.stop();
    for (let attempt = 0; attempt < 5 && cluster.node('c').status === 'lagging'; attempt += 1) {
      await repairAt('c', 'a', cluster);
      await cluster.clock.pass(3_000);
    }
    await cluster.append('c', add());
    await cluster.level();
    const log = agree(cluster);
    t.is(new Set(log).size, log.length, `boundary ${boundary}`);
    t.deepEqual(
      working.acknowledged.filter((id) => !log.includes(id)),
      [],
    );
    t.true((cluster.disks.get('c')?.snapshot?.round ?? 0) > 20);
    await cluster.stopAll();
  }
});

for (const isWritten of [false, true]) {
  const when = isWritten ? 'after' : 'before';
  test(`H38: a node that dies right ${when} any one write, of the log or of a snapshot, applies each entry once`, async (t) => {
    const kinds = new Set<string>();
    for (let fatal = 1; fatal <= 18; fatal += 1) {
      const cluster = new TestCluster({ disks: true });
      let writes = Number.NEGATIVE_INFINITY;
      const disk = cluster.disks.get('b');
      const storage = watchedStorage(disk?.storage() as never, async (kind, write) => {
        writes += 1;
        if (writes < fatal) return write();
        if (writes === fatal) kinds.add(kind);
        if (writes === fatal && isWritten) await write();
        cluster.kill('b');
        return new Promise(() => {});
      });
      await Promise.all([
        cluster.start('a'),
        cluster.start('b', { storage, snapshotEveryBytes: 300 }),
        cluster.start('c'),
      ]);
      await cluster.clock.until(() => cluster.nodes.every(({ participation }) => participation.type === 'active'));
      writes = 0;
      for (let count = 0; count < 12; count += 1) await cluster.append('a', add());
      t.is(cluster.nodes.length, 2, `b died at write ${fatal}`);
      await cluster.start('b', { snapshotEveryBytes: 300 });
      await cluster.append('b', add());
      await cluster.level();
      const log = agree(cluster);
      t.is(log.length, 13, `${log.join()} after write ${fatal}`);
      t.is(new Set(log).size, 13);
      t.is(cluster.ledger('b').sum, 13);
      await cluster.stopAll();
    }
    t.deepEqual([...kinds].sort(), ['append', 'saveSnapshot']);
  });
}

test('H40: a snapshot that takes minutes to arrive and to be stored, with every timer due meanwhile, disturbs nobody', async (t) => {
  const cluster = new TestCluster({ disks: true, retain: 2, tuning: { recentBytesMax: 1 } });
  let slowMs = 0;
  const clock = cluster.clock.view();
  const storage = watchedStorage(cluster.disks.get('c')?.storage() as never, async (kind, write) => {
    if (kind === 'saveSnapshot') await new Promise<void>((resolve) => clock.after(slowMs, resolve));
    await write();
  });
  const each = { snapshotEveryBytes: 300 };
  await Promise.all([cluster.start('a', each), cluster.start('b', each), cluster.start('c', { storage })]);
  await cluster.clock.until(() => cluster.nodes.every(({ participation }) => participation.type === 'active'));
  await cluster.append('a', add());
  await cluster.level();
  cluster.network.cut('c');
  for (let count = 0; count < 30; count += 1) await cluster.append('a', add());
  cluster.network.heal();
  for (const id of ['a', 'b']) cluster.network.link(id, 'c').set({ delayMs: 20_000 });
  slowMs = 180_000;
  const changes: string[] = [];
  cluster.node('a').on('statusChange', ({ to }) => changes.push(to));
  const working = load(cluster, ['a'], 1);
  const snapshot = await cluster.clock.run(cluster.node('a').takeSnapshot());
  const installed = cluster.node('c').installSnapshot(snapshot);
  for (let minute = 0; minute < 2; minute += 1) {
    await cluster.clock.pass(200);
    await cluster.clock.jump(60_000);
  }
  const before = working.acknowledged.length;
  t.true(before > 20, `${before} while the snapshot is under way`);
  await cluster.clock.pass(200);
  t.true(working.acknowledged.length > before);
  await working.stop();
  t.deepEqual(changes, [], 'a leads all the time');
  await cluster.clock.run(installed, 400_000);
  t.true(cluster.node('c').round >= snapshot.round);
  for (const id of ['a', 'b']) cluster.network.link(id, 'c').set({ delayMs: 0 });
  slowMs = 0;
  await cluster.clock.pass(60_000);
  await repairAt('c', 'b', cluster);
  await cluster.level();
  agree(cluster);
  await cluster.stopAll();
});

test('H42: a node alone that restarts serves nothing before it has applied all that it acknowledged', async (t) => {
  for (const snapshotEveryBytes of [200, 1_000_000]) {
    const cluster = await startedCluster({ ids: ['a'], disks: true }, { snapshotEveryBytes });
    for (let life = 1; life <= 8; life += 1) {
      await cluster.clock.run(cluster.node('a').append(add()));
      cluster.kill('a');
      const a = await cluster.start('a', { snapshotEveryBytes });
      const read = a.read((state) => state.sum, { consistency: life % 2 === 0 ? 'linearizable' : 'stale' });
      t.is(await cluster.clock.run(read), life);
    }
    t.is(agree(cluster).length, 8);
    await cluster.stopAll();
  }
});
