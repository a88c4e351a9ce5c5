// Leases whose holders are gone are cleared once, and no other is. Method: nodes over a memory network, on a virtual clock, some of
// which are killed, suspended or cut off; once on the real clock.
import { createNode, flagsFromEnvironment } from '@paxakos/core';
import { memoryNetwork } from '@paxakos/core/memory';
import { type Lease, leaser } from '@paxakos/leaser';
import test from 'ava';
import { releaser } from '../src/index.ts';
import { type LeaseCluster, startedCluster } from './lease-cluster.ts';
import { type Site, sites } from './site.ts';

const claimOf = (cluster: LeaseCluster, at: string, name = 'x'): string =>
  cluster.table(at).holderOf(name)?.claim ?? 'nobody';

/** How many claims the nodes that run have cleared. */
const clearedBy = (cluster: LeaseCluster): number =>
  cluster.running.reduce((sum, id) => sum + cluster.node(id).releaser.cleared, 0);

test('the lease of a node that died is cleared after its time, by one release, and the next in line has it', async (t) => {
  const cluster = await startedCluster({}, ['a', 'b', 'c', 'd', 'e']);
  await cluster.lead('a');
  const lease = await cluster.taken('e');
  const waiting = cluster.node('b').leaser.takeLease('x', { durationMs: 3_000 });
  await cluster.clock.until(() => cluster.table('a').size === 2);
  cluster.kill('e');
  const before = cluster.clock.now;
  const next = await cluster.clock.run(waiting);
  t.true(next.token > lease.token);
  const tookMs = cluster.clock.now - before;
  t.true(tookMs >= 2_000 + 500 && tookMs <= 3_000 + 500 + 3 * 200, String(tookMs));
  await cluster.clock.pass(20_000);
  for (const id of ['a', 'b', 'c', 'd']) t.deepEqual(cluster.clears(id), [true], id);
  t.is(clearedBy(cluster), 1);
  t.true(next.isHeld);
  await cluster.stopAll();
});

test('a lease that is extended is never cleared, and nothing is appended for it', async (t) => {
  const cluster = await startedCluster();
  await cluster.lead('a');
  const leases = [await cluster.taken('a'), await cluster.taken('b', 'y'), await cluster.taken('c', 'z')];
  await cluster.clock.pass(60_000);
  t.true(leases.every(({ isHeld }) => isHeld));
  for (const id of cluster.ids) t.deepEqual(cluster.clears(id), []);
  await cluster.stopAll();
});

test('where the leader died with its lease, another node clears it, once', async (t) => {
  const cluster = await startedCluster({}, ['a', 'b', 'c', 'd', 'e']);
  await cluster.lead('a');
  await cluster.taken('a');
  const claim = claimOf(cluster, 'b');
  cluster.kill('a');
  await cluster.gone('c', claim);
  await cluster.clock.pass(20_000);
  for (const id of cluster.running) t.deepEqual(cluster.clears(id), [true], id);
  t.is(clearedBy(cluster), 1);
  await cluster.stopAll();
});

test('however late the answers are, a claim is cleared once, and every node agrees', async (t) => {
  const cluster = await startedCluster({ releasing: { staggerMs: 50, checkMs: 50 } }, ['a', 'b', 'c', 'd', 'e']);
  cluster.network.setAll({ delayMs: 20, jitterMs: 400, loss: 0.2, duplication: 0.2 });
  for (const name of ['x', 'y', 'z']) {
    await cluster.taken('e', name, { durationMs: 6_000 });
  }
  cluster.kill('e');
  await cluster.clock.until(() => cluster.running.every((id) => cluster.table(id).size === 0));
  cluster.network.setAll({ delayMs: 0, jitterMs: 0, loss: 0, duplication: 0 });
  await cluster.clock.pass(10_000);
  for (const id of cluster.running) t.is(cluster.clears(id).filter((outcome) => outcome === true).length, 3, id);
  await cluster.stopAll();
});

