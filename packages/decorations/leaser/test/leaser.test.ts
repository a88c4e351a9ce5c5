// What a holder sees: taking, waiting, extending, releasing and losing a lease. Method: nodes over a memory network, on a virtual
// clock; the log shows what was appended.
import { flagsFromEnvironment, isPaxakosError } from '@paxakos/core';
import { settle, TestDisk } from '@paxakos/testing';
import test from 'ava';
import { type Lease, LeaseLostError, LeaseTimeoutError, leaser } from '../src/index.ts';
import { LeaseCluster, startedCluster } from './lease-cluster.ts';

const duration = { durationMs: 3_000 };

async function taken(cluster: LeaseCluster, id: string, name = 'x', options = {}): Promise<Lease> {
  return cluster.clock.run(cluster.node(id).leaser.takeLease(name, { ...duration, ...options }));
}

/** Has the holder cleared, as a releaser does. */
async function clear(cluster: LeaseCluster, by: string, name = 'x'): Promise<unknown> {
  const extension = cluster.table(by).holderOf(name)?.extension ?? 0;
  return cluster.append(by, { id: `clear-${name}-${extension}`, type: 'lease/clear', name, extension });
}

test('a lease is taken, held, and free for the next one when it is released', async (t) => {
  const cluster = await startedCluster();
  const first = await taken(cluster, 'a');
  t.like(first, { name: 'x', holder: 'a', isHeld: true });
  t.false(first.signal.aborted);
  t.notThrows(() => first.check());
  t.deepEqual(cluster.node('a').leaser.held, [first]);
  let second: Lease | undefined;
  const waiting = cluster
    .node('b')
    .leaser.takeLease('x', duration)
    .then((lease) => {
      second = lease;
    });
  await cluster.clock.pass(10_000);
  t.is(second, undefined);
  t.true(first.isHeld);
  await cluster.clock.run(first.release());
  t.false(first.isHeld);
  t.true(first.signal.aborted);
  t.true(first.signal.reason instanceof LeaseLostError);
  t.throws(() => first.check(), { instanceOf: LeaseLostError, code: 'PAXAKOS_LEASE_LOST' });
  await cluster.clock.run(waiting);
  t.true((second?.token ?? 0) > first.token);
  t.true(second?.isHeld);
  t.deepEqual(cluster.node('a').leaser.held, []);
  await cluster.clock.run(first.release());
  t.true(second?.isHeld);
  await cluster.stopAll();
});

test('a lease is released when it is disposed of', async (t) => {
  const cluster = await startedCluster();
  let held: Lease | undefined;
  const use = async (): Promise<void> => {
    await using lease = await cluster.node('a').leaser.takeLease('x', duration);
    held = lease;
  };
  await cluster.clock.run(use());
  t.false(held?.isHeld);
  t.is(cluster.table('a').holderOf('x'), undefined);
  await cluster.stopAll();
});

test('a lease is extended at each third of its duration while it is held, and not afterwards', async (t) => {
  const cluster = await startedCluster();
  const lease = await taken(cluster, 'a');
  const { token, expiresAt } = lease;
  await cluster.clock.pass(30_000);
  t.true(lease.isHeld);
  t.is(lease.token, token);
  t.true(lease.expiresAt >= expiresAt + 29_000);
  const extensions = cluster.applied('b', 'lease/extend');
  t.true(extensions.length >= 28 && extensions.length <= 31, String(extensions.length));
  await cluster.clock.run(lease.release());
  const { round } = cluster.node('a');
  await cluster.clock.pass(10_000);
  t.is(cluster.node('a').round, round);
  await cluster.stopAll();
});

test('its time counts from before the request left, less the margin for drift', async (t) => {
  const cluster = await startedCluster({ leasing: { driftMax: 0.1 } });
  cluster.network.setAll({ delayMs: 200 });
  const before = cluster.clock.now;
  const lease = await taken(cluster, 'a');
  t.true(cluster.clock.now >= before + 400);
  t.is(lease.expiresAt, before + 2_700);
  await cluster.stopAll();
});

