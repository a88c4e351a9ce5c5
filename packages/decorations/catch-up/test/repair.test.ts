// Goal: a node that was left behind for good, or has no state, gets a snapshot by itself. Method: clusters on a virtual clock.
import test from 'ava';
import { FakePeer } from './fake-peer.ts';
import { leftBehind, startedCluster, TestCluster } from './test-cluster.ts';
import { add, fill, setMembers } from './test-state.ts';

test('a node whose peers no longer have the entries that it lacks is level again without any call', async (t) => {
  const cluster = await leftBehind({ catchUp: { stalledMs: 86_400_000 } });
  t.true(cluster.node('c').round < 10);
  cluster.network.heal();
  await cluster.level();
  t.is(cluster.state('c').sum, 300);
  t.is(cluster.events('c', 'stranded').length, 1);
  t.is(cluster.events('c', 'install').length, 1);
  t.deepEqual(cluster.state('c').freeze(), cluster.state('a').freeze());
  await cluster.append('c', add());
  t.deepEqual(cluster.events('c', 'hookError'), []);
  await cluster.stopAll();
});

test('a node that is stranded asks for a snapshot from which on peers have the entries', async (t) => {
  const peer = new FakePeer();
  const cluster = new TestCluster({ catchUp: { stalledMs: 86_400_000 } });
  await Promise.all([cluster.start('a'), cluster.start('b', { fake: peer.install }), cluster.start('c')]);
  await cluster.append('a', add());
  await cluster.level();
  cluster.network.cut('c');
  await cluster.appendMany('a', 300);
  cluster.network.heal();
  await cluster.clock.until(() => peer.of('find').length > 0);
  const retained = cluster.events('c', 'stranded')[0]?.retained ?? 0;
  t.true(retained > 100);
  t.is(peer.of('find')[0]?.atLeast, retained - 1);
  await cluster.level('a', 'c');
  await cluster.stopAll();
});

test('without it, such a node stays behind', async (t) => {
  const cluster = await leftBehind({}, { flags: { catchUp: false } });
  cluster.network.heal();
  await cluster.clock.pass(60_000);
  t.is(cluster.node('c').status, 'lagging');
  t.true(cluster.node('c').round < 10);
  await cluster.stopAll();
});

test('a node that gave up its state is back', async (t) => {
  const cluster = await startedCluster();
  await cluster.appendMany('a', 20);
  const seen = new Set<boolean>();
  cluster.node('c').catchUp.onProgress(() => seen.add(cluster.node('c').catchUp.isCatchingUp));
  await cluster.clock.run(cluster.node('c').eject('it proved wrong'));
  await cluster.level();
  t.deepEqual([...seen], [true]);
  t.is(cluster.state('c').sum, 20);
  t.false(cluster.node('c').catchUp.isCatchingUp);
  t.is(cluster.node('c').catchUp.progress, undefined);
  await cluster.append('c', add());
  await cluster.level();
  t.is(cluster.state('c').sum, 21);
  await cluster.stopAll();
});

test('a node that lost its disk, and what the others no longer retain, is back', async (t) => {
  const cluster = await startedCluster();
  await cluster.appendMany('a', 300);
  cluster.kill('c');
  await cluster.start('c', { starting: { as: 'recover' } });
  await cluster.level();
  t.is(cluster.state('c').sum, 300);
  await cluster.clock.until(() => cluster.node('c').participation.type === 'active');
  await cluster.stopAll();
});

test('a new member gets the state', async (t) => {
  const cluster = await startedCluster();
  await cluster.appendMany('a', 300);
  await cluster.append('a', setMembers('a', 'b', 'c', 'd'));
  await cluster.start('d', { starting: { as: 'join' } });
  await cluster.level();
  t.is(cluster.state('d').sum, 300);
  t.deepEqual(
    cluster.node('d').cluster.map(({ id }) => id),
    ['a', 'b', 'c', 'd'],
  );
  await cluster.stopAll();
});

test('nodes that lost their state at once all get it from the one that they can reach', async (t) => {
  const cluster = await startedCluster({ ids: ['a', 'b', 'c', 'd', 'e'] });
  await cluster.append('a', fill(300_000));
  await cluster.level();
  for (const id of ['b', 'c']) for (const other of ['d', 'e']) cluster.network.cut(id, other);
  await Promise.all(['b', 'c'].map((id) => cluster.clock.run(cluster.node(id).eject('wrong'))));
  await cluster.level();
  t.deepEqual(cluster.progress('b').at(-1)?.peer, 'a');
  t.deepEqual(cluster.progress('c').at(-1)?.peer, 'a');
  await cluster.stopAll();
});

test('the last member that is left asks those that were dismissed', async (t) => {
  const cluster = await startedCluster();
  await cluster.append('a', add());
  await cluster.clock.pass(2_000);
  await cluster.append('a', setMembers('a'));
  await cluster.level();
  cluster.kill('b');
  await cluster.clock.run(cluster.node('a').eject('wrong'));
  await cluster.clock.until(() => cluster.node('a').status !== 'disoriented');
  t.is(cluster.state('a').sum, 1);
  await cluster.stopAll();
});
