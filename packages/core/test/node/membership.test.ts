// Changes of the members while the cluster is at work: added, removed, replaced; leaders too.
import test from 'ava';
import { isPaxakosError, never } from '../../src/index.ts';
import { startedCluster } from './test-cluster.ts';
import { agree, load } from './test-load.ts';
import { add, setMembers, setWindow } from './test-state.ts';

test('P9: every node derives the same members from the log, and says so', async (t) => {
  const cluster = await startedCluster({ ids: ['a', 'b', 'c', 'd', 'e'], window: 3 });
  const sets = [
    ['a', 'b', 'c'],
    ['a', 'b', 'c', 'd'],
    ['b', 'c', 'd', 'e', 'a'],
    ['c', 'd'],
    ['a', 'b', 'c', 'd', 'e'],
  ];
  for (const [index, ids] of sets.entries()) {
    const by = index < 3 ? 'b' : 'c';
    await cluster.append(by, setMembers(...ids));
    await cluster.append(by, add());
    await cluster.level();
    for (const node of cluster.nodes)
      t.deepEqual(
        node.cluster.map(({ id }) => id),
        ids,
      );
  }
  agree(cluster);
  await cluster.clock.until(() => cluster.nodes.every(({ participation }) => participation.type === 'active'));
  await cluster.append('a', add());
  await cluster.stopAll();
});

test('a change takes effect without traffic: the leader fills the rounds up to it', async (t) => {
  const cluster = await startedCluster({ window: 50 });
  await cluster.append('a', setMembers('a', 'b'));
  await cluster.clock.until(() => cluster.node('c').participation.type === 'passive', 5_000);
  t.like(await cluster.clock.failure(cluster.node('c').append(add())), { code: 'PAXAKOS_EXILED' });
  t.true(cluster.node('a').round >= 50);
  await cluster.stopAll();
});

test('H34: the leader is removed under load: it is exiled, and the others go on without it', async (t) => {
  const cluster = await startedCluster({ window: 16 });
  const working = load(cluster, ['a', 'b', 'c']);
  await cluster.clock.pass(200);
  t.true(cluster.nodes.some(({ status }) => status === 'leading'));
  const leader = cluster.nodes.find(({ status }) => status === 'leading')?.id ?? 'a';
  const others = cluster.ids.filter((id) => id !== leader);
  await cluster.append(leader, setMembers(...others));
  await cluster.clock.until(() => cluster.node(leader).participation.type === 'passive');
  const before = working.acknowledged.length;
  await cluster.clock.pass(2_000);
  t.true(working.acknowledged.length > before, 'the others went on');
  await working.stop();
  t.like(await cluster.clock.failure(cluster.node(leader).append(add())), { code: 'PAXAKOS_EXILED', effect: 'none' });
  t.not(cluster.node(leader).status, 'leading');
  t.deepEqual(
    working.failed.filter((error) => !isPaxakosError(error, 'PAXAKOS_EXILED')),
    [],
  );
  const log = agree(cluster, ...others);
  t.deepEqual(
    working.acknowledged.filter((id) => log.filter((other) => other === id).length !== 1),
    [],
  );
  await cluster.stopAll();
});

test('the leader is replaced by a node that joins', async (t) => {
  const cluster = await startedCluster({ window: 8 });
  const working = load(cluster, ['b', 'c'], 2);
  await cluster.append('a', add());
  await cluster.start('d', { starting: { as: 'join' } });
  await cluster.append('a', setMembers('b', 'c', 'd'));
  await cluster.clock.until(() => cluster.node('d').participation.type === 'active');
  await cluster.clock.until(() => cluster.node('a').participation.type === 'passive');
  await cluster.stop('a');
  cluster.kill('b');
  t.true(Number.isInteger(await cluster.append('d', add())));
  await working.stop().catch(() => {});
  await cluster.level('c', 'd');
  agree(cluster, 'c', 'd');
  await cluster.stopAll();
});

