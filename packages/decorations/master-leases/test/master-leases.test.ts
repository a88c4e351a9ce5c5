// Reads by lease: where they are local, what they wait for, when they are refused; config, flags and the end of a node.
import { type Codec, createNode, isPaxakosError, jsonCodec } from '@paxakos/core';
import { memoryNetwork } from '@paxakos/core/memory';
import test from 'ava';
import { LeaseError, masterLeases } from '../src/index.ts';
import { leasingCluster, TestCluster } from './test-cluster.ts';
import { add, counters, setLease, setMembers } from './test-state.ts';

test('a leader reads from memory, strict and lax, without a message', async (t) => {
  const cluster = await leasingCluster();
  t.true(cluster.node('a').masterLeases.strictForMs > 0);
  t.true(cluster.node('a').masterLeases.laxForMs > 0);
  cluster.network.cut('a');
  t.is(await cluster.read('a'), 1);
  t.is(await cluster.read('a', 'laxLease'), 1);
  cluster.network.heal();
  await cluster.stopAll();
});

test('a node that does not lead refuses, and says who seems to', async (t) => {
  const cluster = await leasingCluster();
  const error = await t.throwsAsync(cluster.read('b'), { instanceOf: LeaseError });
  t.like(error, { code: 'PAXAKOS_NO_LEASE', reason: 'notLeading', leader: 'a' });
  t.true(isPaxakosError(error, 'PAXAKOS_NO_LEASE'));
  t.is(cluster.node('b').masterLeases.strictForMs, 0);
  await cluster.stopAll();
});

test('a lease ends where nothing renews it, and comes back with the next entry', async (t) => {
  const cluster = await leasingCluster();
  await cluster.clock.pass(1_000);
  t.like(await t.throwsAsync(cluster.read('a')), { reason: 'noMajority' });
  t.is(await cluster.add('a'), 2);
  await cluster.clock.pass(2);
  t.is(await cluster.read('a'), 2);
  await cluster.stopAll();
});

test('a read after an append sees it, without waiting for anything but that it is applied', async (t) => {
  const cluster = await leasingCluster();
  for (let count = 2; count < 50; count += 1) {
    await cluster.clock.run(cluster.node('a').append(add()));
    t.is(await cluster.clock.run(cluster.read('a')), count);
  }
  await cluster.stopAll();
});

test('other nodes do not help to elect anyone else while a leader holds its leases', async (t) => {
  const cluster = await leasingCluster({ tuning: { attemptMs: 300 } });
  const error = await cluster.clock.failure(cluster.node('b').append(add(), { retry: () => undefined }));
  t.like(error, { code: 'PAXAKOS_NO_QUORUM', effect: 'none' });
  const { abstentions } = error as {
    abstentions: readonly { data: { masterLease: { holder: string; forMs: number } } }[];
  };
  t.true(abstentions.every(({ data: { masterLease } }) => masterLease.holder === 'a' && masterLease.forMs <= 1_000));
  t.is(cluster.node('a').status, 'leading');
  await cluster.clock.pass(1_000);
  t.is(await cluster.add('b'), 2);
  await cluster.stopAll();
});

test('the leader itself helps nobody while it holds its leases', async (t) => {
  const cluster = await leasingCluster({ tuning: { attemptMs: 300 } });
  cluster.network.cut('b', 'c');
  await t.throwsAsync(cluster.clock.run(cluster.node('b').append(add(), { retry: () => undefined })));
  t.is(cluster.node('a').status, 'leading');
  cluster.network.heal();
  await cluster.stopAll();
});

test('a leader that has died is replaced once its leases are over', async (t) => {
  const cluster = await leasingCluster();
  cluster.kill('a');
  const diedAt = cluster.clock.now;
  t.is(await cluster.add('b'), 2);
  t.true(cluster.clock.now - diedAt < 2_500, `${cluster.clock.now - diedAt} ms`);
  await cluster.warmUp('b');
  t.is(await cluster.read('b'), 2);
  await cluster.stopAll();
});

test('a new cluster has its first leader at once', async (t) => {
  for (const volatile of [[], ['a', 'b', 'c']]) {
    const cluster = new TestCluster({ volatile });
    await cluster.startAll();
    t.true(cluster.clock.now < 500, `${cluster.clock.now} ms`);
    await cluster.stopAll();
  }
});

test('a cluster of one reads as soon as it leads', async (t) => {
  const cluster = new TestCluster({ ids: ['a'] });
  await cluster.startAll();
  t.is(await cluster.read('a'), 1);
  await cluster.stopAll();
});

test('strict leases are of every cluster that governs an open round, lax ones of the next', async (t) => {
  const cluster = await leasingCluster({ ids: ['a', 'b', 'c'], window: 4 });
  await cluster.start('d', { starting: { as: 'join' } });
  await cluster.start('e', { starting: { as: 'join' } });
  await cluster.append('a', setMembers('a', 'd', 'e'));
  await cluster.clock.until(() => cluster.node('d').participation.type === 'active');
  await cluster.warmUp('a');
  t.is(await cluster.read('a'), 1);
  cluster.network.cut('b');
  cluster.network.cut('c');
  await cluster.warmUp('a');
  t.is(await cluster.read('a'), 1, 'b and c matter no more');
  // Now a change back of which the open rounds are not yet free: d and e govern the next one, b and c one further on.
  cluster.network.heal();
  await cluster.append('a', add());
  await cluster.stopAll();
});

