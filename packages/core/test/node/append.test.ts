// append(): where an entry is placed, what it takes to place it, when it is tried again, and how it is given up.
import test from 'ava';
import { AppendError, backoff, indefinitely, type NoQuorumError, never, type RetryContext } from '../../src/index.ts';
import { startedCluster } from './test-cluster.ts';
import { add, setWindow } from './test-state.ts';

test('a commit names its round, and applied() gives the outcome as often as it is asked', async (t) => {
  const cluster = await startedCluster();
  const commit = await cluster.clock.run(cluster.node('a').append(add(5)));
  t.is(commit.round, 1);
  t.is(await cluster.clock.run(commit.applied()), 5);
  t.is(await commit.applied(), 5);
  await cluster.stopAll();
});

test('all appended in one turn follow one another in its order', async (t) => {
  const cluster = await startedCluster();
  const entries = Array.from({ length: 50 }, () => add());
  const commits = await cluster.clock.run(Promise.all(entries.map((entry) => cluster.node('a').append(entry))));
  t.deepEqual(
    commits.map(({ round }) => round),
    entries.map((_, index) => index + 1),
  );
  await cluster.level();
  for (const log of cluster.logs())
    t.deepEqual(
      log,
      entries.map(({ id }) => id),
    );
  await cluster.stopAll();
});

test('an entry is placed within the rounds asked for, or the append fails as converged without effect', async (t) => {
  const cluster = await startedCluster();
  const a = cluster.node('a');
  const commit = await cluster.clock.run(a.append(add(), { round: { from: 7, to: 9 } }));
  t.is(commit.round, 7);
  // It is applied when the rounds below it have been settled, by other entries perhaps.
  for (let count = 0; count < 6; count += 1) await cluster.clock.run(a.append(add()));
  await cluster.clock.run(commit.applied());
  t.is(cluster.ledger('a').log.length, 7);
  const late = a.append(add(100), { round: { to: 1 } });
  t.like(await cluster.clock.failure(late), { code: 'PAXAKOS_CONVERGED', effect: 'none', caughtUp: true });
  t.true((await cluster.clock.run(a.append(add(), { round: { from: 2, to: 30 } }))).round >= 8);
  await cluster.stopAll();
});

test('rounds that mean nothing are refused, and so are other options', async (t) => {
  const cluster = await startedCluster();
  const a = cluster.node('a');
  for (const round of [{ from: 0 }, { from: 3, to: 2 }, { to: 1.5 }, { from: 2 ** 53 }])
    t.like(await cluster.clock.failure(a.append(add(), { round })), { code: 'PAXAKOS_INVALID' });
  const wrong = [{ leadership: 'high' }, { retry: 5 }, { signal: 'stop' }];
  for (const options of wrong)
    t.regex(
      String(await cluster.clock.failure(a.append(add(), options as never))),
      new RegExp(`${Object.keys(options)[0]} is .*: give `),
    );
  t.regex(String(await cluster.clock.failure(a.append({ type: 'add', value: 1 } as never))), /entry\.id is undefined/);
  t.regex(String(await cluster.clock.failure(a.append({ id: 'x', value: 1 } as never))), /entry\.type is undefined/);
  t.regex(String(await cluster.clock.failure(a.append(undefined as never))), /entry is undefined/);
  t.is(cluster.node('a').committed, 0);
  await cluster.stopAll();
});

test('an append that may only use leadership does not acquire it', async (t) => {
  const cluster = await startedCluster();
  await cluster.append('a', add());
  const options = { leadership: 'require', retry: never } as const;
  const error = await cluster.clock.failure(cluster.node('b').append(add(), options));
  t.like(error, { code: 'PAXAKOS_LOST', effect: 'none', leader: 'a' });
  t.is(cluster.node('a').status, 'leading');
  t.is(await cluster.append('a', add(), options), 2);
  await cluster.stopAll();
});

