// Every class of AppendError at least once, each with its code and an effect that is honest (H53): `none` only where it is
// proven that the entry never will be committed.
import test from 'ava';
import {
  AbortedError,
  ConvergedError,
  DisorientedError,
  ExiledError,
  isPaxakosError,
  LostError,
  NoQuorumError,
  never,
  OverloadedError,
  PassiveError,
  RailroadedError,
  ShutDownError,
  UnacceptableError,
} from '../../src/index.ts';
import { startedCluster, TestCluster } from './test-cluster.ts';
import { add, setMembers } from './test-state.ts';

test('converged: the rounds asked for hold other entries', async (t) => {
  const cluster = await startedCluster();
  await cluster.append('a', add());
  const error = await cluster.clock.failure(cluster.node('a').append(add(), { round: { from: 1, to: 1 } }));
  t.true(error instanceof ConvergedError);
  t.like(error, { code: 'PAXAKOS_CONVERGED', effect: 'none', caughtUp: true, name: 'ConvergedError' });
  await cluster.stopAll();
});

test('lost: the node does not lead, and names who seems to', async (t) => {
  const cluster = await startedCluster();
  await cluster.append('c', add());
  const error = await cluster.clock.failure(cluster.node('b').append(add(), { leadership: 'require', retry: never }));
  t.true(error instanceof LostError);
  t.like(error, { code: 'PAXAKOS_LOST', effect: 'none', leader: 'c' });
  t.regex(String(error), /"c" seems to/);
  await cluster.stopAll();
});

/** `a` leads, and its last proposal reaches nobody; then `b` leads. */
async function overtaken(): Promise<{
  cluster: TestCluster;
  appended: Promise<unknown>;
  entry: ReturnType<typeof add>;
}> {
  const cluster = await startedCluster({ tuning: { attemptMs: 600 } });
  await cluster.append('a', add());
  await cluster.level();
  cluster.network.cut('a');
  const entry = add(1_000);
  const appended = cluster.node('a').append(entry, { retry: never });
  appended.catch(() => {});
  return { cluster, appended, entry };
}

test('H53, lost or no quorum: a proposal that has left may still be committed, and the error says so', async (t) => {
  const { cluster, appended, entry } = await overtaken();
  const error = await cluster.clock.failure(appended);
  t.true(isPaxakosError(error, 'PAXAKOS_NO_QUORUM'));
  t.like(error, { effect: 'unknown' });
  // `a` alone has accepted it; it comes back, and whoever leads next finds it, or not.
  cluster.network.heal();
  await cluster.append('a', add());
  await cluster.level();
  t.true(cluster.ledger('b').log.includes(entry.id));
  await cluster.stopAll();
});

test('railroaded: another entry was placed in the round, so this one is not there, without effect', async (t) => {
  const cluster = await startedCluster({ tuning: { attemptMs: 5_000 } });
  await cluster.append('a', add());
  await cluster.level();
  cluster.network.cut('a');
  const entry = add(1_000);
  const appended = cluster.node('a').append(entry, { retry: never });
  await cluster.clock.pass(10);
  t.is(await cluster.append('b', add()), 2);
  cluster.network.heal();
  const error = await cluster.clock.failure(appended);
  t.true(error instanceof RailroadedError);
  t.like(error, { code: 'PAXAKOS_RAILROADED', effect: 'none', round: 2 });
  await cluster.level();
  for (const log of cluster.logs()) t.false(log.includes(entry.id));
  await cluster.stopAll();
});

test('H51: an append that was overtaken and tried again takes effect once', async (t) => {
  const cluster = await startedCluster();
  await cluster.append('a', add());
  await cluster.level();
  cluster.network.cut('a');
  const entry = add(1_000);
  const appended = cluster.node('a').append(entry);
  await cluster.clock.pass(10);
  await cluster.append('b', add());
  cluster.network.heal();
  const commit = await cluster.clock.run(appended);
  t.is(await cluster.clock.run(commit.applied()), 1_002);
  await cluster.level();
  for (const log of cluster.logs()) t.is(log.filter((id) => id === entry.id).length, 1);
  await cluster.stopAll();
});

