// Status and participation of a node as it is founded, leads, lags, is cut off and stops.
import test from 'ava';
import { startedCluster, TestCluster } from './test-cluster.ts';
import { add } from './test-state.ts';

test('a cluster is founded when all founders have met, not before', async (t) => {
  const cluster = new TestCluster();
  const [a, b] = [await cluster.start('a'), await cluster.start('b')];
  await cluster.clock.pass(5_000);
  t.deepEqual([a?.participation, b?.participation], [{ type: 'passive' }, { type: 'passive' }]);
  await cluster.start('c');
  await cluster.clock.until(() => cluster.nodes.every((node) => node.participation.type === 'active'));
  t.deepEqual(
    cluster.nodes.map(({ status }) => status),
    ['following', 'following', 'following'],
  );
  t.deepEqual(cluster.events('a', 'activate'), [{ type: 'activate', participation: { type: 'active' } }]);
  await cluster.stopAll();
});

test('the node that appends leads, the others follow and name it', async (t) => {
  const cluster = await startedCluster();
  t.is(await cluster.append('a', add(3)), 3);
  await cluster.level();
  t.deepEqual(
    cluster.nodes.map(({ status, leader, round, committed }) => ({ status, leader, round, committed })),
    [
      { status: 'leading', leader: 'a', round: 1, committed: 1 },
      { status: 'following', leader: 'a', round: 1, committed: 1 },
      { status: 'following', leader: 'a', round: 1, committed: 1 },
    ],
  );
  t.deepEqual(cluster.logs('a'), cluster.logs('c'));
  await cluster.stopAll();
});
