// A node and its storage: nothing is acknowledged before it is durable, and a storage that fails, throws or hangs ends in a
// named status, never in a false word.
import test from 'ava';
import { isPaxakosError, never } from '../../src/index.ts';
import { startedCluster, type TestCluster } from './test-cluster.ts';
import { add } from './test-state.ts';

const diskOf = (cluster: TestCluster, id: string) => {
  const disk = cluster.disks.get(id);
  if (disk === undefined) throw new Error(`node ${id} has no disk`);
  return disk;
};

test('H8: all nodes lose power at once; they come back without help and hold every acknowledged entry', async (t) => {
  for (let seed = 1; seed <= 8; seed += 1) {
    const cluster = await startedCluster({ disks: true, seed });
    const acknowledged: string[] = [];
    const entries = Array.from({ length: 40 }, () => add());
    for (const [index, entry] of entries.entries()) {
      cluster
        .node(cluster.ids[index % 2] ?? 'a')
        .append(entry)
        .then(
          () => acknowledged.push(entry.id),
          () => {},
        );
      if (index % 4 === 0) await Promise.resolve();
      if (index === 10 + seed * 3) break;
    }
    await cluster.clock.pass(seed % 3);
    for (const id of cluster.ids) cluster.kill(id);
    const before = [...acknowledged];
    for (const id of cluster.ids) await cluster.start(id);
    await cluster.append('c', add());
    await cluster.level();
    for (const log of cluster.logs())
      t.deepEqual(
        before.filter((id) => !log.includes(id)),
        [],
      );
    const [first, ...others] = cluster.logs();
    for (const log of others) t.deepEqual(log, first);
    await cluster.stopAll();
  }
});

test('a node that restarts on its storage has its state, its round and its vote at once', async (t) => {
  const cluster = await startedCluster({ disks: true });
  for (let count = 0; count < 10; count += 1) await cluster.append('a', add());
  await cluster.level();
  const { incarnation } = cluster.node('c');
  cluster.kill('c');
  const c = await cluster.start('c');
  t.is(c.incarnation, incarnation);
  t.deepEqual(c.participation, { type: 'active' });
  t.is(await c.read((state) => state.sum, { consistency: 'stale' }), c.round);
  await cluster.level();
  t.deepEqual(cluster.logs('c'), cluster.logs('a'));
  cluster.kill('b');
  t.is(await cluster.append('a', add()), 11);
  await cluster.stopAll();
});

test('a node that restarts on a snapshot and the log after it has the same state', async (t) => {
  const cluster = await startedCluster({ disks: true }, { snapshotEveryBytes: 1_000 });
  for (let count = 0; count < 50; count += 1) await cluster.append('a', add());
  await cluster.level();
  t.true((diskOf(cluster, 'b').snapshot?.round ?? 0) > 10);
  cluster.kill('b');
  const b = await cluster.start('b');
  t.true(b.round > 10);
  await cluster.level();
  t.deepEqual(cluster.logs('b'), cluster.logs('a'));
  await cluster.stopAll();
});

test('H1, H3: without a word from its disk an acceptor says nothing, and forgets nothing that it said', async (t) => {
  const cluster = await startedCluster({ disks: true, tuning: { persistMsMax: 60_000 } });
  cluster.network.cut('c');
  diskOf(cluster, 'b').mode = 'hangs';
  const error = await cluster.clock.failure(cluster.node('a').append(add(), { retry: never }));
  t.true(isPaxakosError(error, 'PAXAKOS_NO_QUORUM'), 'b must not promise or accept before it is durable');
  t.is(cluster.node('a').committed, 0);
  cluster.kill('b');
  await cluster.start('b');
  await cluster.append('a', add());
  await cluster.level('a', 'b');
  t.deepEqual(cluster.logs('a'), cluster.logs('b'));
  await cluster.stopAll();
});

