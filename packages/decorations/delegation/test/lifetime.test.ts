// Calling off, stopping, giving up the state, switching off: what was under way ends as it must, and nothing stays behind.
import {
  AbortedError,
  type AppendError,
  createNode,
  type DecorationError,
  DisorientedError,
  defineDecoration,
  InvalidError,
  never,
  ShutDownError,
} from '@paxakos/core';
import { volatileStorage } from '@paxakos/core/memory';
import { trackLeadership } from '@paxakos/track-leadership';
import test from 'ava';
import { type DelegationOptions, delegation } from '../src/index.ts';
import { ledCluster, TestCluster } from './test-cluster.ts';
import { add, type Ledger, ledgers } from './test-state.ts';

test('an append that is called off before it leaves has no effect', async (t) => {
  const cluster = await ledCluster();
  const early = AbortSignal.abort('early');
  const b = cluster.node('b');
  const first = (await cluster.clock.failure(b.append(add(), { signal: early }))) as AbortedError;
  const controller = new AbortController();
  const append = b.append(add(), { signal: controller.signal });
  controller.abort('enough');
  const second = (await cluster.clock.failure(append)) as AbortedError;
  for (const error of [first, second]) {
    t.true(error instanceof AbortedError);
    t.is(error.effect, 'none');
    t.is(error.name, 'AbortError');
  }
  t.is(second.cause, 'enough');
  await cluster.clock.pass(1_000);
  t.is(cluster.landed.filter(({ at }) => at === 'a').length, 0);
  await cluster.stopAll();
});

test('an append that is called off at the leader has the effect that the leader knows of', async (t) => {
  const cluster = await ledCluster();
  await cluster.append('b', add());
  const b = cluster.node('b');
  // It waits for its round, and nothing is proposed.
  const waiting = new AbortController();
  const later = b.append(add(), { round: { from: 5_000 }, signal: waiting.signal });
  await cluster.clock.pass(50);
  t.is(cluster.node('a').delegation.working, 1);
  waiting.abort('enough');
  const none = (await cluster.clock.failure(later, 1_000)) as AbortedError;
  t.true(none instanceof AbortedError);
  t.is(none.effect, 'none');
  t.is(none.cause, 'enough');
  t.is(cluster.node('a').delegation.working, 0);
  // It is proposed, and nobody accepts it.
  cluster.network.cut('c');
  const proposed = new AbortController();
  cluster.onFrame = (from, to, frame) => from !== 'a' || to !== 'b' || frame.length < 300;
  const append = b.append({ id: 'many', type: 'bytes', bytes: new Uint8Array(500) }, { signal: proposed.signal });
  await cluster.clock.pass(50);
  proposed.abort('enough');
  const unknown = (await cluster.clock.failure(append, 2_000)) as AbortedError;
  t.true(unknown instanceof AbortedError);
  t.is(unknown.effect, 'unknown');
  t.is(unknown.cause, 'enough');
  await cluster.stopAll();
});

test('an append that is called off, or shut down, between two attempts has no effect', async (t) => {
  const cluster = new TestCluster();
  await cluster.start('a', {
    voter: {
      contemplateProposal: (proposal) =>
        (proposal.entry() as { value?: number })?.value === 9 ? { vote: 'nay' } : { vote: 'yea' },
    },
  });
  await cluster.start('b');
  await cluster.start('c');
  await cluster.clock.until(() => cluster.nodes.every((node) => node.participation.type === 'active'));
  await cluster.lead('a');
  const controller = new AbortController();
  const append = cluster.node('b').append(add(9), { signal: controller.signal, retry: () => 10_000 });
  await cluster.clock.pass(1_000);
  controller.abort('enough');
  const error = (await cluster.clock.failure(append, 10)) as AbortedError;
  t.true(error instanceof AbortedError);
  t.is(error.effect, 'none');
  // So has one of a node that stops.
  const other = cluster.node('b').append(add(9), { retry: () => 10_000 });
  const failure = cluster.clock.failure(other, 1_000);
  await cluster.clock.pass(500);
  await cluster.clock.run(cluster.node('b').stop());
  const shut = (await failure) as ShutDownError;
  t.true(shut instanceof ShutDownError);
  t.is(shut.effect, 'none');
  await cluster.stopAll();
});

test('a node that stops settles what it has with others: none where nothing was sent, else unknown', async (t) => {
  const cluster = await ledCluster();
  await cluster.append('b', add());
  const b = cluster.node('b');
  cluster.network.cut('a');
  const sent = b.append(add());
  await cluster.clock.pass(700);
  const waiting = b.append(add());
  await cluster.clock.pass(10);
  const failures = Promise.all([cluster.clock.failure(sent), cluster.clock.failure(waiting)]);
  await cluster.clock.run(b.stop());
  const [first, second] = (await failures) as readonly AppendError[];
  t.true(first instanceof ShutDownError);
  t.is(first?.effect, 'unknown');
  t.true(second instanceof ShutDownError);
  t.is(second?.effect, 'none');
  t.is(cluster.pending('b'), 0);
  const after = (await cluster.clock.failure(b.append(add()))) as AppendError;
  t.true(after instanceof ShutDownError);
  t.is(after.effect, 'none');
  await cluster.stopAll();
});