test('a waiter that died does not block the line', async (t) => {
  const cluster = await startedCluster();
  await cluster.lead('a');
  const first = await cluster.taken('a');
  void cluster.node('c').leaser.takeLease('x', { durationMs: 3_000 });
  await cluster.clock.until(() => cluster.table('a').size === 2);
  const waiting = cluster.node('b').leaser.takeLease('x', { durationMs: 3_000 });
  await cluster.clock.until(() => cluster.table('a').size === 3);
  cluster.kill('c');
  await cluster.clock.pass(5_000);
  t.is(cluster.table('a').waitersFor('x').length, 1);
  t.true(first.isHeld);
  await cluster.clock.run(first.release());
  t.true((await cluster.clock.run(waiting)).isHeld);
  await cluster.stopAll();
});

test('where the next in line has just died, the one after it waits no longer than its time', async (t) => {
  const cluster = await startedCluster();
  await cluster.lead('a');
  const first = await cluster.taken('a');
  void cluster.node('c').leaser.takeLease('x', { durationMs: 3_000 });
  await cluster.clock.until(() => cluster.table('a').size === 2);
  const waiting = cluster.node('b').leaser.takeLease('x', { durationMs: 3_000 });
  await cluster.clock.until(() => cluster.table('a').size === 3);
  cluster.kill('c');
  await cluster.clock.run(first.release());
  const before = cluster.clock.now;
  await cluster.clock.run(waiting);
  t.true(cluster.clock.now - before <= 3_000 + 500 + 3 * 200);
  await cluster.stopAll();
});

test('H24: a suspended holder loses its lease by its own clock before another one has it, and has a lesser token', async (t) => {
  const cluster = await startedCluster();
  await cluster.lead('a');
  const old = await cluster.taken('c');
  const { signal } = old;
  const waiting = cluster.node('b').leaser.takeLease('x', { durationMs: 3_000 });
  cluster.freeze('c');
  const young = await cluster.clock.run(waiting);
  // Its timers have not gone off, yet it knows.
  t.false(signal.aborted);
  t.false(old.isHeld);
  t.true(signal.aborted);
  t.true(cluster.clock.now > old.expiresAt);
  t.true(young.token > old.token);
  await cluster.thaw('c');
  await cluster.clock.pass(10_000);
  t.true(young.isHeld);
  await cluster.stopAll();
});

for (const [slow, fast] of [
  ['c', 'a'],
  ['a', 'c'],
] as const) {
  test(`with clocks at the edge of their drift, ${slow} slow and ${fast} fast, no two hold a lease at once`, async (t) => {
    const rate = (id: string): number => (id === slow ? 0.9 : id === fast ? 1.1 : 1);
    const releasing = { marginMs: 0, checkMs: 1 };
    const cluster = await startedCluster((id) => ({ rate: rate(id), driftMax: 0.1, releasing }));
    for (let turn = 0; turn < 3; turn += 1) {
      const old = await cluster.taken(slow);
      const waiting = cluster.node(fast).leaser.takeLease('x', { durationMs: 3_000 });
      await cluster.clock.until(() => cluster.table('b').size === 2);
      await cluster.lead(fast);
      const lostAt: number[] = [];
      old.signal.addEventListener('abort', () => lostAt.push(cluster.clock.now));
      // Nothing but its clock tells it.
      cluster.network.partition([slow], [fast, 'b']);
      const young = await cluster.clock.run(waiting);
      t.is(lostAt.length, 1);
      t.true((lostAt[0] as number) <= cluster.clock.now);
      // That it is not much too careful, either.
      t.true((lostAt[0] as number) >= cluster.clock.now - 100);
      cluster.network.heal();
      await cluster.clock.run(young.release());
      await cluster.clock.pass(5_000);
    }
    await cluster.stopAll();
  });
}

/** A claim of nobody's, which is there until it is cleared. */
const claimOnce = (cluster: LeaseCluster, by: string): Promise<unknown> => {
  const entry = {
    type: 'lease/take',
    name: 'x',
    claim: 'c',
    holder: 'nobody',
    durationMs: 3_000,
    queue: false,
  } as const;
  return cluster.append(by, { id: `take-${cluster.clock.now}`, ...entry });
};

