// Where appends go: to the leader, on to the next one, where a function says, or nowhere else. H54: none is ever sent on.
import { type AppendError, DecorationAppendError, InvalidError } from '@paxakos/core';
import test from 'ava';
import type { DelegateeContext } from '../src/index.ts';
import { Route } from '../src/route.ts';
import { ledCluster, TestCluster } from './test-cluster.ts';
import { add } from './test-state.ts';

test('one who is taken for the leader and is not says who is, and the append goes there', async (t) => {
  const cluster = await ledCluster();
  await cluster.append('c', add());
  cluster.network.cut('c');
  // b takes over, and c does not hear of it.
  const own = cluster.clock.run(cluster.node('b').read((state) => state.sum, { consistency: 'linearizable' }));
  await own;
  t.is(cluster.node('b').status, 'leading');
  t.is(cluster.node('c').delegation.leader, 'a');
  cluster.network.heal();
  cluster.landed.length = 0;
  const entry = add();
  await cluster.clock.run(cluster.node('c').append(entry));
  t.deepEqual(
    cluster.landed.map(({ at }) => at),
    ['a', 'b'],
  );
  t.is(cluster.node('b').status, 'leading');
  await cluster.level();
  t.is(await cluster.count('c', entry.id), 1);
  await cluster.stopAll();
});

test('loops are impossible: what two nodes delegate to each other is appended where it first comes', async (t) => {
  const cluster = new TestCluster();
  await cluster.start('a', { delegation: { delegatee: () => 'b' } });
  await cluster.start('b', { delegation: { delegatee: () => 'a' } });
  await cluster.start('c', { delegation: { delegatee: () => 'c' } });
  await cluster.clock.until(() => cluster.nodes.every((node) => node.participation.type === 'active'));
  const [first, second] = [add(), add()];
  await cluster.append('a', first);
  await cluster.append('b', second);
  t.deepEqual(
    cluster.landed.map(({ at, id }) => [at, id]),
    [
      ['b', first.id],
      ['a', second.id],
    ],
  );
  await cluster.append('c', add());
  t.is(cluster.landed.at(-1)?.at, 'c');
  await cluster.stopAll();
});

test('a function may choose the delegatee, and is told what it may want to know', async (t) => {
  const contexts: DelegateeContext[] = [];
  const cluster = await ledCluster();
  cluster.kill('c');
  const entry = add();
  const delegatee = (context: DelegateeContext): string | undefined => {
    contexts.push(context);
    return context.attempts === 0 ? 'b' : undefined;
  };
  const c = await cluster.start('c', { starting: { as: 'recover' }, delegation: { delegatee } });
  await cluster.clock.until(() => c.participation.type === 'active');
  const retry = ({ attempts }: { readonly attempts: number }) => (attempts === 1 ? 10 : undefined);
  const error = await cluster.clock.failure(c.append(entry, { leadership: 'require', retry }));
  t.is((error as AppendError).code, 'PAXAKOS_LOST');
  t.is(contexts[0]?.entry, entry);
  t.is(contexts[0]?.leader, 'a');
  t.is(contexts[0]?.attempts, 0);
  t.is(contexts[0]?.error, undefined);
  t.is(contexts[1]?.attempts, 1);
  t.is(contexts[1]?.error?.code, 'PAXAKOS_LOST');
  await cluster.stopAll();
});

test('H65 a function that throws, or gives what is no id, is reported, and the append fails without effect', async (t) => {
  const cause = new Error('it broke');
  for (const [delegatee, isExpected] of [
    [
      () => {
        throw cause;
      },
      (error: unknown) => error === cause,
    ],
    [() => 5 as never, (error: unknown) => error instanceof InvalidError],
  ] as const) {
    const cluster = new TestCluster(['a']);
    const a = await cluster.start('a', { delegation: { delegatee } });
    const error = await cluster.clock.failure(a.append(add()));
    t.true(error instanceof DecorationAppendError);
    t.is((error as DecorationAppendError).effect, 'none');
    t.true(isExpected((error as DecorationAppendError).cause));
    const [event] = cluster.events('a', 'hookError');
    t.is(event?.hook, 'delegation: delegatee');
    t.true(isExpected(event?.error));
    t.is(cluster.landed.length, 0);
    await cluster.stopAll();
  }
});

