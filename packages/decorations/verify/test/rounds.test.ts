// Goal: a state that is not that of a majority is found at the next check point. Method: clusters whose states a test corrupts.
import { isPaxakosError } from '@paxakos/core';
import test from 'ava';
import { DivergedError } from '../src/index.ts';
import { startedCluster } from './test-cluster.ts';
import { setMembers } from './test-state.ts';

const byRounds = { verify: { everyRounds: 10, intervalMs: Number.POSITIVE_INFINITY } };

test('equal states are confirmed in each round that is a multiple of everyRounds, on every node', async (t) => {
  const cluster = await startedCluster(byRounds);
  await cluster.appendTo('a', 35);
  await cluster.level();
  for (const id of cluster.ids) {
    t.deepEqual(
      cluster.checks(id, 'equal').map(({ round }) => round),
      [10, 20, 30],
    );
    t.is(cluster.node(id).verify.lastConfirmed, 30);
  }
  await cluster.stopAll();
});

test('a corrupted state is given up within one interval, and the node says in which rounds it went wrong', async (t) => {
  const cluster = await startedCluster(byRounds);
  await cluster.appendTo('a', 24);
  await cluster.level();
  cluster.state('c').sum += 1;
  await cluster.appendTo('a', 29);
  await cluster.level();
  t.is(cluster.node('c').status, 'following');
  await cluster.appendTo('a', 30);
  await cluster.clock.until(() => cluster.node('c').status === 'disoriented');
  const [eject] = cluster.events('c', 'eject');
  t.true(eject?.reason instanceof DivergedError);
  t.true(isPaxakosError(eject?.reason, 'PAXAKOS_DIVERGED'));
  t.like(eject?.reason, { from: 21, to: 30, name: 'DivergedError' });
  t.regex(String(eject?.reason), /rounds 21 to 30/);
  t.deepEqual(
    cluster.checks('c', 'diverged').map(({ round, error }) => [round, error]),
    [[30, eject?.reason]],
  );
  for (const id of ['a', 'b']) {
    t.is(cluster.node(id).verify.lastConfirmed, 30);
    t.deepEqual(cluster.events(id, 'eject'), []);
  }
  t.is(cluster.node('c').verify.lastConfirmed, undefined);
  await cluster.stopAll();
});

test('the leader gives its own state up, too, where it is the one that is wrong', async (t) => {
  const cluster = await startedCluster(byRounds);
  await cluster.appendTo('a', 15);
  cluster.state('a').sum += 1;
  await cluster.appendTo('a', 20);
  await cluster.clock.until(() => cluster.node('a').status === 'disoriented');
  await cluster.appendTo('b', 30);
  t.is(cluster.node('b').verify.lastConfirmed, 30);
  await cluster.stopAll();
});

test('a state that was wrong from the beginning says 1', async (t) => {
  const cluster = await startedCluster(byRounds);
  cluster.state('b').sum += 1;
  await cluster.appendTo('a', 10);
  await cluster.clock.until(() => cluster.node('b').status === 'disoriented');
  t.like(cluster.events('b', 'eject')[0]?.reason, { from: 1, to: 10 });
  await cluster.stopAll();
});

test('where there is no majority nobody is ejected, and each node says that states differ', async (t) => {
  const cluster = await startedCluster({ ...byRounds, ids: ['a', 'b'] });
  cluster.state('b').sum += 1;
  await cluster.appendTo('a', 10);
  await cluster.clock.pass(20_000);
  for (const id of cluster.ids) {
    t.deepEqual(cluster.checks(id, 'undecided'), [{ type: 'undecided', round: 10 }]);
    t.deepEqual(cluster.events(id, 'eject'), []);
  }
  await cluster.stopAll();
});

test('digests that were lost are asked for', async (t) => {
  const cluster = await startedCluster({ ...byRounds, seed: 5 });
  await cluster.appendTo('a', 5);
  cluster.state('c').sum += 1;
  cluster.network.setAll({ loss: 0.4, delayMs: 1, jitterMs: 30 });
  await cluster.appendTo('a', 10);
  await cluster.clock.until(() => cluster.node('c').status === 'disoriented', 20_000);
  await cluster.clock.until(() => ['a', 'b'].every((id) => cluster.node(id).verify.lastConfirmed === 10), 20_000);
  t.pass();
  await cluster.stopAll();
});

test('a node that lags is compared when it gets there, and whoever was wrong is found then', async (t) => {
  const cluster = await startedCluster(byRounds);
  await cluster.appendTo('a', 5);
  await cluster.level();
  cluster.network.cut('c');
  cluster.state('b').sum += 1;
  await cluster.appendTo('a', 12);
  await cluster.clock.pass(30_000);
  t.deepEqual(cluster.checks('b', 'undecided'), [{ type: 'undecided', round: 10 }]);
  t.is(cluster.node('b').status, 'following');
  cluster.network.heal();
  await cluster.clock.until(() => cluster.node('b').status === 'disoriented');
  await cluster.clock.until(() => ['a', 'c'].every((id) => cluster.node(id).verify.lastConfirmed === 10));
  await cluster.stopAll();
});

test('a node that jumps over check points by a snapshot goes on with the next', async (t) => {
  const cluster = await startedCluster(byRounds);
  await cluster.appendTo('a', 15);
  await cluster.clock.run(cluster.node('c').eject('by hand'));
  await cluster.appendTo('a', 34);
  const snapshot = await cluster.clock.run(cluster.node('a').takeSnapshot());
  await cluster.clock.run(cluster.node('c').installSnapshot(snapshot));
  t.is(cluster.node('c').verify.lastConfirmed, undefined);
  await cluster.appendTo('a', 41);
  await cluster.level();
  t.deepEqual(
    cluster.checks('c', 'equal').map(({ round }) => round),
    [10, 40],
  );
  await cluster.stopAll();
});

test('only members count', async (t) => {
  const cluster = await startedCluster(byRounds);
  await cluster.append('a', setMembers('a', 'b', 'c', 'd', 'e'));
  await cluster.start('d', { starting: { as: 'join' } });
  await cluster.level();
  await cluster.append('a', setMembers('a', 'b', 'c'));
  await cluster.level();
  cluster.state('c').sum += 1;
  cluster.state('d').sum += 1;
  const next = Math.ceil((cluster.node('a').round + 1) / 10) * 10;
  await cluster.appendTo('a', next);
  await cluster.clock.until(() => cluster.node('c').status === 'disoriented');
  await cluster.clock.until(() => cluster.node('a').verify.lastConfirmed === next);
  t.is(cluster.node('a').status, 'leading');
  await cluster.stopAll();
});
