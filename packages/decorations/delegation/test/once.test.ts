// H51-H54: whatever is lost, late, repeated, or dies in between, an entry is placed at most once, and what its appender is told of
// its effect is true. Method: faults put between the request, its answer and what follows, and a look into the log.
import { AppendError, isPaxakosError } from '@paxakos/core';
import test from 'ava';
import { NoAnswerError } from '../src/index.ts';
import { ledCluster, type TestCluster } from './test-cluster.ts';
import { add } from './test-state.ts';

/** A cluster led by `a`, where `b` has its session there. */
async function acquainted(seed = 1): Promise<TestCluster> {
  const cluster = await ledCluster({}, ['a', 'b', 'c'], seed);
  await cluster.append('b', add());
  cluster.landed.length = 0;
  return cluster;
}

/** What came of it: the round, or the error. */
function ending(promise: Promise<{ readonly round: number }>): Promise<number | AppendError> {
  return promise.then(
    ({ round }) => round,
    (error: unknown) => {
      if (error instanceof AppendError) return error;
      throw error;
    },
  );
}

test('H51 only the reply is lost: it is asked for again, and the entry stands there once', async (t) => {
  const cluster = await acquainted();
  const back = cluster.network.link('a', 'b');
  const entry = add();
  const append = cluster.node('b').append(entry);
  back.set({ isCut: true });
  await cluster.clock.until(() => cluster.node('c').round >= 3);
  await cluster.clock.pass(600);
  t.is(cluster.node('b').delegation.inFlight, 1);
  back.set({ isCut: false });
  const { round } = await cluster.clock.run(append);
  t.is(round, 3);
  await cluster.level();
  t.is(await cluster.count('b', entry.id), 1);
  t.is(cluster.landed.length, 1);
  await cluster.stopAll();
});

test('H53 no reply ever comes: the effect is unknown, and the entry is not appended again', async (t) => {
  const cluster = await acquainted();
  const entry = add();
  const append = ending(cluster.node('b').append(entry));
  cluster.network.link('a', 'b').set({ isCut: true });
  cluster.network.link('c', 'b').set({ isCut: true });
  const error = (await cluster.clock.run(append)) as AppendError;
  t.is(error.code, 'PAXAKOS_DECORATION');
  t.is(error.effect, 'unknown');
  t.true(error.cause instanceof NoAnswerError);
  t.true(isPaxakosError(error.cause, 'PAXAKOS_NO_ANSWER'));
  t.is((error.cause as NoAnswerError).delegatee, 'a');
  cluster.network.heal();
  await cluster.clock.pass(5_000);
  await cluster.level();
  t.is(await cluster.count('b', entry.id), 1);
  t.is(cluster.landed.length, 1);
  await cluster.stopAll();
});

test('a reply that never comes does not matter where the entry is seen in the log', async (t) => {
  const cluster = await acquainted();
  const entry = add(3);
  // What the leader says in answers comes alone; what the log says comes by way of c, too.
  const append = cluster.node('b').append(entry);
  cluster.network.link('a', 'b').set({ isCut: true });
  await cluster.clock.until(() => cluster.node('c').round >= 3);
  cluster.kill('a');
  const next = add();
  const [commit] = await cluster.clock.run(Promise.all([append, cluster.node('c').append(next)]));
  t.is(commit.round, 3);
  t.is(await cluster.clock.run(commit.applied()), 5);
  t.is(await cluster.count('b', entry.id), 1);
  await cluster.stopAll();
});

test('H54 a leader that dies before it proposes: unknown, and never a second copy', async (t) => {
  const cluster = await acquainted();
  const entry = add();
  cluster.network.link('a', 'c').set({ isCut: true });
  const append = ending(cluster.node('b').append(entry));
  await cluster.clock.until(() => cluster.landed.length === 1);
  cluster.network.link('a', 'b').set({ isCut: true });
  cluster.kill('a');
  const came = await cluster.clock.run(append);
  if (came instanceof AppendError) t.is(came.effect, 'unknown');
  await cluster.append('c', add());
  await cluster.level();
  t.is(await cluster.count('b', entry.id), came instanceof AppendError ? 0 : 1);
  await cluster.stopAll();
});