test('an append that inquires learns from the others that its round has converged', async (t) => {
  const cluster = await startedCluster();
  await cluster.append('a', add());
  await cluster.level();
  const options = { leadership: 'check', retry: never } as const;
  const lost = await cluster.clock.failure(cluster.node('b').append(add(), options));
  t.like(lost, { code: 'PAXAKOS_LOST', effect: 'none', leader: 'a' });
  cluster.network.link('a', 'c').set({ isCut: true });
  await cluster.append('a', add());
  await cluster.clock.pass(100);
  const error = await cluster.clock.failure(cluster.node('c').append(add(), { ...options, round: { from: 2 } }));
  t.like(error, { code: 'PAXAKOS_CONVERGED', effect: 'none' });
  t.is(cluster.node('a').status, 'leading');
  await cluster.stopAll();
});

test('an append that inquires, and that no majority answers, says so', async (t) => {
  const cluster = await startedCluster();
  await cluster.append('a', add());
  await cluster.level();
  cluster.network.cut('c');
  const options = { leadership: 'check', retry: never } as const;
  const error = await cluster.clock.failure(cluster.node('c').append(add(), options));
  t.like(error, { code: 'PAXAKOS_NO_QUORUM', effect: 'none' });
  t.deepEqual(
    (error as NoQuorumError).communicationErrors.map(({ node }) => node),
    ['a', 'b'],
  );
  t.is(cluster.node('a').status, 'leading');
  await cluster.stopAll();
});

test('never: one attempt, and no more', async (t) => {
  const cluster = await startedCluster();
  cluster.network.cut('a');
  const startedAt = cluster.clock.now;
  const error = await cluster.clock.failure(cluster.node('a').append(add(), { retry: never }));
  t.like(error, { code: 'PAXAKOS_NO_QUORUM', effect: 'none' });
  t.true(cluster.clock.now - startedAt < 4_000);
  await cluster.stopAll();
});

test('backoff: tries again until its time is up', async (t) => {
  const cluster = await startedCluster();
  cluster.network.cut('a');
  const startedAt = cluster.clock.now;
  const entry = add();
  const error = await cluster.clock.failure(
    cluster.node('a').append(entry, { retry: backoff({ elapsedMsMax: 10_000 }) }),
  );
  t.like(error, { code: 'PAXAKOS_NO_QUORUM' });
  t.true(cluster.clock.now - startedAt > 6_000);
  t.true(cluster.clock.now - startedAt < 14_000);
  cluster.network.heal();
  t.is(await cluster.append('a', add(2)), 2);
  await cluster.stopAll();
});

test('backoff does not try again what another attempt cannot mend', (t) => {
  const policy = backoff();
  const attempt = (code: AppendError['code']): RetryContext => ({
    attempts: 1,
    elapsedMs: 0,
    error: new AppendError(code, 'none', ''),
    random: () => 0.5,
  });
  for (const code of ['PAXAKOS_LOST', 'PAXAKOS_RAILROADED', 'PAXAKOS_NO_QUORUM', 'PAXAKOS_PASSIVE'] as const)
    t.is(policy(attempt(code)), 5);
  for (const code of ['PAXAKOS_CONVERGED', 'PAXAKOS_UNACCEPTABLE', 'PAXAKOS_EXILED', 'PAXAKOS_SHUT_DOWN'] as const)
    t.is(policy(attempt(code)), undefined);
  t.is(policy({ ...attempt('PAXAKOS_LOST'), elapsedMs: 30_000 }), undefined);
  t.is(policy({ ...attempt('PAXAKOS_LOST'), attempts: 40 }), 500);
  t.is(indefinitely()({ ...attempt('PAXAKOS_LOST'), elapsedMs: 1e12, attempts: 1_000 }), 500);
  t.throws(() => backoff({ initialMs: -1 }), { code: 'PAXAKOS_INVALID', message: /backoff\.initialMs is -1/ });
  for (const policyOf of [backoff, indefinitely])
    t.throws(() => policyOf({ maxMS: 5 } as never), {
      code: 'PAXAKOS_INVALID',
      message: /^backoff\.maxMS is 5: .*there are initialMs, maxMs, elapsedMsMax$/,
    });
});