test('H51: an append whose answers were all lost, tried again, is committed once', async (t) => {
  const cluster = await startedCluster({ tuning: { attemptMs: 500 } });
  await cluster.append('a', add());
  for (const id of ['b', 'c']) cluster.network.link(id, 'a').set({ isCut: true });
  const entry = add(1_000);
  const appended = cluster.node('a').append(entry);
  await cluster.clock.pass(3_000);
  cluster.network.heal();
  const commit = await cluster.clock.run(appended);
  t.is(await cluster.clock.run(commit.applied()), 1_001);
  await cluster.level();
  for (const log of cluster.logs()) t.is(log.filter((id) => id === entry.id).length, 1);
  await cluster.stopAll();
});

test('no quorum: names who could not be reached', async (t) => {
  const cluster = await startedCluster();
  cluster.network.cut('b');
  cluster.network.cut('c');
  const error = await cluster.clock.failure(cluster.node('a').append(add(), { retry: never }));
  t.true(error instanceof NoQuorumError);
  t.like(error, { code: 'PAXAKOS_NO_QUORUM', effect: 'none', abstentions: [], rejections: [], discards: [] });
  t.deepEqual((error as NoQuorumError).communicationErrors, [
    { node: 'b', data: 'no answer in time' },
    { node: 'c', data: 'no answer in time' },
  ]);
  t.regex(String(error), /0 abstained, 0 rejected, 0 did not count, 2 could not be reached/);
  await cluster.stopAll();
});

test('no quorum: says that the log has not reached the round, where nobody was against it', async (t) => {
  const cluster = await startedCluster();
  await cluster.append('a', add());
  const error = await cluster.clock.failure(
    cluster.node('a').append(add(), { round: { from: 100_000 }, retry: never }),
  );
  t.like(error, { code: 'PAXAKOS_NO_QUORUM', effect: 'none', discards: [], communicationErrors: [] });
  t.regex(String(error), /the log has not reached the round in time/);
  await cluster.stopAll();
});

test('no quorum: names who abstained, with their data', async (t) => {
  const cluster = new TestCluster();
  const abstains = { contemplateCandidate: () => ({ vote: 'abstain', data: { until: 5 } }) as const };
  await cluster.start('a');
  await cluster.start('b', { voter: abstains });
  await cluster.start('c', { voter: abstains });
  await cluster.clock.until(() => cluster.node('a').participation.type === 'active');
  const error = await cluster.clock.failure(cluster.node('a').append(add(), { retry: never }));
  t.like(error, { code: 'PAXAKOS_NO_QUORUM', effect: 'none' });
  t.deepEqual((error as NoQuorumError).abstentions, [
    { node: 'b', data: { until: 5 } },
    { node: 'c', data: { until: 5 } },
  ]);
  await cluster.stopAll();
});

test('no quorum: names who rejected, with their data; the entry may be committed all the same', async (t) => {
  const cluster = new TestCluster({ tuning: { attemptMs: 500 } });
  let refuses = true;
  const rejects = { contemplateProposal: () => ({ vote: refuses ? 'nay' : 'yea', data: 'too much' }) as const };
  await cluster.start('a');
  await cluster.start('b', { voter: rejects });
  await cluster.start('c', { voter: rejects });
  await cluster.clock.until(() => cluster.node('a').participation.type === 'active');
  const entry = add();
  const error = await cluster.clock.failure(cluster.node('a').append(entry, { retry: never }));
  t.like(error, { code: 'PAXAKOS_NO_QUORUM', effect: 'unknown' });
  t.deepEqual((error as NoQuorumError).rejections, [
    { node: 'b', data: 'too much' },
    { node: 'c', data: 'too much' },
  ]);
  refuses = false;
  await cluster.append('a', add());
  t.is(cluster.ledger('a').log[0], entry.id);
  await cluster.stopAll();
});