test('a leader in its next life takes nothing that its former life may have taken', async (t) => {
  const cluster = await acquainted();
  cluster.network.link('a', 'b').set({ isCut: true });
  cluster.network.link('a', 'c').set({ isCut: true });
  const entry = add();
  const append = ending(cluster.node('b').append(entry));
  await cluster.clock.until(() => cluster.landed.length === 1);
  cluster.kill('a');
  cluster.network.heal();
  const starting = cluster.start('a', { starting: { as: 'recover' } });
  await cluster.clock.run(starting);
  const error = (await cluster.clock.run(append)) as AppendError;
  t.is(error.effect, 'unknown');
  t.regex((error.cause as Error).message, /started anew/);
  await cluster.clock.pass(3_000);
  t.is(cluster.landed.filter(({ id }) => id === entry.id).length, 1);
  // Another append finds its way in a session of the new life.
  const after = add();
  await cluster.append('b', after);
  await cluster.level();
  t.is(await cluster.count('b', after.id), 1);
  t.is(await cluster.count('b', entry.id), 0);
  await cluster.stopAll();
});

test('a request that is called off before it comes is refused for ever, and falls back to this node', async (t) => {
  const cluster = await acquainted();
  const there = cluster.network.link('b', 'a');
  const entry = add();
  there.set({ delayMs: 20_000 });
  const append = cluster.node('b').append(entry);
  await cluster.clock.pass(0);
  there.set({ isCut: true, delayMs: 0 });
  // Long enough to be called off, and not long enough to be given up.
  await cluster.clock.pass(2_300);
  there.set({ isCut: false });
  const { round } = await cluster.clock.run(append);
  t.deepEqual(
    cluster.landed.map(({ at }) => at),
    ['b'],
  );
  t.true(round > 2);
  await cluster.clock.pass(30_000);
  t.deepEqual(
    cluster.landed.map(({ at }) => at),
    ['b'],
  );
  t.is(await cluster.count('c', entry.id), 1);
  await cluster.stopAll();
});

test('what has not been sent is not in doubt: it goes elsewhere when the leader says nothing', async (t) => {
  const cluster = await acquainted();
  cluster.kill('a');
  const sent = add();
  const doubtful = ending(cluster.node('b').append(sent));
  await cluster.clock.pass(700);
  const waiting = add();
  const { round } = await cluster.clock.run(cluster.node('b').append(waiting));
  t.true(round > 2);
  t.is(((await cluster.clock.run(doubtful)) as AppendError).effect, 'unknown');
  await cluster.level();
  t.is(await cluster.count('c', waiting.id), 1);
  t.deepEqual(
    cluster.landed.map(({ at, id }) => [at, id]),
    [['b', waiting.id]],
  );
  await cluster.stopAll();
});

test('what waits for a leader that says nothing goes to the next one as soon as there is one', async (t) => {
  const cluster = await acquainted();
  cluster.kill('a');
  const doubtful = ending(cluster.node('b').append(add()));
  await cluster.clock.pass(700);
  const waiting = add();
  const append = cluster.node('b').append(waiting);
  // c knows nothing of b's doubts, and was told by nobody.
  const direct = cluster.clock.now;
  await cluster.clock.pass(100);
  const taken = cluster.node('c').append(add());
  await cluster.clock.run(append);
  t.true(cluster.clock.now - direct < 5_000);
  await cluster.clock.run(Promise.allSettled([taken, doubtful]));
  t.is(await cluster.count('b', waiting.id), 1);
  await cluster.stopAll();
});

test('an append that a dead leader has is given up soon after another one leads', async (t) => {
  const cluster = await ledCluster({ delegation: { answerMs: 20_000 } });
  await cluster.append('b', add());
  cluster.kill('a');
  const doubtful = ending(cluster.node('b').append(add()));
  await cluster.clock.pass(100);
  // A linearizable read needs leadership, and is no append of the application.
  await cluster.clock.run(cluster.node('c').read(() => 0, { consistency: 'linearizable' }));
  const from = cluster.clock.now;
  t.is(((await cluster.clock.run(doubtful)) as AppendError).effect, 'unknown');
  t.true(cluster.clock.now - from < 2_000, `${cluster.clock.now - from} ms`);
  await cluster.stopAll();
});