test('indefinitely: goes on until it can be placed, once', async (t) => {
  const cluster = await startedCluster();
  cluster.network.cut('a');
  const outcome = cluster.node('a').append(add(4), { retry: indefinitely() });
  await cluster.clock.pass(120_000);
  cluster.network.heal();
  t.is(await cluster.clock.run((await cluster.clock.run(outcome)).applied()), 4);
  await cluster.level();
  t.deepEqual(
    cluster.logs().map((log) => log.length),
    [1, 1, 1],
  );
  await cluster.stopAll();
});

test('a policy of the application is told of each attempt and decides', async (t) => {
  const cluster = await startedCluster();
  cluster.network.cut('a');
  const seen: RetryContext[] = [];
  const retry = (context: RetryContext): number | undefined => {
    seen.push(context);
    return seen.length < 3 ? 500 : undefined;
  };
  const error = await cluster.clock.failure(cluster.node('a').append(add(), { retry }));
  t.is(error, seen[2]?.error);
  t.deepEqual(
    seen.map(({ attempts }) => attempts),
    [1, 2, 3],
  );
  t.true((seen[2]?.elapsedMs ?? 0) >= 2 * 500);
  t.true((seen[0]?.random() ?? 1) < 1);
  await cluster.stopAll();
});

test('H65: a policy that throws, or gives nonsense, ends the append with its error and is reported', async (t) => {
  const cluster = await startedCluster();
  cluster.network.cut('a');
  const cause = new Error('policy broke');
  const policies = [
    () => {
      throw cause;
    },
    () => -1,
    () => Number.NaN,
    () => Promise.reject(cause),
  ];
  for (const retry of policies) {
    const error = await cluster.clock.failure(cluster.node('a').append(add(), { retry: retry as never }));
    t.like(error, { code: 'PAXAKOS_NO_QUORUM', effect: 'none' });
  }
  const reported = cluster.events('a', 'hookError');
  t.deepEqual(
    reported.map(({ hook }) => hook),
    ['retry', 'retry', 'retry', 'retry'],
  );
  t.is(reported[0]?.error, cause);
  cluster.network.heal();
  t.is(await cluster.append('b', add()), 1);
  await cluster.stopAll();
});

test('H62: what the caller writes to an entry after append() changes nothing', async (t) => {
  const cluster = await startedCluster();
  const bytes = new Uint8Array([1, 2, 3]);
  const entry = { id: 'scribbled', type: 'bytes', bytes } as const;
  const appended = cluster.node('a').append(entry);
  bytes.fill(255);
  Object.assign(entry, { id: 'other' });
  const commit = await cluster.clock.run(appended);
  t.is(await cluster.clock.run(commit.applied()), 6);
  await cluster.level();
  t.deepEqual(cluster.logs(), [['scribbled'], ['scribbled'], ['scribbled']]);
  await cluster.stopAll();
});

test('a window of one settles one round at a time, and may grow and shrink while the node runs (P9)', async (t) => {
  const cluster = await startedCluster({ window: 1 });
  const appendMany = async (count: number): Promise<void> => {
    const all = Array.from({ length: count }, () => cluster.node('a').append(add()));
    await cluster.clock.run(Promise.all(all));
    await cluster.level();
  };
  await appendMany(20);
  await cluster.append('a', setWindow(64));
  await appendMany(200);
  await cluster.append('a', setWindow(1));
  await appendMany(200);
  t.is(await cluster.append('b', add()), 421);
  await cluster.level();
  const [first, ...others] = cluster.logs();
  for (const log of others) t.deepEqual(log, first);
  await cluster.stopAll();
});
