// The end of a node: clean, complete, once, and with nothing left behind.
import test from 'ava';
import { type Snapshot, StoppedError } from '../../src/index.ts';
import { memoryNetwork } from '../../src/memory/index.ts';
import { createNode, startedCluster, TestCluster } from './test-cluster.ts';
import { add, ledgers } from './test-state.ts';

test('H64: a node that has been stopped leaves no timer, hears nothing and says nothing', async (t) => {
  const cluster = await startedCluster();
  await cluster.append('a', add());
  cluster.network.cut('b');
  const a = cluster.node('a');
  a.append(add(), { retry: () => 1_000 }).catch(() => {});
  await cluster.clock.pass(50);
  t.true(cluster.pending('a') > 0);
  const changes: string[] = [];
  a.on('statusChange', ({ to }) => changes.push(to));
  await cluster.clock.run(a.stop());
  t.is(cluster.pending('a'), 0);
  t.is(a.status, 'stopped');
  t.deepEqual(changes, ['following', 'stopped']);
  const round = a.round;
  cluster.network.heal();
  await cluster.append('b', add());
  await cluster.clock.pass(5_000);
  t.is(a.round, round);
  t.is(cluster.pending('a'), 0);
  await cluster.stopAll();
});

test('an idle cluster is silent: level nodes set no timers', async (t) => {
  const cluster = await startedCluster();
  await cluster.append('a', add());
  await cluster.level();
  await cluster.clock.pass(30_000);
  t.deepEqual(
    cluster.ids.map((id) => cluster.pending(id)),
    [0, 0, 0],
  );
  await cluster.stopAll();
});

test('await using stops the node', async (t) => {
  let status: () => string;
  {
    // oxlint-disable-next-line typescript/await-thenable -- it does not look into intersections
    await using node = await createNode({
      id: 'a',
      state: ledgers(['a']),
      transport: memoryNetwork().transport('a'),
    }).start();
    status = () => node.status;
    const commit = await node.append(add(7));
    t.is(await commit.applied(), 7);
  }
  t.is(status(), 'stopped');
});

test('stop() is idempotent: everybody gets the same final snapshot', async (t) => {
  const cluster = await startedCluster();
  await cluster.append('a', add());
  await cluster.level();
  const b = cluster.node('b');
  const [first, second] = await cluster.clock.run(Promise.all([b.stop(), b.stop()]));
  t.is(first, second);
  t.is(await b.stop(), first);
  t.is(first?.round, 1);
  await cluster.stopAll();
});

test('stop() during stop(), from a listener, is the same stop', async (t) => {
  const cluster = await startedCluster();
  await cluster.append('a', add());
  const a = cluster.node('a');
  const again: Promise<unknown>[] = [];
  a.on('statusChange', () => again.push(a.stop()));
  const snapshot = await cluster.clock.run(a.stop());
  t.is(again.length, 2);
  for (const stopped of again) t.is(await stopped, snapshot);
  await cluster.stopAll();
});

test('what is committed when the node stops is in its final snapshot', async (t) => {
  const cluster = await startedCluster({ window: 4_096 });
  const a = cluster.node('a');
  let applied = 0;
  const stopped = new Promise<Snapshot | undefined>((resolve) => {
    a.on('commit', ({ round }) => {
      if (round !== 3_000) return;
      applied = a.round;
      resolve(a.stop());
    });
  });
  const commits = Promise.all(Array.from({ length: 3_000 }, () => a.append(add())));
  const snapshot = await cluster.clock.run(stopped);
  t.true(applied < 3_000, 'some are still to be applied');
  t.is(snapshot?.round, 3_000);
  t.is(await (await commits).at(-1)?.applied(), 3_000);
  await cluster.stopAll();
});