test('H24: a watcher that wakes up with a claim all but overdue first hears that it was extended', async (t) => {
  // Whenever its last look before was.
  for (const frozenAfterMs of [3_000, 3_100, 3_200, 3_300]) {
    const cluster = await startedCluster((id) => ({ releasing: { marginMs: id === 'c' ? 0 : 60_000, staggerMs: 1 } }));
    await cluster.lead('a');
    await claimOnce(cluster, 'a');
    await cluster.clock.pass(frozenAfterMs);
    cluster.freeze('c');
    for (let turn = 0; turn < 5; turn += 1) {
      await claimOnce(cluster, 'a');
      await cluster.clock.pass(1_000);
    }
    await cluster.thaw('c');
    await cluster.clock.pass(1_000);
    t.false(cluster.clears('a').includes(false), `${frozenAfterMs} ms`);
    await cluster.stopAll();
  }
});

test('a node that lags clears nothing: what it lacks may be the extension', async (t) => {
  const cluster = await startedCluster({ releasing: { staggerMs: 1 } });
  await cluster.lead('a');
  await claimOnce(cluster, 'a');
  await cluster.clock.pass(1_000);
  cluster.network.partition(['a', 'b'], ['c']);
  await claimOnce(cluster, 'a');
  cluster.network.heal();
  // It hears of what comes next, and asks in vain for what it has missed.
  for (const to of ['a', 'b']) cluster.network.link('c', to).set({ isCut: true });
  for (let turn = 0; turn < 5; turn += 1) {
    await claimOnce(cluster, 'a');
    await cluster.clock.pass(1_000);
  }
  t.is(cluster.node('c').status, 'lagging');
  for (const to of ['a', 'b']) cluster.network.link('c', to).set({ isCut: false });
  await cluster.clock.pass(1_000);
  t.not(cluster.node('c').status, 'lagging');
  for (const id of cluster.ids) t.deepEqual(cluster.clears(id), [], id);
  await cluster.stopAll();
});

test('while a clear is under way no other one is sent for the same claim', async (t) => {
  const cluster = await startedCluster({ releasing: { checkMs: 10 } });
  await cluster.lead('a');
  await claimOnce(cluster, 'a');
  cluster.network.setAll({ delayMs: 150 });
  await cluster.gone('b', 'c');
  await cluster.clock.pass(5_000);
  t.deepEqual(cluster.clears('b'), [true]);
  await cluster.stopAll();
});

test('H24: a watcher that was suspended, and has missed extensions, clears nothing', async (t) => {
  for (const frozen of ['a', 'c']) {
    const cluster = await startedCluster({ releasing: { staggerMs: 1 } });
    await cluster.lead('a');
    const lease = await cluster.taken('b');
    cluster.freeze(frozen);
    await cluster.clock.pass(20_000);
    t.true(lease.isHeld);
    await cluster.thaw(frozen);
    await cluster.clock.pass(10_000);
    t.true(lease.isHeld);
    for (const id of cluster.ids) t.deepEqual(cluster.clears(id), [], `${frozen} ${id}`);
    await cluster.stopAll();
  }
});

test('after a restart of all nodes, claims count anew: a holder that comes late keeps its lease for its whole time', async (t) => {
  const cluster = await startedCluster();
  await cluster.taken('a');
  const claim = claimOf(cluster, 'a');
  await cluster.clock.pass(2_000);
  const snapshots = await cluster.stopAll();
  const before = cluster.clock.now;
  for (const [at, id] of cluster.ids.entries()) {
    const snapshot = snapshots[at];
    if (snapshot === undefined) throw new Error('no snapshot');
    await cluster.start(id, { starting: { as: 'resume', snapshot } });
  }
  t.is(claimOf(cluster, 'b'), claim);
  const goneAt = await cluster.gone('b', claim);
  t.true(goneAt - before >= 3_000 + 500);
  t.true(goneAt - before <= 3_000 + 500 + 1_000 * 3 + 2_000, String(goneAt - before));
  await cluster.stopAll();
});