test('H24: a lease that could not be extended is lost by its holder own clock, at its end, and its signal says so', async (t) => {
  const cluster = await startedCluster();
  const lease = await taken(cluster, 'a');
  cluster.network.partition(['a'], ['b', 'c']);
  const lostAt: number[] = [];
  lease.signal.addEventListener('abort', () => lostAt.push(cluster.clock.now));
  const { expiresAt } = lease;
  await cluster.clock.pass(20_000);
  t.deepEqual(lostAt, [expiresAt]);
  t.false(lease.isHeld);
  t.like(lease.signal.reason, { code: 'PAXAKOS_LEASE_LOST', lease: 'x', token: lease.token });
  await cluster.stopAll();
});

test('H24: after the event loop stood still past its end, a lease is not held, though no timer has gone off', async (t) => {
  const cluster = await startedCluster();
  const lease = await taken(cluster, 'a');
  const { signal } = lease;
  cluster.clock.stall(6_000);
  t.false(signal.aborted, 'nobody has looked');
  t.true(lease.signal.aborted);
  t.true(signal.aborted);
  t.false(lease.isHeld);
  t.throws(() => lease.check(), { code: 'PAXAKOS_LEASE_LOST' });
  const other = await taken(cluster, 'a', 'y');
  cluster.clock.stall(6_000);
  t.throws(() => other.check(), { code: 'PAXAKOS_LEASE_LOST' });
  t.deepEqual(cluster.node('a').leaser.held, []);
  await cluster.stopAll();
});

test('H64: an answer that comes after the end does not revive a lease', async (t) => {
  const cluster = await startedCluster();
  const lease = await taken(cluster, 'a');
  // An extension is under way, and its answer waits while the event loop stands still.
  const { expiresAt } = lease;
  cluster.network.setAll({ delayMs: 100 });
  await cluster.clock.pass(expiresAt - 1_850 - cluster.clock.now);
  cluster.clock.stall(2_400);
  await cluster.clock.pass(10);
  t.is(cluster.applied('a', 'lease/extend').length, 1);
  t.true(cluster.clock.now > expiresAt);
  t.true(lease.signal.aborted);
  t.false(lease.isHeld);
  t.is(lease.expiresAt, expiresAt);
  await cluster.stopAll();
});

test('a lease that is cleared in the log is lost the moment this node applies it', async (t) => {
  const cluster = await startedCluster();
  const lease = await taken(cluster, 'a');
  t.true(await clear(cluster, 'b'));
  await cluster.level();
  t.true(lease.signal.aborted);
  t.regex(String(lease.signal.reason), /it was cleared/);
  await cluster.stopAll();
});

test('a lease is lost when its node gives up its state, fails or stops', async (t) => {
  const cluster = await startedCluster();
  const ejected = await taken(cluster, 'a');
  await cluster.clock.run(cluster.node('a').eject(new Error('wrong')));
  t.true(ejected.signal.aborted);
  t.regex(String(ejected.signal.reason), /gave up its state/);
  const stopped = await taken(cluster, 'b', 'y');
  const waits = cluster.failure(cluster.node('b').leaser.takeLease('x', duration));
  await settle();
  await cluster.stop('b');
  t.true(stopped.signal.aborted);
  t.like(await waits, { code: 'PAXAKOS_STOPPED' });
  t.like(await cluster.failure(cluster.node('b').leaser.takeLease('z')), { code: 'PAXAKOS_STOPPED' });
  t.is(cluster.pending('b'), 0);
  await cluster.stopAll();
});