test('a node that has stopped asks no policy for another attempt', async (t) => {
  const cluster = await ledCluster();
  await cluster.append('b', add());
  const b = cluster.node('b');
  cluster.network.cut('a');
  b.append(add()).catch(() => {});
  await cluster.clock.pass(700);
  // Nothing more is sent while the leader owes an answer.
  const failure = cluster.clock.failure(b.append(add(), { retry: () => 3_600_000 }), 5_000);
  await cluster.clock.pass(10);
  await cluster.clock.run(b.stop());
  const error = (await failure) as ShutDownError;
  t.true(error instanceof ShutDownError);
  t.is(error.effect, 'none');
  t.is(cluster.pending('b'), 0);
  await cluster.stopAll();
});

test('a node that has failed asks no policy for another attempt', async (t) => {
  const cluster = new TestCluster();
  const broken = new Error('the disk broke');
  const storage = volatileStorage();
  const append = storage.append.bind(storage);
  let isBroken = false;
  storage.append = (records) => (isBroken ? Promise.reject(broken) : append(records));
  const isNine = (entry: unknown): boolean => (entry as { value?: number })?.value === 9;
  await cluster.start('a', {
    voter: { contemplateProposal: (proposal) => ({ vote: isNine(proposal.entry()) ? 'nay' : 'yea' }) },
  });
  const b = await cluster.start('b', { storage });
  await cluster.start('c');
  await cluster.clock.until(() => cluster.nodes.every((node) => node.participation.type === 'active'));
  await cluster.lead('a');
  const failure = cluster.clock.failure(b.append(add(9), { retry: () => 500 }), 5_000);
  await cluster.clock.pass(100);
  isBroken = true;
  await cluster.append('a', add());
  await cluster.clock.until(() => b.status === 'failed');
  const error = (await failure) as ShutDownError;
  t.true(error instanceof ShutDownError);
  t.is(error.effect, 'none');
  t.is(error.cause, broken);
  await cluster.stopAll();
});

test('a delegatee that stops in the middle of its work keeps no timer', async (t) => {
  const cluster = await ledCluster();
  await cluster.append('b', add());
  cluster.network.cut('c');
  cluster.onFrame = (from, to, frame) => from !== 'a' || to !== 'b' || frame.length < 300;
  const append = cluster.node('b').append({ id: 'many', type: 'bytes', bytes: new Uint8Array(500) }, { retry: never });
  append.catch(() => {});
  await cluster.clock.pass(2_600);
  t.is(cluster.node('a').delegation.working, 1);
  await cluster.clock.run(cluster.node('a').stop());
  t.is(cluster.pending('a'), 0);
  await cluster.clock.run(append.catch(() => {}));
  await cluster.stopAll();
});

test('an outcome that this node will not see is not waited for: ejected, jumped over by a snapshot, stopped', async (t) => {
  for (const how of ['eject', 'install', 'stop'] as const) {
    const cluster = await ledCluster();
    await cluster.append('b', add());
    const b = cluster.node('b');
    // What the leader says in answers is short, what it proposes is long.
    const entry = { id: 'many', type: 'bytes', bytes: new Uint8Array(500) } as const;
    cluster.onFrame = (_, to, frame) => to !== 'b' || frame.length < 300;
    const answered = b.append(entry);
    await cluster.clock.until(() => cluster.node('c').round >= 3);
    cluster.onFrame = (from, to, frame) =>
      to !== 'b' || (from === 'a' && frame.length < 120 && b.delegation.inFlight > 0);
    const commit = await cluster.clock.run(answered);
    t.is(commit.round, 3);
    t.is(b.round, 2, how);
    const applied = cluster.clock.failure(commit.applied());
    const snapshot = await cluster.clock.run(cluster.node('c').takeSnapshot());
    if (how === 'eject') await cluster.clock.run(b.eject('a test'));
    else if (how === 'install') await cluster.clock.run(b.installSnapshot(snapshot));
    else await cluster.clock.run(b.stop());
    const error = await applied;
    t.true(
      how === 'stop' ? error instanceof ShutDownError : error instanceof DisorientedError,
      `${how}: ${String(error)}`,
    );
    t.is((error as AppendError).effect, 'unknown');
    cluster.onFrame = () => true;
    await cluster.stopAll();
  }
});