test('a snapshot lets all claims count anew', async (t) => {
  const cluster = await startedCluster();
  await cluster.lead('a');
  await cluster.taken('c');
  const claim = claimOf(cluster, 'a');
  cluster.kill('c');
  await cluster.clock.pass(3_000);
  const snapshot = await cluster.clock.run(cluster.node('b').takeSnapshot());
  await cluster.clock.run(cluster.node('a').eject(new Error('wrong')));
  await cluster.clock.run(cluster.node('a').installSnapshot(snapshot));
  const before = cluster.clock.now;
  // Of the others, only b is left to clear it, and it is not the first.
  const goneAt = await cluster.gone('b', claim);
  t.is(cluster.node('a').releaser.cleared, 0);
  t.true(goneAt >= before + 2_000);
  await cluster.stopAll();
});

test('a node that is cut off clears nothing, not even afterwards', async (t) => {
  const cluster = await startedCluster();
  await cluster.lead('a');
  const lease = await cluster.taken('b');
  cluster.network.partition(['a'], ['b', 'c']);
  await cluster.clock.pass(30_000);
  t.true(lease.isHeld);
  cluster.network.heal();
  await cluster.clock.pass(10_000);
  t.true(lease.isHeld);
  t.true(cluster.clears('b').every((outcome) => outcome === false));
  await cluster.stopAll();
});

test('more claims than are cleared at once are cleared one lot after the other', async (t) => {
  const cluster = await startedCluster();
  await cluster.lead('a');
  const all = Array.from({ length: 1_000 }, (_, at) =>
    cluster.node('c').leaser.takeLease(`n${at}`, { durationMs: 500 }),
  );
  await cluster.clock.run(Promise.all(all));
  cluster.kill('c');
  await cluster.clock.until(() => cluster.table('a').size === 0);
  await cluster.clock.pass(5_000);
  t.is(cluster.clears('b').length, 1_000);
  t.is(cluster.node('a').releaser.cleared, 1_000);
  await cluster.stopAll();
});

test('a margin that an entry changes takes effect; one that it must not be is reported once, and the last good one counts', async (t) => {
  const cluster = await startedCluster({ releasing: { marginMs: ({ marginMs }) => marginMs } });
  await cluster.lead('a');
  const clearedAfter = async (name: string): Promise<number> => {
    await cluster.append('a', {
      id: name,
      type: 'lease/take',
      name,
      claim: 'c',
      holder: 'nobody',
      durationMs: 1_000,
      queue: false,
    });
    const before = cluster.clock.now;
    return (await cluster.gone('a', 'c', name)) - before;
  };
  const isAbout = (tookMs: number, ms: number): boolean => tookMs >= ms && tookMs <= ms + 401;
  t.true(isAbout(await clearedAfter('x'), 1_500));
  await cluster.append('a', { id: 's1', type: 'setting', marginMs: 4_000 });
  t.true(isAbout(await clearedAfter('y'), 5_000));
  await cluster.append('a', { id: 's2', type: 'setting', marginMs: -5 });
  t.true(isAbout(await clearedAfter('z'), 5_000));
  t.is(cluster.errors('a').length, 1);
  t.regex(cluster.errors('a')[0] ?? '', /^releaser: marginMs: .*releaser\.marginMs is -5/);
  await cluster.stopAll();
});

test('H65: a table that is none is reported once, and the node goes on', async (t) => {
  const table = ({ leases, marginMs }: Site) => (marginMs === 13 ? ({} as never) : leases);
  const cluster = await startedCluster({ releasing: { table } });
  await cluster.append('a', { id: 's1', type: 'setting', marginMs: 13 });
  await cluster.clock.pass(5_000);
  t.is(cluster.errors('a').length, 1);
  t.regex(cluster.errors('a')[0] ?? '', /releaser\.table\(\) is an object: it must give the LeaseTable of the state/);
  await cluster.append('a', { id: 's2', type: 'setting', marginMs: 500 });
  await cluster.taken('b');
  const claim = claimOf(cluster, 'a');
  cluster.kill('b');
  await cluster.gone('a', claim);
  t.is(clearedBy(cluster), 1);
  await cluster.stopAll();
});