test('leases are given in the order in which they were asked for', async (t) => {
  const cluster = await startedCluster();
  const order: string[] = [];
  const first = await taken(cluster, 'a');
  const work = async (id: string, worker: string): Promise<void> => {
    await using lease = await cluster.node(id).leaser.takeLease('x', duration);
    order.push(worker);
    lease.check();
  };
  const all: Promise<void>[] = [];
  for (const [id, worker] of [
    ['b', '1'],
    ['c', '2'],
    ['a', '3'],
    ['b', '4'],
    ['a', '5'],
  ] as const) {
    all.push(work(id, worker));
    await cluster.clock.until(() => cluster.table('a').size === all.length + 1);
  }
  await cluster.clock.run(first.release());
  await cluster.clock.run(Promise.all(all));
  t.deepEqual(order, ['1', '2', '3', '4', '5']);
  t.is(cluster.table('a').size, 0);
  await cluster.stopAll();
});

test('who waits too long is refused, leaves the line, and leaves nothing behind', async (t) => {
  const cluster = await startedCluster();
  const lease = await taken(cluster, 'a');
  const before = cluster.clock.now;
  const waiting = cluster.failure(cluster.node('b').leaser.takeLease('x', { ...duration, waitMs: 4_500 }));
  await cluster.clock.pass(4_000);
  t.is(cluster.table('a').waitersFor('x').length, 1);
  const error = await waiting;
  t.true(error instanceof LeaseTimeoutError);
  t.like(error, { code: 'PAXAKOS_LEASE_TIMEOUT', lease: 'x' });
  t.is(cluster.clock.now, before + 4_500);
  await cluster.clock.until(() => cluster.table('a').waitersFor('x').length === 0);
  t.true(lease.isHeld);
  await cluster.clock.run(lease.release());
  const { round } = cluster.node('b');
  await cluster.clock.pass(10_000);
  t.is(cluster.node('b').round, round);
  await cluster.stopAll();
});

test('with waitMs 0 a lease is taken only where it is free, and nobody waits in line', async (t) => {
  const cluster = await startedCluster();
  const before = cluster.clock.now;
  const lease = await taken(cluster, 'a', 'x', { waitMs: 0 });
  t.like(await cluster.failure(cluster.node('b').leaser.takeLease('x', { ...duration, waitMs: 0 })), {
    code: 'PAXAKOS_LEASE_TIMEOUT',
  });
  t.true(cluster.clock.now < before + 3_000);
  await cluster.clock.pass(2_000);
  t.true(lease.isHeld);
  t.is(cluster.table('a').size, 1);
  t.is(cluster.applied('a', 'lease/release').length, 0);
  cluster.network.partition(['b'], ['a', 'c']);
  t.like(await cluster.failure(cluster.node('b').leaser.takeLease('y', { ...duration, waitMs: 0 })), {
    code: 'PAXAKOS_LEASE_TIMEOUT',
  });
  await cluster.stopAll();
});

test('a wait is given up by its signal, and the claim withdrawn', async (t) => {
  const cluster = await startedCluster();
  const lease = await taken(cluster, 'a');
  const controller = new AbortController();
  const waiting = cluster.failure(cluster.node('b').leaser.takeLease('x', { ...duration, signal: controller.signal }));
  await cluster.clock.until(() => cluster.table('a').size === 2);
  controller.abort('enough');
  t.like(await waiting, { code: 'PAXAKOS_ABORTED', name: 'AbortError', effect: 'unknown', cause: 'enough' });
  await cluster.clock.until(() => cluster.table('a').size === 1);
  t.true(lease.isHeld);
  t.like(await cluster.failure(cluster.node('b').leaser.takeLease('x', { signal: AbortSignal.abort() })), {
    code: 'PAXAKOS_ABORTED',
    effect: 'none',
  });
  // A lease that is held does not end with the signal that it was taken with.
  const later = new AbortController();
  const held = await taken(cluster, 'a', 'y', { signal: later.signal });
  later.abort();
  t.true(held.isHeld);
  await cluster.stopAll();
});