test('H32: a member that never starts does not lower availability', async (t) => {
  const cluster = await startedCluster({ window: 4 });
  await cluster.append('a', setMembers('a', 'b', 'c', 'd'));
  for (let count = 0; count < 10; count += 1) await cluster.append('a', add());
  cluster.kill('c');
  t.is(await cluster.append('a', add()), 11);
  t.is(await cluster.append('b', add()), 12);
  await cluster.stopAll();
});

test('H32: nor do several; a change that names a majority of strangers waits for them', async (t) => {
  const cluster = await startedCluster({ window: 4 });
  await cluster.append('a', setMembers('a', 'x', 'y', 'z', 'u'));
  for (let count = 0; count < 10; count += 1) await cluster.append('a', add());
  cluster.kill('c');
  t.is(await cluster.append('a', add()), 11);
  await cluster.stopAll();
});

test('a single node grows to three and shrinks to one again', async (t) => {
  const cluster = await startedCluster({ ids: ['a'], window: 4 });
  t.is(await cluster.append('a', add()), 1);
  for (const id of ['b', 'c']) await cluster.start(id, { starting: { as: 'join' } });
  await cluster.append('a', setMembers('a', 'b', 'c'));
  await cluster.clock.until(() => cluster.nodes.every(({ participation }) => participation.type === 'active'));
  t.is(await cluster.append('c', add()), 2);
  cluster.network.cut('a');
  t.is(await cluster.append('c', add()), 3);
  cluster.network.heal();
  await cluster.append('c', setMembers('b'));
  await cluster.clock.until(() => cluster.node('c').participation.type === 'passive');
  await cluster.level();
  cluster.kill('a');
  cluster.kill('c');
  t.is(await cluster.append('b', add()), 4);
  await cluster.stopAll();
});

test('H30: quick successive changes while a node is cut off: no two majorities choose apart', async (t) => {
  const cluster = await startedCluster({ ids: ['a', 'b', 'c', 'd', 'e'], window: 2 });
  await cluster.append('a', add());
  cluster.network.partition(['a', 'b'], ['c', 'd', 'e']);
  const apart = cluster.node('a').append(setMembers('a', 'b'), { retry: never });
  apart.catch(() => {});
  await cluster.append('c', setMembers('c', 'd', 'e'));
  await cluster.append('d', setMembers('c', 'd'));
  await cluster.append('c', add());
  cluster.network.partition(['a', 'b', 'e'], ['c', 'd']);
  const error = await cluster.clock.failure(cluster.node('e').append(add(), { retry: never }));
  t.true(isPaxakosError(error));
  await cluster.append('d', add());
  cluster.network.heal();
  // A node that missed that it was removed learns it when it wants something.
  for (const id of ['a', 'b', 'e'])
    t.like(await cluster.clock.failure(cluster.node(id).append(add())), { code: 'PAXAKOS_EXILED', effect: 'none' });
  await cluster.level();
  agree(cluster);
  t.deepEqual(
    cluster.node('a').cluster.map(({ id }) => id),
    ['c', 'd'],
  );
  await cluster.stopAll();
});

test('the window changes together with the members, in random order, under load (H29)', async (t) => {
  for (let seed = 1; seed <= 3; seed += 1) {
    const cluster = await startedCluster({ ids: ['a', 'b', 'c', 'd'], window: 8, seed });
    const working = load(cluster, ['a', 'b'], 2);
    for (let step = 0; step < 8; step += 1) {
      const change =
        cluster.random() < 0.5
          ? setWindow(1 + Math.floor(cluster.random() * 20))
          : setMembers('a', 'b', ...['c', 'd'].filter(() => cluster.random() < 0.6));
      await cluster.append(step % 2 === 0 ? 'a' : 'b', change);
      await cluster.clock.pass(cluster.random() * 50);
    }
    await working.stop();
    await cluster.level('a', 'b');
    const log = agree(cluster, 'a', 'b');
    t.deepEqual(
      working.acknowledged.filter((id) => log.filter((other) => other === id).length !== 1),
      [],
    );
    t.deepEqual(working.failed, []);
    await cluster.stopAll();
  }
});