test('nothing is appended where nothing is leased, and no timer is left after the stop', async (t) => {
  const cluster = await startedCluster();
  const { round } = cluster.node('a');
  await cluster.clock.pass(20_000);
  t.is(cluster.node('a').round, round);
  await cluster.stopAll();
  for (const id of cluster.ids) t.is(cluster.pending(id), 0);
});

test('a node without a state clears nothing, and begins when it has one', async (t) => {
  const cluster = await startedCluster();
  await cluster.lead('a');
  await cluster.clock.run(cluster.node('b').eject(new Error('wrong')));
  await cluster.clock.pass(5_000);
  t.deepEqual(cluster.errors('b'), []);
  await cluster.clock.run(cluster.node('b').installSnapshot(await cluster.clock.run(cluster.node('a').takeSnapshot())));
  await cluster.taken('a');
  const claim = claimOf(cluster, 'c');
  cluster.kill('a');
  await cluster.gone('c', claim);
  t.pass();
  await cluster.stopAll();
});

test('switched off, it clears nothing, and its API is there', async (t) => {
  const flags = flagsFromEnvironment({ PAXAKOS_FLAG_RELEASER: 'off' });
  const cluster = await startedCluster({ flags });
  await cluster.lead('a');
  await cluster.taken('c');
  const claim = claimOf(cluster, 'a');
  cluster.kill('c');
  await cluster.clock.pass(30_000);
  t.is(claimOf(cluster, 'a'), claim);
  t.is(cluster.node('a').releaser.cleared, 0);
  await cluster.stopAll();
});

test('on the real clock, the lease of a node that stopped without releasing it goes to the next', async (t) => {
  const network = memoryNetwork();
  const table = ({ leases }: Site) => leases;
  const ids = ['a', 'b', 'c'];
  const nodes = await Promise.all(
    ids.map((id) =>
      createNode({ id, state: sites(ids), transport: network.transport(id) })
        .with(leaser({ table, durationMs: 400 }))
        .with(releaser({ table, marginMs: 50, checkMs: 20, staggerMs: 100 }))
        .start(),
    ),
  );
  const [a, b, c] = nodes;
  const from = performance.now();
  const old = (await a?.leaser.takeLease('x')) as Lease;
  await a?.stop();
  t.true(old.signal.aborted);
  const young = (await b?.leaser.takeLease('x')) as Lease;
  t.true(performance.now() - from >= 400);
  t.true(young.token > old.token);
  t.is((b?.releaser.cleared ?? 0) + (c?.releaser.cleared ?? 0), 1);
  await Promise.all([b?.stop(), c?.stop()]);
});

test('options that it cannot take are refused with their names', (t) => {
  const table = (): never => null as never;
  const wrong: [object, RegExp][] = [
    [{}, /releaser\.table is undefined: give a function/],
    [{ table, driftMax: 1 }, /releaser\.driftMax is 1/],
    [{ table, marginMs: -1 }, /releaser\.marginMs is -1: give milliseconds 0 or more/],
    [{ table, checkMs: 0 }, /releaser\.checkMs is 0: give milliseconds above 0/],
    [{ table, staggerMs: '5' }, /releaser\.staggerMs is "5"/],
    [{ table, margin: 5 }, /releaser\.margin is 5: there is no such option; there are table, driftMax, marginMs/],
  ];
  for (const [options, message] of wrong)
    t.throws(() => releaser(options as never), { code: 'PAXAKOS_INVALID', message });
  t.throws(() => releaser(null as never), { code: 'PAXAKOS_INVALID' });
  t.notThrows(() => releaser({ table, marginMs: 0 }));
});