test('a read without a lease may fall back on a linearizable one, which renews the leases', async (t) => {
  const cluster = new TestCluster({ leases: { fallback: 'linearizable' } });
  await cluster.startAll();
  await cluster.clock.pass(5_000);
  t.is(await cluster.clock.run(cluster.read('a')), 1);
  await cluster.clock.pass(300);
  t.is(await cluster.clock.run(cluster.read('a')), 1);
  t.true(cluster.node('a').masterLeases.strictForMs > 0);
  const { round } = cluster.node('a');
  cluster.network.cut('a');
  t.is(await cluster.read('a'), 1);
  t.is(cluster.node('a').round, round);
  cluster.network.heal();
  await cluster.stopAll();
});

test('what the function throws comes back, and the lease stays', async (t) => {
  const cluster = await leasingCluster();
  const cause = new Error('no such key');
  const failing = cluster.node('a').read(
    () => {
      throw cause;
    },
    { consistency: 'lease' },
  );
  t.is(await t.throwsAsync(failing), cause);
  t.is(await cluster.read('a'), 1);
  await cluster.stopAll();
});

test('a read that waits ends with its signal, with the lease, and with the node', async (t) => {
  const cluster = await leasingCluster({ window: 8 });
  const { network } = cluster;
  const a = cluster.node('a');
  // The next round stays open for want of a majority; the one after it is committed before that.
  const next = a.round + 1;
  network.setAll({ isCut: true });
  void a.append(add(), { round: { from: next, to: next } }).catch(() => {});
  await cluster.clock.pass(1);
  network.setAll({ isCut: false });
  await cluster.clock.run(a.append(add(), { round: { from: next + 1, to: next + 1 } }));
  t.is(a.committed, next - 1, 'acknowledged, and not yet applied');
  const aborter = new AbortController();
  const aborted = a.read(() => 0, { consistency: 'lease', signal: aborter.signal });
  aborter.abort();
  t.like(await cluster.clock.failure(aborted), { code: 'PAXAKOS_ABORTED', effect: 'none' });
  const patient = cluster.read('a');
  t.is(await cluster.clock.run(patient), 3);
  await cluster.stopAll();
  t.like(await t.throwsAsync(a.read(() => 0, { consistency: 'lease' })), { code: 'PAXAKOS_STOPPED' });
  t.is(cluster.clockOf('a').timers.size, 0);
});

test('how long leases are can follow from the state', async (t) => {
  const cluster = new TestCluster({ leases: { leaseMs: ({ leaseMs }) => leaseMs, leaseMsMax: 20_000 } });
  await cluster.startAll();
  await cluster.warmUp('a');
  t.true(cluster.node('a').masterLeases.strictForMs <= 1_000);
  await cluster.append('a', setLease(10_000));
  await cluster.warmUp('a');
  t.true(cluster.node('a').masterLeases.strictForMs > 8_000);
  t.deepEqual(cluster.errors('b'), []);
  await cluster.append('a', setLease(50_000));
  await cluster.warmUp('a');
  t.true(cluster.node('a').masterLeases.strictForMs > 8_000, 'as it was last');
  t.is(cluster.errors('b').length, 1);
  t.like(cluster.errors('b')[0], { code: 'PAXAKOS_INVALID' });
  await cluster.stopAll();
});

test('the data of the voter below is kept', async (t) => {
  const cluster = new TestCluster();
  const voter = { contemplateProposal: () => ({ vote: 'nay', data: 'no' }) as const };
  await cluster.start('a');
  await cluster.start('b', { voter });
  await cluster.start('c', { voter: { contemplateProposal: () => ({ vote: 'yea', data: 'why not' }) } });
  await cluster.add('a');
  await cluster.warmUp('a');
  t.is(await cluster.read('a'), 1);
  await cluster.stopAll();
});

test('a codec that cannot carry promises is refused at the start', async (t) => {
  const picky: Codec = {
    encode: (value) => {
      if ((value as { masterLease?: unknown }).masterLease !== undefined) throw new Error('not of mine');
      return jsonCodec.encode(value);
    },
    decode: (bytes) => jsonCodec.decode(bytes),
  };
  const lossy: Codec = { ...picky, encode: () => jsonCodec.encode(1) };
  for (const codec of [picky, lossy]) {
    const start = createNode({
      id: 'a',
      state: counters(['a'], 4),
      transport: memoryNetwork().transport('a'),
      codec,
    })
      .with(masterLeases())
      .start();
    await t.throwsAsync(start, { code: 'PAXAKOS_INVALID', message: /^codec is / });
  }
});

test('switched off by its flag it is inert, and its calls say so', async (t) => {
  const node = await createNode({
    id: 'a',
    state: counters(['a'], 4),
    transport: memoryNetwork().transport('a'),
    flags: { masterLeases: false },
  })
    .with(masterLeases())
    .start();
  t.is(node.masterLeases.strictForMs, 0);
  t.is(node.masterLeases.laxForMs, 0);
  t.like(await t.throwsAsync(node.masterLeases.renew()), { code: 'PAXAKOS_DECORATION_DISABLED' });
  t.like(await t.throwsAsync(node.read(() => 0, { consistency: 'lease' })), { code: 'PAXAKOS_INVALID' });
  await node.stop();
});