test('stop while appends are pending: each is settled, with an honest effect (H53)', async (t) => {
  const cluster = await startedCluster();
  await cluster.append('a', add());
  const a = cluster.node('a');
  const entries = Array.from({ length: 200 }, () => add());
  const results = entries.map((entry) =>
    a.append(entry).then(
      () => 'committed',
      (error: { effect: string; code: string }) => `${error.code} ${error.effect}`,
    ),
  );
  await Promise.resolve();
  await cluster.stop('a');
  const settled = await cluster.clock.run(Promise.all(results));
  await cluster.append('b', add());
  await cluster.level();
  const log = cluster.ledger('b').log;
  for (const [index, entry] of entries.entries()) {
    if (settled[index] === 'committed') t.true(log.includes(entry.id));
    if (settled[index]?.endsWith('none')) t.false(log.includes(entry.id));
  }
  t.true(settled.every((result) => result === 'committed' || result.startsWith('PAXAKOS_SHUT_DOWN')));
  await cluster.stopAll();
});

test('a commit that is not applied before the end says so', async (t) => {
  const cluster = await startedCluster();
  const a = cluster.node('a');
  const commit = await cluster.clock.run(a.append(add(), { round: { from: 900 } }));
  const applied = commit.applied();
  applied.catch(() => {});
  cluster.network.cut('a');
  await cluster.stop('a');
  const error: unknown = await applied.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error !== undefined) t.like(error, { code: 'PAXAKOS_SHUT_DOWN' });
  else t.pass();
  await cluster.stopAll();
});

test('without a state, or before the founding, there is no final snapshot', async (t) => {
  const cluster = new TestCluster();
  await cluster.start('a');
  t.is(await cluster.stop('a'), undefined);
  await cluster.startAll();
  await cluster.append('a', add());
  await cluster.clock.run(cluster.node('b').eject('wrong'));
  t.is(await cluster.stop('b'), undefined);
  await cluster.stopAll();
});

test('after the stop every call says so', async (t) => {
  const cluster = await startedCluster();
  const a = cluster.node('a');
  await cluster.stop('a');
  t.like(await cluster.clock.failure(a.append(add())), { code: 'PAXAKOS_SHUT_DOWN', effect: 'none' });
  for (const call of [
    () => a.read(() => 1, { consistency: 'stale' }),
    () => a.takeSnapshot(),
    () => a.installSnapshot({ round: 1, bytes: new Uint8Array() }),
    () => a.forceActive(),
    () => a.eject('late'),
  ])
    t.true((await cluster.clock.failure(call())) instanceof StoppedError);
  t.true((await a.events().next()).done);
  await cluster.stopAll();
});

test('a transport that cannot be closed fails the stop, but the storage is let go', async (t) => {
  const cluster = new TestCluster({ ids: ['a'], disks: true });
  const transport = cluster.network.transport('a');
  const cause = new Error('close broke');
  transport.close = () => {
    throw cause;
  };
  await cluster.start('a', { transport });
  await cluster.clock.until(() => cluster.node('a').participation.type === 'active');
  t.is(await cluster.clock.failure(cluster.node('a').stop()), cause);
  t.is(cluster.node('a').status, 'stopped');
  await t.notThrowsAsync(cluster.disks.get('a')?.storage().open() ?? Promise.reject(new Error('no disk')));
});

test('stale reads give what is applied, with its round, and pass on what the reader throws', async (t) => {
  const cluster = await startedCluster();
  await cluster.append('a', add(4));
  await cluster.level();
  const a = cluster.node('a');
  t.deepEqual(await a.read((state, round) => [state.sum, round], { consistency: 'stale' }), [4, 1]);
  const cause = new Error('reader broke');
  await t.throwsAsync(
    a.read(
      () => {
        throw cause;
      },
      { consistency: 'stale' },
    ),
    { is: cause },
  );
  for (const options of [{ consistency: 'fresh' }, {}, undefined])
    await t.throwsAsync(
      a.read(() => 1, options as never),
      { code: 'PAXAKOS_INVALID', message: /^consistency is/ },
    );
  await cluster.stopAll();
});