test('H3: a single node acknowledges nothing before its own disk does', async (t) => {
  const cluster = await startedCluster({ ids: ['a'], disks: true, tuning: { persistMsMax: 60_000 } });
  t.is(await cluster.append('a', add()), 1);
  diskOf(cluster, 'a').mode = 'hangs';
  let isAcknowledged = false;
  cluster
    .node('a')
    .append(add(), { retry: never })
    .then(
      () => {
        isAcknowledged = true;
      },
      () => {},
    );
  await cluster.clock.pass(10_000);
  t.false(isAcknowledged);
  t.is(cluster.node('a').round, 1);
  cluster.kill('a');
  await cluster.start('a');
  t.is(cluster.ledger('a').log.length, 1);
  await cluster.stopAll();
});

for (const mode of ['fails', 'throws'] as const) {
  test(`H45, H46: a write that ${mode} ends in status failed; nothing is acknowledged then, and the cluster goes on`, async (t) => {
    const cluster = await startedCluster({ disks: true });
    await cluster.append('a', add());
    await cluster.level();
    const a = cluster.node('a');
    diskOf(cluster, 'a').mode = mode;
    const error = await cluster.clock.failure(a.append(add(), { retry: () => 10 }));
    t.like(error, { code: 'PAXAKOS_SHUT_DOWN', effect: 'unknown' });
    t.is(a.status, 'failed');
    t.is((error as Error).cause, a.failure);
    t.is(cluster.events('a', 'failure')[0]?.error, a.failure);
    t.deepEqual(cluster.events('a', 'statusChange').at(-1), { type: 'statusChange', from: 'leading', to: 'failed' });
    // The disk works again, and still the node says nothing: it cannot know what the disk has kept.
    diskOf(cluster, 'a').mode = 'works';
    t.like(await cluster.clock.failure(a.append(add())), { code: 'PAXAKOS_SHUT_DOWN', effect: 'none' });
    t.is(await a.read((state) => state.sum, { consistency: 'stale' }), 1);
    await cluster.append('b', add());
    const { round } = a;
    await cluster.clock.pass(10_000);
    t.is(a.round, round);
    t.is(await cluster.stop('a'), undefined);
    t.is(a.status, 'stopped');
    await cluster.start('a');
    await cluster.level();
    t.deepEqual(cluster.logs('a'), cluster.logs('b'));
    await cluster.stopAll();
  });
}

test('H45: an acceptor whose sync fails counts in no majority any more', async (t) => {
  const cluster = await startedCluster({ disks: true });
  await cluster.append('a', add());
  cluster.network.cut('c');
  diskOf(cluster, 'b').mode = 'fails';
  t.like(await cluster.clock.failure(cluster.node('a').append(add(), { retry: never })), { code: 'PAXAKOS_NO_QUORUM' });
  t.is(cluster.node('b').status, 'failed');
  t.is(cluster.node('a').committed, 1);
  await cluster.stopAll();
});

test('H47: a disk that hangs costs the leader its leadership within a bound, and the cluster goes on', async (t) => {
  const cluster = await startedCluster({ disks: true, tuning: { persistMsMax: 3_000 } });
  await cluster.append('a', add());
  await cluster.level();
  diskOf(cluster, 'a').mode = 'hangs';
  // The others accept, so these are committed: but a's own word is lacking, for ever.
  await cluster.clock.run(cluster.node('a').append(add()));
  t.is(cluster.node('a').status, 'leading');
  cluster.network.cut('b');
  cluster
    .node('a')
    .append(add(), { retry: never })
    .catch(() => {});
  await cluster.clock.until(() => cluster.node('a').status !== 'leading', 12_000);
  cluster.network.heal();
  await cluster.append('b', add());
  await cluster.level('b', 'c');
  t.deepEqual(cluster.logs('b'), cluster.logs('c'));
  cluster.kill('a');
  await cluster.stopAll();
});

test('H47: a node whose disk hangs can be stopped: it says so, and leaves nothing open', async (t) => {
  const cluster = await startedCluster({ disks: true, tuning: { persistMsMax: 3_000 } });
  await cluster.append('a', add());
  diskOf(cluster, 'b').mode = 'hangs';
  await cluster.append('a', add());
  const b = cluster.node('b');
  const stopped = b.stop();
  t.like(await cluster.clock.failure(stopped, 10_000), { code: 'PAXAKOS_STORAGE_FAILED' });
  t.is(b.status, 'stopped');
  t.is(cluster.pending('b'), 0);
  cluster.kill('b');
  await cluster.stopAll();
});