test('no quorum: names members whose memory the log does not know', async (t) => {
  const cluster = await startedCluster({ window: 1 });
  await cluster.append('a', setMembers('a', 'b', 'c', 'd'));
  await cluster.level();
  for (const id of ['b', 'c']) cluster.network.cut(id);
  const error = await cluster.clock.failure(cluster.node('a').append(add(), { retry: never }));
  t.deepEqual((error as NoQuorumError).discards, [{ node: 'd', data: 'the log does not know its incarnation' }]);
  await cluster.stopAll();
});

test('unacceptable: the own voter is against it, and nothing leaves', async (t) => {
  const cluster = new TestCluster();
  await cluster.start('a', { voter: { contemplateProposal: () => ({ vote: 'nay', data: ['no'] }) } });
  await cluster.start('b');
  await cluster.start('c');
  await cluster.clock.until(() => cluster.node('a').participation.type === 'active');
  const error = await cluster.clock.failure(cluster.node('a').append(add()));
  t.true(error instanceof UnacceptableError);
  t.like(error, { code: 'PAXAKOS_UNACCEPTABLE', effect: 'none', data: ['no'] });
  t.is(await cluster.append('b', add(7)), 7);
  await cluster.stopAll();
});

test('passive: a node whose memory is not yet in the log cannot append', async (t) => {
  const cluster = await startedCluster();
  await cluster.append('a', add());
  cluster.kill('c');
  cluster.network.cut('c');
  await cluster.start('c', { starting: { as: 'recover' } });
  const error = await cluster.clock.failure(cluster.node('c').append(add(), { retry: never }));
  t.true(error instanceof PassiveError);
  t.like(error, { code: 'PAXAKOS_PASSIVE', effect: 'none' });
  await cluster.stopAll();
});

test('disoriented: a node without a state cannot append', async (t) => {
  const cluster = await startedCluster();
  await cluster.append('a', add());
  await cluster.clock.run(cluster.node('a').eject('wrong'));
  const error = await cluster.clock.failure(cluster.node('a').append(add()));
  t.true(error instanceof DisorientedError);
  t.like(error, { code: 'PAXAKOS_DISORIENTED', effect: 'none' });
  await cluster.stopAll();
});

test('exiled: a node that was removed says so', async (t) => {
  const cluster = await startedCluster({ window: 4 });
  await cluster.append('a', setMembers('a', 'b'));
  await cluster.append('a', add());
  await cluster.level();
  const error = await cluster.clock.failure(cluster.node('c').append(add()));
  t.true(error instanceof ExiledError);
  t.like(error, { code: 'PAXAKOS_EXILED', effect: 'none' });
  t.deepEqual(cluster.node('c').participation, { type: 'passive' });
  await cluster.stopAll();
});

test('overloaded: more waits than the node may hold', async (t) => {
  const cluster = await startedCluster({ tuning: { queuedBytesMax: 2_000 } });
  cluster.network.cut('a');
  const appended = Array.from({ length: 100 }, () =>
    cluster
      .node('a')
      .append(add(), { retry: never })
      .catch((error: unknown) => error),
  );
  const errors = await cluster.clock.run(Promise.all(appended));
  const overloaded = errors.filter((error) => error instanceof OverloadedError);
  t.true(overloaded.length > 30);
  t.like(overloaded[0], { code: 'PAXAKOS_OVERLOADED', effect: 'none' });
  t.regex(String(overloaded[0]), /more than 2000 bytes wait.*raise queuedBytesMax/);
  await cluster.stopAll();
});

test('aborted before the call: nothing is appended', async (t) => {
  const cluster = await startedCluster();
  const error = await cluster.clock.failure(cluster.node('a').append(add(), { signal: AbortSignal.abort('why') }));
  t.true(error instanceof AbortedError);
  t.like(error, { code: 'PAXAKOS_ABORTED', effect: 'none', name: 'AbortError', cause: 'why' });
  t.is(cluster.node('a').committed, 0);
  await cluster.stopAll();
});