test('an append in doubt never takes a lease twice', async (t) => {
  const cluster = await startedCluster();
  cluster.network.setAll({ loss: 0.3, delayMs: 1, jitterMs: 200, duplication: 0.3 });
  for (let at = 0; at < 12; at += 1) {
    const id = cluster.ids[at % 3] as string;
    const lease = await taken(cluster, id, 'x', { durationMs: 6_000 });
    t.is(cluster.table(id).size, 1);
    await cluster.clock.run(lease.release());
    await cluster.clock.until(() => cluster.ids.every((each) => cluster.table(each).size === 0));
  }
  await cluster.stopAll();
});

test('H26: two holders overlap by a pause; the resource that checks tokens rejects the older one', async (t) => {
  const cluster = await startedCluster();
  let greatest = 0;
  const write = (token: number): boolean => {
    if (token < greatest) return false;
    greatest = token;
    return true;
  };
  const old = await taken(cluster, 'a');
  old.check();
  t.true(write(old.token));
  // The process of the first holder stops between its check and its write; meanwhile the lease is cleared and taken anew.
  await clear(cluster, 'b');
  const young = await taken(cluster, 'b');
  t.true(write(young.token));
  t.false(write(old.token));
  t.true(write(young.token));
  await cluster.stopAll();
});

test('H26: tokens strictly grow across failover, snapshots and a restart of all nodes', async (t) => {
  const cluster = await startedCluster();
  const tokens: number[] = [];
  const round = async (id: string): Promise<void> => {
    const lease = await taken(cluster, id);
    tokens.push(lease.token);
    await cluster.clock.run(lease.release());
  };
  await round('a');
  await round('b');
  cluster.network.partition(['a'], ['b', 'c']);
  await round('c');
  await round('b');
  cluster.network.heal();
  await round('a');
  await cluster.level();
  const snapshots = await cluster.stopAll();
  const resumed = await Promise.all(
    cluster.ids.map((id, at) => {
      const snapshot = snapshots[at];
      if (snapshot === undefined) throw new Error('no snapshot');
      return cluster.start(id, { starting: { as: 'resume', snapshot } });
    }),
  );
  t.is(resumed.length, 3);
  for (const id of ['a', 'b', 'c', 'a']) await round(id);
  t.is(tokens.length, 9);
  t.true(
    tokens.every((token, at) => at === 0 || token > (tokens[at - 1] as number)),
    tokens.join(),
  );
  await cluster.stopAll();
});

test('H26: tokens strictly grow across kills of all nodes at once, with what their disks keep', async (t) => {
  const cluster = new LeaseCluster();
  const disks = new Map(cluster.ids.map((id) => [id, new TestDisk()]));
  const startAll = () =>
    Promise.all(
      [...disks].map(([id, disk]) => cluster.start(id, { storage: disk.storage(), snapshotEveryBytes: 700 })),
    );
  const tokens: number[] = [];
  for (let life = 0; life < 4; life += 1) {
    await startAll();
    for (const id of ['a', 'b', 'c']) {
      const lease = await taken(cluster, id);
      tokens.push(lease.token);
      await cluster.clock.run(lease.release());
    }
    await cluster.level();
    for (const [id, disk] of disks) {
      cluster.kill(id);
      disk.crash();
    }
  }
  t.is(tokens.length, 12);
  t.true(
    tokens.every((token, at) => at === 0 || token > (tokens[at - 1] as number)),
    tokens.join(),
  );
  t.true([...disks.values()].some(({ snapshot }) => snapshot !== undefined));
});

test('who waits gets the lease where it was granted while a snapshot jumped over it', async (t) => {
  const cluster = new LeaseCluster(['a', 'b', 'c'], 4);
  await cluster.startAll();
  const first = await taken(cluster, 'a');
  const waiting = cluster.node('c').leaser.takeLease('x', { durationMs: 60_000 });
  await cluster.clock.until(() => cluster.table('a').size === 2);
  cluster.network.partition(['c'], ['a', 'b']);
  await cluster.clock.run(first.release());
  for (let at = 0; at < 20; at += 1) await cluster.append('a', { id: `n${at}`, type: 'note', text: 'x' });
  const snapshot = await cluster.clock.run(cluster.node('a').takeSnapshot());
  await cluster.clock.run(cluster.node('c').installSnapshot(snapshot));
  const lease = await cluster.clock.run(waiting);
  t.true(lease.isHeld);
  t.is(cluster.table('a').holderOf('x')?.token, lease.token);
  cluster.network.heal();
  await cluster.stopAll();
});

