// Snapshots that must not be taken for more than they are: each of these made a node forget, or apply twice.
import test from 'ava';
import { defineDecoration, isPaxakosError } from '../../src/index.ts';
import { startedCluster } from './test-cluster.ts';
import { TestDisk } from './test-disk.ts';
import { add } from './test-state.ts';

test('P10: a resume that was cut short leaves no incarnation without its memory', async (t) => {
  const cluster = await startedCluster();
  await cluster.append('a', add());
  await cluster.level();
  // a and c accept round 2, and a acknowledges it; b hears nothing of it.
  cluster.network.cut('b');
  t.is(await cluster.append('a', add(50)), 51);
  const snapshot = await cluster.stop('c');
  if (snapshot === undefined) return t.fail();
  cluster.network.heal();
  cluster.network.cut('a');
  const disk = new TestDisk();
  disk.mode = 'failsSnapshots';
  const starting = { as: 'resume', snapshot } as const;
  await t.throwsAsync(cluster.start('c', { starting, storage: disk.storage() }));
  disk.mode = 'works';
  await cluster.start('c', { starting, storage: disk.storage() });
  // c knows that round 2 is taken, and no longer by what: b must not place anything there.
  await t.throwsAsync(cluster.append('b', add(7)));
  cluster.network.heal();
  await cluster.append('b', add(8));
  await cluster.level();
  t.deepEqual(cluster.ledger('b').log, cluster.ledger('a').log);
  await cluster.stopAll();
});

test('P12: no snapshot is installed while the node stops', async (t) => {
  const cluster = await startedCluster();
  await cluster.append('a', add());
  await cluster.level();
  cluster.network.cut('b');
  for (let count = 0; count < 4; count += 1) await cluster.append('a', add());
  const given = await cluster.clock.run(cluster.node('a').takeSnapshot());
  const b = cluster.node('b');
  const stopping = b.stop();
  const refused = t.throwsAsync(b.installSnapshot(given), { code: 'PAXAKOS_STOPPED' });
  const final = await cluster.clock.run(stopping);
  await refused;
  t.is(final?.round, 1);
  await cluster.stopAll();
});

test('P12: no snapshot is installed before the node takes part', async (t) => {
  const cluster = await startedCluster({ disks: true });
  await cluster.append('a', add());
  await cluster.level();
  cluster.network.cut('b');
  for (let count = 0; count < 4; count += 1) await cluster.append('a', add());
  const given = await cluster.clock.run(cluster.node('a').takeSnapshot());
  cluster.kill('b');
  let refusal: unknown;
  const early = defineDecoration()({
    name: 'early',
    async install({ node }) {
      refusal = await node.installSnapshot(given).catch((error: unknown) => error);
      return {};
    },
  });
  await cluster.start('b', { build: (builder) => builder.with(early) });
  t.true(isPaxakosError(refusal, 'PAXAKOS_SNAPSHOT'));
  cluster.network.heal();
  await cluster.level();
  t.deepEqual(cluster.ledger('b').log, cluster.ledger('a').log);
  await cluster.stopAll();
});

test('P10: only the final snapshot of a stopped node is resumed', async (t) => {
  const cluster = await startedCluster();
  await cluster.append('a', add());
  await cluster.level();
  const early = await cluster.clock.run(cluster.node('c').takeSnapshot());
  cluster.kill('c');
  const error = await t.throwsAsync(cluster.start('c', { starting: { as: 'resume', snapshot: early } }));
  t.true(isPaxakosError(error, 'PAXAKOS_SNAPSHOT'));
  t.regex(error?.message ?? '', /recover/);
  await cluster.start('c', { starting: { as: 'recover', snapshot: early } });
  await cluster.clock.until(() => cluster.node('c').participation.type === 'active', 20_000);
  await cluster.stopAll();
});

test('a snapshot that is installed in the turn in which the state is given up stays, and is applied to', async (t) => {
  const cluster = await startedCluster();
  await cluster.append('a', add());
  await cluster.level();
  const given = await cluster.clock.run(cluster.node('a').takeSnapshot());
  const b = cluster.node('b');
  const installing = b.installSnapshot(given);
  const ejecting = b.eject('it was found wrong');
  await cluster.clock.run(Promise.all([installing, ejecting]));
  t.not(b.status, 'disoriented');
  await cluster.append('a', add());
  await cluster.level();
  t.deepEqual(cluster.ledger('b').log, cluster.ledger('a').log);
  await cluster.stopAll();
});