test('a leader that is deposed says what became of an append when that is known, and the next one gets what was not placed', async (t) => {
  const cluster = await acquainted();
  // a proposes, and nobody hears of it.
  cluster.onFrame = (from, to, frame) => from !== 'a' || (to === 'b' && frame.length < 300);
  const entry = { id: 'many', type: 'bytes', bytes: new Uint8Array(500) } as const;
  const append = cluster.node('b').append(entry);
  await cluster.clock.until(() => cluster.landed.length === 1);
  await cluster.clock.pass(10);
  // c takes over without a, and another entry takes the round.
  await cluster.clock.run(cluster.node('c').read(() => 0, { consistency: 'linearizable' }));
  await cluster.append('c', add());
  await cluster.clock.pass(2_100);
  cluster.onFrame = () => true;
  const { round } = await cluster.clock.run(append);
  t.true(round > 4);
  await cluster.level();
  t.is(await cluster.count('b', 'many'), 1);
  t.deepEqual(
    cluster.landed.filter(({ id }) => id === 'many').map(({ at }) => at),
    ['a', 'c'],
  );
  await cluster.stopAll();
});

test('a request that was lost is sent again, and one that was lost with its answer is not', async (t) => {
  const cluster = await acquainted();
  const there = cluster.network.link('b', 'a');
  there.set({ isCut: true });
  const entry = add();
  const append = cluster.node('b').append(entry);
  await cluster.clock.pass(300);
  t.is(cluster.landed.length, 0);
  there.set({ isCut: false });
  await cluster.clock.run(append, 500);
  t.deepEqual(
    cluster.landed.map(({ at }) => at),
    ['a'],
  );
  await cluster.stopAll();
});

test('a request that is late, and is sent again, is taken once', async (t) => {
  const cluster = await acquainted();
  const there = cluster.network.link('b', 'a');
  there.set({ delayMs: 1_000 });
  const entry = add();
  const append = cluster.node('b').append(entry);
  await cluster.clock.pass(0);
  there.set({ delayMs: 0 });
  await cluster.clock.run(append, 600);
  await cluster.clock.pass(2_000);
  t.deepEqual(
    cluster.landed.map(({ at }) => at),
    ['a'],
  );
  t.is(await cluster.count('a', entry.id), 1);
  await cluster.stopAll();
});

test('an id that is used again is not taken for the append before', async (t) => {
  const cluster = await acquainted();
  const b = cluster.node('b');
  // Answers are short, what is proposed is long, and b hears nothing else.
  cluster.onFrame = (from, to, frame) => to !== 'b' || (from === 'a' && frame.length < 300);
  const entry = { id: 'many', type: 'bytes', bytes: new Uint8Array(500) } as const;
  const first = await cluster.clock.run(b.append(entry));
  cluster.onFrame = (_, to) => to !== 'b';
  const second = b.append(entry);
  await cluster.clock.until(() => cluster.node('c').committed === 4);
  t.is(b.round, 2);
  // Now b hears all but the answer.
  cluster.onFrame = (from, to, frame) => to !== 'b' || from !== 'a' || frame.length >= 300;
  await cluster.clock.run(first.applied());
  cluster.onFrame = () => true;
  const rounds = [first.round, (await cluster.clock.run(second)).round];
  t.deepEqual(rounds, [3, 4]);
  await cluster.stopAll();
});

test('over a bus that loses, repeats and reorders, every entry stands there once, or has failed without effect', async (t) => {
  for (let seed = 1; seed <= 5; seed += 1) {
    const cluster = await acquainted(seed);
    cluster.network.setAll({ loss: 0.2, duplication: 0.3, delayMs: 2, jitterMs: 60 });
    const appends: { readonly id: string; readonly came: Promise<number | AppendError> }[] = [];
    for (let count = 0; count < 60; count += 1) {
      const entry = add();
      const node = cluster.node(['a', 'b', 'c'][count % 3] as string);
      appends.push({ id: entry.id, came: ending(node.append(entry)) });
      await cluster.clock.pass(20);
    }
    const all = await cluster.clock.run(Promise.all(appends.map(({ came }) => came)));
    cluster.network.setAll({ loss: 0, duplication: 0, delayMs: 0, jitterMs: 0 });
    await cluster.clock.pass(10_000);
    await cluster.append('b', add());
    await cluster.level();
    const log = await cluster.log('c');
    for (const [index, { id }] of appends.entries()) {
      const times = log.filter((other) => other === id).length;
      const came = all[index] as number | AppendError;
      if (typeof came === 'number') t.is(times, 1, id);
      else if (came.effect === 'none') t.is(times, 0, id);
      else t.true(times <= 1, id);
    }
    await cluster.stopAll();
  }
});