test('aborted in the same turn, while queued, and between attempts: without effect', async (t) => {
  const cluster = await startedCluster({ tuning: { attemptMs: 500 } });
  const abortAfter = async (ms: number): Promise<unknown> => {
    const controller = new AbortController();
    const appended = cluster.node('a').append(add(), { signal: controller.signal, retry: () => 1_000 });
    appended.catch(() => {});
    if (ms > 0) await cluster.clock.pass(ms);
    controller.abort('enough');
    return cluster.clock.failure(appended);
  };
  cluster.network.cut('a');
  for (const ms of [0, 100, 700])
    t.like(await abortAfter(ms), { code: 'PAXAKOS_ABORTED', effect: 'none', cause: 'enough' });
  cluster.network.heal();
  t.is(await cluster.append('a', add(3)), 3);
  t.is(cluster.ledger('a').log.length, 1);
  await cluster.stopAll();
});

test('H53: aborted once a proposal has left: the effect is unknown, in the attempt and between attempts', async (t) => {
  for (const ms of [100, 700]) {
    const cluster = await startedCluster({ tuning: { attemptMs: 500 } });
    await cluster.append('a', add());
    for (const id of ['b', 'c']) cluster.network.link(id, 'a').set({ isCut: true });
    const controller = new AbortController();
    const entry = add();
    const appended = cluster.node('a').append(entry, { signal: controller.signal, retry: () => 1_000 });
    appended.catch(() => {});
    await cluster.clock.pass(ms);
    controller.abort();
    const error = await cluster.clock.failure(appended);
    t.like(error, { code: 'PAXAKOS_ABORTED', effect: 'unknown' });
    cluster.network.heal();
    await cluster.append('b', add());
    await cluster.level();
    t.true(cluster.ledger('b').log.includes(entry.id), 'it was indeed committed');
    await cluster.stopAll();
  }
});

test('shut down: what is queued has no effect, what is proposed an unknown one, and nothing more is taken', async (t) => {
  const cluster = await startedCluster();
  cluster.network.cut('a');
  const queued = cluster.node('a').append(add());
  queued.catch(() => {});
  await cluster.clock.pass(10);
  await cluster.stop('a').catch(() => {});
  t.like(await cluster.clock.failure(queued), { code: 'PAXAKOS_SHUT_DOWN', effect: 'none' });

  await cluster.append('b', add());
  cluster.network.cut('b');
  const b = cluster.node('b');
  const placed = b.append(add());
  placed.catch(() => {});
  await cluster.clock.pass(10);
  await cluster.stop('b');
  const error = await cluster.clock.failure(placed);
  t.true(error instanceof ShutDownError);
  t.like(error, { code: 'PAXAKOS_SHUT_DOWN', effect: 'unknown' });
  t.like(await cluster.clock.failure(b.append(add())), { code: 'PAXAKOS_SHUT_DOWN', effect: 'none' });
  await cluster.stopAll();
});

test('what became of an entry can be lost with a snapshot that jumps over its round: unknown, and not tried again', async (t) => {
  const cluster = await startedCluster({ tuning: { attemptMs: 500 } });
  await cluster.append('a', add());
  await cluster.level();
  cluster.network.cut('a');
  const appended = cluster.node('a').append(add(), { retry: () => 10 });
  appended.catch(() => {});
  await cluster.clock.pass(10);
  await cluster.append('b', add());
  await cluster.append('b', add());
  const snapshot = await cluster.clock.run(cluster.node('b').takeSnapshot());
  await cluster.clock.run(cluster.node('a').installSnapshot(snapshot));
  const error = await cluster.clock.failure(appended);
  t.like(error, { code: 'PAXAKOS_CONVERGED', effect: 'unknown', caughtUp: false });
  await cluster.stopAll();
});