test('a node without a state may append at another one that a function names, and sees no outcome', async (t) => {
  const cluster = await ledCluster();
  cluster.kill('b');
  const b = await cluster.start('b', { starting: { as: 'join' }, delegation: { delegatee: () => 'a' } });
  await cluster.clock.run(b.eject('a test'));
  const commit = await cluster.clock.run(b.append(add()));
  t.is(commit.round, 2);
  t.true((await cluster.clock.failure(commit.applied())) instanceof DisorientedError);
  await cluster.stopAll();
});

test("switched off by its flag, it is inert: typed, present, and in nobody's way", async (t) => {
  const cluster = new TestCluster();
  await cluster.startAll({ flags: { delegation: false } });
  await cluster.lead('a');
  const { inFlight, inFlightBytes, leader, remembered, working } = cluster.node('b').delegation;
  t.deepEqual([inFlight, inFlightBytes, leader, remembered, working], [0, 0, undefined, 0, 0]);
  const options = {};
  await cluster.append('b', add(), options);
  t.is(cluster.landed[0]?.at, 'b');
  t.is(cluster.landed[0]?.options, options);
  await cluster.stopAll();
});

test('a time may depend on the state, and an entry that changes it takes effect', async (t) => {
  for (const [values, leastMs] of [
    [[700], 700],
    [[700, 1_500], 1_500],
    // What is no time is reported once, and the last good one counts.
    [[900, -1], 900],
  ] as const) {
    const cluster = new TestCluster();
    await cluster.startAll({ delegation: { answerMs: ({ answerMs }: Ledger) => answerMs, cancelMs: 10 } });
    await cluster.lead('a');
    for (const value of values) {
      await cluster.append('b', { id: `set ${value}`, type: 'answerMs', value });
      // It is asked for while something is under way.
      await cluster.append('b', add());
      const slow = cluster.node('b').append(add(), { round: { from: cluster.node('b').round + 2_000 }, retry: never });
      await cluster.clock.failure(slow);
    }
    cluster.network.cut('a');
    const from = cluster.clock.now;
    const error = (await cluster.clock.failure(cluster.node('b').append(add(), { retry: never }))) as AppendError;
    t.is(error.effect, 'unknown');
    const tookMs = cluster.clock.now - from;
    t.true(tookMs >= leastMs && tookMs <= leastMs + 450, `${tookMs} ms`);
    const errors = cluster.events('b', 'hookError');
    t.is(errors.length, values.length === 2 && values[1] < 0 ? 1 : 0);
    if (errors.length > 0) {
      t.is(errors[0]?.hook, 'delegation: answerMs');
      t.true(errors[0]?.error instanceof InvalidError);
    }
    await cluster.stopAll();
  }
});

test('options are validated at the call, each by its name', (t) => {
  const refused: readonly [unknown, RegExp][] = [
    [null, /^delegation is null: give an object/],
    [{ answer: 5 }, /^delegation.answer is 5: there is no such option/],
    [{ delegatee: 'a' }, /^delegatee is "a": give a function/],
    [{ answerMs: 0 }, /^answerMs is 0: give milliseconds/],
    [{ cancelMs: Number.NaN }, /^cancelMs is NaN/],
    [{ resendMs: 2 ** 31 }, /^resendMs is 2147483648/],
    [{ queuedBytesMax: 0.5 }, /^queuedBytesMax is 0.5/],
  ];
  for (const [options, message] of refused)
    t.throws(() => delegation(options as DelegationOptions), { instanceOf: InvalidError, message });
  t.is(delegation({ answerMs: 5, cancelMs: () => 5 }).name, 'delegation');
});

test('without trackLeadership before it, or there twice, it is refused at the start', async (t) => {
  const options = { id: 'a', state: ledgers(['a']), transport: new TestCluster().network.transport('a') };
  const start = (...decorations: readonly unknown[]): Promise<unknown> => {
    let builder = createNode(options) as { with(one: never): unknown; start(): Promise<unknown> };
    for (const one of decorations) builder = builder.with(one as never) as typeof builder;
    return builder.start();
  };
  const missing = await t.throwsAsync(start(delegation()));
  t.is((missing as DecorationError).code, 'PAXAKOS_DECORATION_MISSING');
  t.regex(missing?.message ?? '', /needs "trackLeadership"/);
  for (const early of ['leaser', 'releaser']) {
    const plain = defineDecoration()({ name: early, install: () => ({}) });
    const order = await t.throwsAsync(start(trackLeadership(), plain, delegation()));
    t.is((order as DecorationError).code, 'PAXAKOS_DECORATION_ORDER');
  }
  const twice = await t.throwsAsync(start(trackLeadership(), delegation(), delegation()));
  t.is((twice as DecorationError).code, 'PAXAKOS_DECORATION_TWICE');
});