test('who waits, and whose last extension is too old when its turn comes, has the lease only once it is extended', async (t) => {
  const cluster = await startedCluster();
  const first = await taken(cluster, 'a');
  let lease: Lease | undefined;
  const waiting = cluster.node('b').leaser.takeLease('x', duration);
  const given = waiting.then((it) => {
    lease = it;
  });
  await cluster.clock.until(() => cluster.table('a').size === 2);
  // It hears all, and is not heard.
  for (const to of ['a', 'c']) cluster.network.link('b', to).set({ isCut: true });
  await cluster.clock.pass(4_000);
  await cluster.clock.run(first.release());
  await cluster.clock.until(() => cluster.table('b').holderOf('x')?.holder === 'b');
  await cluster.clock.pass(500);
  t.is(lease, undefined);
  for (const to of ['a', 'c']) cluster.network.link('b', to).set({ isCut: false });
  await cluster.clock.run(given);
  t.true(lease?.isHeld);
  t.true((lease?.expiresAt ?? 0) <= cluster.clock.now + 3_000);
  await cluster.stopAll();
});

test('who asks at a node without a state has the lease once the node has one', async (t) => {
  const cluster = await startedCluster();
  await cluster.clock.run(cluster.node('b').eject(new Error('wrong')));
  const waiting = cluster.node('b').leaser.takeLease('x', duration);
  const refused = cluster.failure(cluster.node('b').leaser.takeLease('y', { ...duration, waitMs: 2_000 }));
  await cluster.clock.pass(5_000);
  t.like(await refused, { code: 'PAXAKOS_LEASE_TIMEOUT', cause: { code: 'PAXAKOS_DISORIENTED' } });
  const snapshot = await cluster.clock.run(cluster.node('a').takeSnapshot());
  await cluster.clock.run(cluster.node('b').installSnapshot(snapshot));
  t.true((await cluster.clock.run(waiting)).isHeld);
  await cluster.stopAll();
});

test('a node that was removed from the cluster is refused, and loses what it holds at its end', async (t) => {
  const cluster = await startedCluster();
  await cluster.append('a', { id: 'w', type: 'window', size: 1 });
  const lease = await taken(cluster, 'c');
  await cluster.append('a', { id: 'm', type: 'members', ids: ['a', 'b'] });
  await cluster.append('a', { id: 'n', type: 'note', text: 'x' });
  await cluster.clock.until(() => lease.signal.aborted);
  t.true(cluster.clock.now >= lease.expiresAt);
  t.like(await cluster.failure(cluster.node('c').leaser.takeLease('y', duration)), { code: 'PAXAKOS_EXILED' });
  t.true((await taken(cluster, 'a', 'y')).isHeld);
  await cluster.stopAll();
});

test('the duration can depend on the state, and one that it must not be is reported, and the last good one counts', async (t) => {
  const cluster = await startedCluster({ leasing: { durationMs: ({ durationMs }) => durationMs } });
  const leaseOf = async (): Promise<number> => {
    const before = cluster.clock.now;
    const lease = await cluster.clock.run(cluster.node('a').leaser.takeLease('x'));
    await cluster.clock.run(lease.release());
    return lease.expiresAt - before;
  };
  t.is(await leaseOf(), 3_000);
  await cluster.append('a', { id: 'd1', type: 'duration', ms: 500 });
  t.is(await leaseOf(), 500);
  await cluster.append('a', { id: 'd2', type: 'duration', ms: -1 });
  t.is(await leaseOf(), 500);
  t.is(cluster.events('a', 'hookError')[0]?.hook, 'leaser: durationMs');
  await cluster.stopAll();
});

