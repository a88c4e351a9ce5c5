// Goal: it leaves nothing behind, refuses what cannot be, and is harmless where it is off. Method: nodes on a virtual clock.
import { flagsFromEnvironment } from '@paxakos/core';
import test from 'ava';
import { catchUp } from '../src/index.ts';
import { FakePeer } from './fake-peer.ts';
import { leftBehind, startedCluster, TestCluster } from './test-cluster.ts';
import { add, fill, setRetry } from './test-state.ts';

const chunks = { chunkBytes: 4_096, chunksInFlightMax: 4 };

test('no timer of a node that was stopped is left: in the middle of a transfer, while it looks around, on either side', async (t) => {
  const cluster = await leftBehind({ catchUp: chunks });
  cluster.network.heal();
  await cluster.clock.until(() => (cluster.progress('c').at(-1)?.bytesReceived ?? 0) > 50_000);
  for (const id of ['c', 'a', 'b']) t.is(await cluster.stop(id), 0, id);
  const lone = await startedCluster();
  lone.network.cut('c');
  await lone.clock.run(lone.node('c').eject('wrong'));
  await lone.clock.pass(700);
  const asked = lone.node('c').catchUp.now();
  const failed = lone.clock.failure(asked);
  t.is(await lone.stop('c'), 0);
  t.like(await failed, { code: 'PAXAKOS_STOPPED' });
  await lone.stopAll();
});

test('now: resolves when nothing is needed, and does not wait for the next try', async (t) => {
  const cluster = await startedCluster({ catchUp: { retryMs: 60_000, retryMsMax: 60_000 } });
  await cluster.append('a', add());
  await cluster.clock.run(cluster.node('c').catchUp.now());
  cluster.network.cut('c');
  await cluster.clock.run(cluster.node('c').eject('wrong'));
  await cluster.clock.pass(3_000);
  t.true(cluster.node('c').catchUp.isCatchingUp);
  cluster.network.heal();
  const before = cluster.clock.now;
  await cluster.clock.run(cluster.node('c').catchUp.now());
  t.not(cluster.node('c').status, 'disoriented');
  t.true(cluster.clock.now - before < 2_000);
  await cluster.stopAll();
});

test('options are checked when they are given', (t) => {
  const bad: readonly (readonly [object, RegExp])[] = [
    [{ checkMs: 0 }, /checkMs is 0: give milliseconds from 1 to 86,400,000/],
    [{ retryMs: '5' }, /retryMs is "5"/],
    [{ retryMsMax: Number.NaN }, /retryMsMax is NaN/],
    [{ stalledMs: Number.POSITIVE_INFINITY }, /stalledMs is Infinity/],
    [{ snapshotBytesMax: 0 }, /snapshotBytesMax is 0: give an integer from 1 to 4,294,967,296/],
    [{ snapshotBytesMax: () => 5 }, /snapshotBytesMax is/],
    [{ chunkBytes: 1_000 }, /chunkBytes is 1000: give an integer from 1,024/],
    [{ chunksInFlightMax: 1.5 }, /chunksInFlightMax is 1.5: give an integer from 1 to 1,024/],
    [{ chunks: 1 }, /chunks is 1: there is no such option; there are checkMs, stalledMs/],
  ];
  for (const [options, message] of bad) t.throws(() => catchUp(options), { code: 'PAXAKOS_INVALID', message });
  t.throws(() => catchUp(7 as never), { code: 'PAXAKOS_INVALID', message: /options is 7/ });
  t.is(catchUp({ checkMs: 5, retryMs: () => 5 }).stability, 'stable');
});

test('off by flag, in code or by environment, it is there, does nothing, and its calls reject', async (t) => {
  for (const flags of [{ catchUp: false }, flagsFromEnvironment({ PAXAKOS_FLAG_CATCH_UP: 'off' })]) {
    const cluster = await startedCluster({}, { flags });
    await cluster.append('a', add());
    await cluster.clock.run(cluster.node('c').eject('wrong'));
    await cluster.clock.pass(20_000);
    const api = cluster.node('c').catchUp;
    t.is(cluster.node('c').status, 'disoriented');
    t.false(api.isCatchingUp);
    t.is(api.progress, undefined);
    t.is(api.refused, 0);
    await t.throwsAsync(api.now(), { code: 'PAXAKOS_DECORATION_DISABLED' });
    api.onProgress(() => t.fail())();
    t.is(
      api.vet(async () => true),
      undefined,
    );
    await cluster.stopAll();
  }
});