test('a leader without delegation is found out, and appends fall back to this node', async (t) => {
  const cluster = new TestCluster();
  await cluster.start('a', { flags: { delegation: false } });
  await cluster.start('b');
  await cluster.start('c');
  await cluster.clock.until(() => cluster.nodes.every((node) => node.participation.type === 'active'));
  await cluster.lead('a');
  const entry = add();
  await cluster.append('b', entry);
  t.deepEqual(
    cluster.landed.map(({ at }) => at),
    ['b'],
  );
  t.is(await cluster.count('b', entry.id), 1);
  // Those after it do not wait.
  cluster.network.cut('c', 'a');
  await cluster.clock.run(cluster.node('a').read(() => 0, { consistency: 'linearizable' }));
  t.is(cluster.node('b').delegation.leader, 'a');
  await cluster.clock.run(cluster.node('b').append(add()), 100);
  await cluster.stopAll();
});

test('a leader that stops has its appends placed by whoever sent them', async (t) => {
  const cluster = await ledCluster();
  await cluster.append('b', add());
  const a = cluster.node('a');
  const stopped = a.stop();
  const entry = add();
  const append = cluster.node('b').append(entry);
  await cluster.clock.run(stopped);
  const { round } = await cluster.clock.run(append);
  t.true(round > 2);
  await cluster.clock.pass(3_000);
  t.is(await cluster.count('b', entry.id), 1);
  await cluster.stopAll();
});

test('a node that was cut off and holds old beliefs appends where the leader is once it is back', async (t) => {
  const cluster = await ledCluster(undefined, ['a', 'b', 'c', 'd', 'e']);
  await cluster.append('e', add());
  cluster.network.partition(['a', 'e'], ['b', 'c', 'd']);
  await cluster.append('b', add());
  const entry = add();
  const append = cluster.node('e').append(entry);
  await cluster.clock.pass(1_000);
  cluster.network.heal();
  await cluster.clock.run(append.catch(() => {}));
  await cluster.clock.pass(3_000);
  await cluster.level();
  t.true((await cluster.count('e', entry.id)) <= 1);
  const last = add();
  await cluster.append('e', last);
  await cluster.level();
  t.is(await cluster.count('b', last.id), 1);
  await cluster.stopAll();
});

test('a node that lags goes by the greatest number that it has seen, and does not take leadership away', (t) => {
  const node = { id: 'b', status: 'lagging', leader: 'a' };
  const suspended = {
    isSuspended: true,
    ranges: [],
    leader: undefined,
    leaderOf: () => undefined,
    onChange: () => () => {},
  };
  const route = new Route({ node } as never, { lax: suspended, strict: suspended }, undefined);
  t.deepEqual(route.next(add(), 0, undefined), { peer: 'a', mustLead: true });
  for (const [status, leader] of [
    ['disoriented', 'a'],
    ['following', 'a'],
    ['lagging', 'b'],
    ['lagging', undefined],
    ['failed', 'a'],
    ['stopped', 'a'],
    ['leading', 'a'],
  ] as const) {
    Object.assign(node, { status, leader });
    t.is(route.next(add(), 0, undefined), undefined, status);
  }
});

test('what waits for a dead leader moves at the moment in which another one leads', async (t) => {
  const cluster = await ledCluster({ delegation: { resendMs: 5_000, answerMs: 60_000 } });
  await cluster.append('b', add());
  cluster.kill('a');
  // The one that is on its way is in doubt for long; the next one has not been sent when that is clear.
  const doubtful = cluster
    .node('b')
    .append(add())
    .catch((error: unknown) => error);
  await cluster.clock.pass(12_000);
  const entry = add();
  const waiting = cluster.node('b').append(entry);
  await cluster.clock.pass(100);
  await cluster.clock.run(cluster.node('c').read((state) => state.sum, { consistency: 'linearizable' }));
  t.is(cluster.node('c').status, 'leading');
  await cluster.clock.pass(100);
  t.is(cluster.landed.at(-1)?.id, entry.id);
  t.is(cluster.landed.at(-1)?.at, 'c');
  await cluster.clock.run(Promise.all([waiting, doubtful]));
  await cluster.stopAll();
});