test('a node that is idle has no timer of the leaser', async (t) => {
  const cluster = await startedCluster();
  await cluster.clock.pass(5_000);
  const idle = cluster.pending('a');
  const lease = await taken(cluster, 'a');
  await cluster.clock.run(lease.release());
  await cluster.clock.pass(5_000);
  t.is(cluster.pending('a'), idle);
  await cluster.stopAll();
  for (const id of cluster.ids) t.is(cluster.pending(id), 0);
});

test('a node that stops in the midst of taking, holding and waiting leaves no timer', async (t) => {
  for (const passMs of [0, 1, 500, 1_001, 2_999, 3_001]) {
    const cluster = await startedCluster();
    cluster.network.setAll({ delayMs: 1, jitterMs: 80, loss: 0.2 });
    const { leaser: taking } = cluster.node('a');
    const all = ['x', 'x', 'y'].map((name) => taking.takeLease(name, duration).catch((error: unknown) => error));
    await cluster.clock.pass(passMs);
    await cluster.stop('a');
    t.is(cluster.pending('a'), 0);
    t.is((await cluster.clock.run(Promise.all(all))).length, 3);
    await cluster.clock.pass(5_000);
    t.is(cluster.pending('a'), 0);
    await cluster.stopAll();
  }
});

test('switched off, its API is there, and its calls reject', async (t) => {
  const cluster = new LeaseCluster(['a']);
  const flags = flagsFromEnvironment({ PAXAKOS_FLAG_LEASER: 'off' });
  const node = await cluster.start('a', { flags });
  t.deepEqual(node.leaser.held, []);
  t.like(await cluster.failure(node.leaser.takeLease('x')), { code: 'PAXAKOS_DECORATION_DISABLED' });
  await cluster.stopAll();
});

test('options and arguments that it cannot take are refused with their names', async (t) => {
  const table = (): never => null as never;
  const wrong: [object, RegExp][] = [
    [{}, /leaser\.table is undefined: give a function/],
    [{ table: 5 }, /leaser\.table is 5/],
    [{ table, durationMs: 0 }, /leaser\.durationMs is 0: give milliseconds/],
    [{ table, durationMs: Number.NaN }, /leaser\.durationMs/],
    [{ table, durationMs: 2 ** 31 }, /leaser\.durationMs/],
    [{ table, driftMax: 0.5 }, /leaser\.driftMax is 0\.5/],
    [{ table, driftMax: -1 }, /leaser\.driftMax/],
    [{ table, duration: 5 }, /leaser\.duration is 5: there is no such option; there are table, durationMs, driftMax/],
  ];
  for (const [options, message] of wrong)
    t.throws(() => leaser(options as never), { code: 'PAXAKOS_INVALID', message });
  t.throws(() => leaser(null as never), { code: 'PAXAKOS_INVALID' });
  const cluster = await startedCluster();
  const refused = async (name: unknown, options?: object): Promise<string> => {
    const error = await cluster.failure(cluster.node('a').leaser.takeLease(name as string, options));
    t.true(isPaxakosError(error, 'PAXAKOS_INVALID'));
    return String(error);
  };
  t.regex(await refused(''), /takeLease: name is ""/);
  t.regex(await refused(5), /takeLease: name is 5/);
  t.regex(await refused('x', { durationMs: 0 }), /takeLease\.durationMs is 0/);
  t.regex(await refused('x', { waitMs: -1 }), /takeLease\.waitMs is -1/);
  t.regex(await refused('x', { signal: 5 }), /takeLease\.signal is 5/);
  t.regex(await refused('x', { wait: 5 }), /takeLease\.wait is 5: there is no such option/);
  await cluster.stopAll();
  const lost = await startedCluster({ leasing: { table } });
  t.regex(String(await lost.failure(lost.node('a').leaser.takeLease('x'))), /leaser\.table\(\) is null/);
  await lost.stopAll();
});
