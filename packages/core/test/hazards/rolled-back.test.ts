// Goal: a node whose disk was put back to an older state is told so by whoever saw its votes, and votes no more (H9). Method: a copy
// of a disk, taken early and put in its place later, and a cluster that would lose an entry by its vote.
import test from 'ava';
import { never } from '../../src/index.ts';
import { startedCluster, type TestCluster } from '../node/test-cluster.ts';
import { add } from '../node/test-state.ts';

/** c is killed, and comes back with its disk as it was when only the first entry was there. Meanwhile b is out of reach. */
async function rolledBack(): Promise<TestCluster> {
  const cluster = await startedCluster({ disks: true });
  await cluster.append('b', add());
  await cluster.level();
  const disk = cluster.disks.get('c');
  if (disk === undefined) throw new Error('c has no disk');
  const early = { records: [...disk.records], recordsSince: disk.recordsSince };
  await cluster.append('a', add());
  await cluster.level();
  cluster.network.cut('b');
  await cluster.append('a', add(1_000));
  await cluster.level('a', 'c');
  cluster.kill('c');
  Object.assign(disk, early);
  return cluster;
}

test('H9: a node that comes back with an older disk is told what it voted, fails by name, and counts in no majority', async (t) => {
  const cluster = await rolledBack();
  const c = await cluster.start('c');
  await cluster.clock.until(() => c.status === 'failed');
  t.regex(String(c.failure), /put back to an older state; start the node on an empty one/);
  t.like(cluster.events('c', 'failure')[0], { error: c.failure });
  const { committed } = cluster.node('a');
  t.like(await cluster.clock.failure(cluster.node('a').append(add(), { retry: never })), { code: 'PAXAKOS_NO_QUORUM' });
  t.is(cluster.node('a').committed, committed);
  // With b, which has not heard of the last entry, it must not make a majority either.
  cluster.network.heal();
  cluster.network.cut('a');
  t.like(await cluster.clock.failure(cluster.node('b').append(add(), { retry: never })), { code: 'PAXAKOS_NO_QUORUM' });
  cluster.network.heal();
  t.true(((await cluster.append('b', add())) as number) >= 1_003, 'nothing that was acknowledged is lost');
  await cluster.stop('c').catch(() => {});
  await cluster.stopAll();
});

test('H9: started on an empty disk instead, it comes back as a lost memory does', async (t) => {
  const cluster = await rolledBack();
  Object.assign(cluster.disks.get('c') ?? {}, { records: [], recordsSince: 0 });
  const c = await cluster.start('c', { starting: { as: 'recover' } });
  await cluster.clock.pass(5_000);
  t.deepEqual(c.participation, { type: 'passive' });
  cluster.network.heal();
  await cluster.clock.until(() => c.participation.type === 'active');
  t.is(await cluster.append('c', add()), 1_003);
  await cluster.stopAll();
});

test('H9: a node that comes back with the disk that it left, or with a memory of its own, is not accused', async (t) => {
  const cluster = await startedCluster({ disks: true });
  for (const id of ['a', 'b', 'c', 'a']) await cluster.append(id, add());
  for (const id of ['c', 'b', 'a', 'c']) {
    cluster.kill(id);
    await cluster.start(id);
    await cluster.append('a', add());
  }
  await cluster.level();
  await cluster.clock.pass(10_000);
  t.true(cluster.nodes.every(({ status }) => status !== 'failed'));
  await cluster.stopAll();
});

test('H9: a node that an operator made vote without its memory is not accused of what it forgot, also after restarts', async (t) => {
  const cluster = await startedCluster({ disks: true });
  await cluster.append('a', add());
  await cluster.level();
  cluster.kill('b');
  cluster.kill('c');
  Object.assign(cluster.disks.get('c') ?? {}, { records: [], recordsSince: 0 });
  const c = await cluster.start('c', { starting: { as: 'recover' } });
  await cluster.clock.pass(5_000);
  await cluster.clock.run(c.forceActive());
  for (const end of ['killed', 'stopped', 'killed']) {
    if (end === 'killed') cluster.kill('c');
    else await cluster.stop('c');
    await cluster.start('c');
    await cluster.clock.pass(5_000);
    t.is(cluster.node('c').status, 'following', String(cluster.node('c').failure));
  }
  t.is(await cluster.append('a', add()), 2);
  await cluster.stopAll();
});