test('a write that fails while the node stops is told by stop()', async (t) => {
  const cluster = await startedCluster({ disks: true });
  await cluster.append('a', add());
  await cluster.level();
  diskOf(cluster, 'c').mode = 'fails';
  t.like(await cluster.clock.failure(cluster.node('c').stop()), { code: 'PAXAKOS_STORAGE_FAILED' });
  t.is(cluster.node('c').status, 'stopped');
  cluster.kill('c');
  await cluster.stopAll();
});

test('a snapshot that cannot be stored ends in status failed', async (t) => {
  const cluster = await startedCluster({ disks: true }, { snapshotEveryBytes: 500 });
  const disk = diskOf(cluster, 'c');
  disk.mode = 'failsSnapshots';
  for (let count = 0; count < 20; count += 1) await cluster.append('a', add());
  await cluster.clock.until(() => cluster.node('c').status === 'failed');
  t.like(cluster.node('c').failure, { code: 'PAXAKOS_STORAGE_FULL' });
  t.is(await cluster.append('a', add()), 21);
  cluster.network.cut('b');
  t.like(await cluster.clock.failure(cluster.node('a').append(add(0), { retry: never })), {
    code: 'PAXAKOS_NO_QUORUM',
  });
  cluster.network.heal();
  cluster.kill('c');
  await cluster.start('c');
  await cluster.level();
  t.deepEqual(cluster.logs('c'), cluster.logs('a'));
  await cluster.stopAll();
});

test('the log of another node, or of another cluster, is refused', async (t) => {
  const cluster = await startedCluster({ disks: true });
  await cluster.append('a', add());
  for (const id of ['a', 'b']) await cluster.stop(id);
  const [disk] = cluster.disks.values();
  const other = await t.throwsAsync(cluster.start('b', { storage: disk?.storage() as never }));
  t.like(other, { code: 'PAXAKOS_STORAGE_FOREIGN' });
  t.regex(String(other), /node "a" of cluster "paxakos", and not of node "b"/);
  const foreign = await t.throwsAsync(cluster.start('a', { storage: disk?.storage() as never, cluster: 'other' }));
  t.like(foreign, { code: 'PAXAKOS_STORAGE_FOREIGN' });
  await cluster.start('a');
  await cluster.stopAll();
});

test('a log that begins in the middle, or holds nonsense, is refused as corrupt, not taken for what it is not', async (t) => {
  const cluster = await startedCluster({ disks: true });
  await cluster.append('a', add());
  cluster.kill('a');
  const disk = diskOf(cluster, 'a');
  const { records } = disk;
  disk.records = records.slice(1);
  disk.recordsSince = disk.records.length;
  t.like(await t.throwsAsync(cluster.start('a')), { code: 'PAXAKOS_STORAGE_CORRUPT' });
  disk.records = records.map((record, index) => (index === 2 ? { ...record, bytes: new Uint8Array([1, 99]) } : record));
  disk.recordsSince = records.length;
  t.like(await t.throwsAsync(cluster.start('a')), { code: 'PAXAKOS_STORAGE_CORRUPT' });
  disk.records = records.map((record, index) => (index === 2 ? { ...record, bytes: new Uint8Array([9, 1]) } : record));
  t.like(await t.throwsAsync(cluster.start('a')), { code: 'PAXAKOS_STORAGE_VERSION' });
  disk.records = records;
  await cluster.start('a');
  await cluster.level();
  t.deepEqual(cluster.logs('a'), cluster.logs('b'));
  await cluster.stopAll();
});

test('entries that have left the memory are served from the storage', async (t) => {
  const cluster = await startedCluster({ disks: true, tuning: { recentBytesMax: 1 } });
  await cluster.append('a', add());
  await cluster.level();
  cluster.network.cut('c');
  for (let count = 0; count < 50; count += 1) await cluster.append('a', add());
  cluster.network.heal();
  await cluster.level();
  t.deepEqual(cluster.logs('c'), cluster.logs('a'));
  t.is(cluster.ledger('c').log.length, 51);
  await cluster.stopAll();
});