test('tries get rarer, up to retryMsMax, which may depend on the state before it was lost', async (t) => {
  const peer = new FakePeer();
  const catchUpOptions = { retryMs: (state: { retryMs: number }) => state.retryMs, retryMsMax: 4_000, answerMs: 10 };
  const cluster = new TestCluster({ catchUp: catchUpOptions });
  await Promise.all([
    cluster.start('a'),
    cluster.start('b', { flags: { catchUp: false } }),
    cluster.start('c', { fake: peer.install }),
  ]);
  await cluster.append('a', setRetry(500));
  await cluster.clock.pass(2_000);
  const at: number[] = [];
  peer.answer = () => at.push(cluster.clock.now);
  await cluster.clock.run(cluster.node('a').eject('wrong'));
  await cluster.clock.pass(60_000);
  const waits = at.slice(1).map((time, index) => time - (at[index] as number));
  t.true((waits[0] as number) >= 250 && (waits[0] as number) <= 520, waits.join());
  t.true((waits[1] as number) >= 500 && (waits[1] as number) <= 1_020, waits.join());
  t.true(
    waits.slice(4).every((wait) => wait >= 2_000 && wait <= 4_020),
    waits.join(),
  );
  t.true(new Set(waits.slice(4)).size > 1, 'they are not all alike');
  await cluster.stopAll();
});

test('H65: an interval that throws or cannot be is reported once, and the last good one stays', async (t) => {
  const error = new Error('option broke');
  let given: () => number = () => 100;
  const cluster = await startedCluster({ catchUp: { checkMs: () => given() } });
  await cluster.clock.pass(1_000);
  given = () => {
    throw error;
  };
  await cluster.clock.pass(1_000);
  t.deepEqual(cluster.events('a', 'hookError'), [{ type: 'hookError', hook: 'catchUp: checkMs', error }]);
  given = () => 100;
  await cluster.clock.pass(1_000);
  given = () => -1;
  await cluster.clock.pass(1_000);
  t.is(cluster.events('a', 'hookError').length, 2);
  await cluster.append('a', add());
  await cluster.clock.run(cluster.node('a').eject('wrong'));
  await cluster.level();
  await cluster.stopAll();
});

test('H65: a listener that throws, and a state that cannot be frozen, are reported', async (t) => {
  const cluster = await startedCluster();
  await cluster.append('a', fill(10_000));
  await cluster.level();
  const error = new Error('it broke');
  for (const id of ['a', 'b']) cluster.state(id).broken = error;
  const stop = cluster.node('c').catchUp.onProgress(() => {
    throw error;
  });
  await cluster.clock.run(cluster.node('c').eject('wrong'));
  await cluster.clock.pass(10_000);
  t.is(cluster.node('c').status, 'disoriented');
  const reported = [...cluster.events('a', 'hookError'), ...cluster.events('b', 'hookError')];
  t.true(reported.length > 0 && reported.length < 20);
  t.true(reported.every((event) => event.hook === 'catchUp: takeSnapshot' && (event.error as Error).cause === error));
  for (const id of ['a', 'b']) cluster.state(id).broken = undefined;
  await cluster.level();
  const heard = cluster.events('c', 'hookError');
  t.true(heard.length > 0 && heard.every((event) => event.hook === 'catchUp: onProgress' && event.error === error));
  stop();
  await cluster.stopAll();
});

test('a node that lags and gets no further for stalledMs takes a snapshot, though nobody said that it must', async (t) => {
  const cluster = new TestCluster({ catchUp: { stalledMs: 5_000, checkMs: 500 }, retain: 65_536 });
  // What c lacks does not get through to it.
  await Promise.all([cluster.start('a'), cluster.start('b'), cluster.start('c', { frameBytesMax: 1_000 })]);
  await cluster.append('a', add());
  await cluster.level();
  cluster.network.cut('c');
  await cluster.appendMany('a', 40);
  cluster.network.heal();
  await cluster.clock.pass(4_500);
  t.is(cluster.node('c').status, 'lagging');
  t.is(cluster.node('c').round, 1);
  await cluster.clock.pass(3_000);
  t.deepEqual(cluster.events('c', 'stranded'), []);
  t.is(cluster.events('c', 'install').length, 1);
  t.is(cluster.state('c').sum, 41);
  await cluster.stopAll();
});
