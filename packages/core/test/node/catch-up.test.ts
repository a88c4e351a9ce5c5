// A node that was left behind catches up while the others go on, and everything acknowledged is there once.
import test from 'ava';
import { startedCluster } from './test-cluster.ts';
import { agree, load } from './test-load.ts';

/** Every acknowledged entry that is not in the log once. */
const lost = (log: readonly string[], acknowledged: readonly string[]): readonly string[] =>
  acknowledged.filter((id) => log.filter((other) => other === id).length !== 1);

test('H57: a node that comes back far behind catches up while the load goes on', async (t) => {
  const cluster = await startedCluster();
  cluster.network.cut('c');
  const working = load(cluster, ['a'], 2);
  await cluster.clock.pass(200);
  cluster.network.heal();
  try {
    await cluster.clock.until(() => cluster.node('c').round > 50, 5_000);
    t.is(cluster.node('c').status, 'following');
  } finally {
    await working.stop();
    await cluster.level();
    t.deepEqual(lost(agree(cluster), working.acknowledged.slice(-200)), []);
    await cluster.stopAll();
  }
});
