// Goal: it leaves nothing behind, refuses what cannot be, and is harmless where it is off. Method: single nodes and clusters.
import { type DecorationHost, defineDecoration, flagsFromEnvironment } from '@paxakos/core';
import { TestDisk } from '@paxakos/testing';
import test from 'ava';
import { verify } from '../src/index.ts';
import { decodeMessage, encodeMessage, type Message } from '../src/message.ts';
import { type StartOptions, startedCluster, TestCluster } from './test-cluster.ts';
import { add } from './test-state.ts';

const never = Number.POSITIVE_INFINITY;
const byRounds = { verify: { everyRounds: 10, intervalMs: never } };

test('no timer of a node that was stopped is left, also in the middle of a comparison', async (t) => {
  const cluster = await startedCluster({ verify: { everyRounds: 10, intervalMs: 1_000 } });
  await cluster.appendTo('a', 9);
  cluster.network.cut('a', 'c');
  cluster.network.cut('a', 'b');
  cluster.network.heal();
  await cluster.appendTo('a', 10);
  cluster.network.cut('c');
  const asked = cluster.node('c').verify.confirms(1_000);
  await cluster.clock.pass(100);
  for (const id of ['a', 'b', 'c']) t.is(await cluster.stop(id), 0, id);
  t.false(await asked);
});

test('options are checked when they are given', (t) => {
  const bad: readonly (readonly [object, RegExp])[] = [
    [{ everyRounds: 0 }, /everyRounds is 0: give an integer from 1/],
    [{ everyRounds: 1.5 }, /everyRounds is 1.5/],
    [{ everyRounds: '10' }, /everyRounds is "10"/],
    [{ intervalMs: 9 }, /intervalMs is 9: give milliseconds from 10/],
    [{ intervalMs: Number.NaN }, /intervalMs is NaN/],
    [{ answerMs: 0 }, /answerMs is 0/],
    [{ answerMs: never }, /answerMs is Infinity/],
    [{ digest: 'sha' }, /digest is "sha": give a function/],
    [{ entry: {} }, /entry is an object: give a function/],
    [{ every: 1 }, /every is 1: there is no such option; there are everyRounds, intervalMs/],
  ];
  for (const [options, message] of bad) t.throws(() => verify(options), { code: 'PAXAKOS_INVALID', message });
  t.throws(() => verify(null as never), { code: 'PAXAKOS_INVALID', message: /options is null/ });
  t.is(verify({ everyRounds: never, intervalMs: never }).stability, 'stable');
});

test('off by flag, in code or by environment, it is there, does nothing, and its calls reject', async (t) => {
  for (const flags of [{ verify: false }, flagsFromEnvironment({ PAXAKOS_FLAG_VERIFY: 'off' })]) {
    const cluster = await startedCluster({ verify: { everyRounds: 1 } }, { flags });
    cluster.state('c').sum += 1;
    await cluster.append('a', add());
    await cluster.clock.pass(5_000);
    const api = cluster.node('c').verify;
    t.is(cluster.node('c').status, 'following');
    t.is(api.lastConfirmed, undefined);
    t.is(api.refused, 0);
    await t.throwsAsync(api.confirms(), { code: 'PAXAKOS_DECORATION_DISABLED' });
    api.onCheck(() => t.fail())();
    await cluster.stopAll();
  }
});

test('H65: a digest that throws or is no digest is reported, and that check point is passed over', async (t) => {
  const error = new Error('digest broke');
  let digest: () => string = () => {
    throw error;
  };
  const cluster = await startedCluster({
    ids: ['a'],
    verify: { everyRounds: 2, intervalMs: never, digest: () => digest() },
  });
  await cluster.append('a', add());
  await cluster.append('a', add());
  digest = () => 7 as never;
  await cluster.appendTo('a', 4);
  digest = () => 'fine';
  await cluster.appendTo('a', 6);
  const errors = cluster.events('a', 'hookError');
  t.deepEqual(errors[0], { type: 'hookError', hook: 'verify: digest', error });
  t.true(errors[1]?.error instanceof TypeError);
  t.is(errors.length, 2);
  t.deepEqual(cluster.checks('a', 'equal'), [{ type: 'equal', round: 6 }]);
  await cluster.stopAll();
});

test('H65: a listener that throws is reported, and does not keep others from being told', async (t) => {
  const cluster = await startedCluster({ ...byRounds, ids: ['a'] });
  const error = new Error('listener broke');
  const heard: number[] = [];
  cluster.node('a').verify.onCheck(() => {
    throw error;
  });
  const stop = cluster.node('a').verify.onCheck(({ round }) => heard.push(round));
  await cluster.appendTo('a', 10);
  stop();
  await cluster.appendTo('a', 20);
  t.deepEqual(heard, [10]);
  t.is(cluster.events('a', 'hookError').filter((event) => event.error === error).length, 2);
  await cluster.stopAll();
});

test("the application's digest decides what is looked at", async (t) => {
  const digest = (state: { sum: number }): Uint8Array => new Uint8Array([state.sum & 1]);
  const cluster = await startedCluster({ verify: { everyRounds: 5, intervalMs: never, digest } });
  cluster.state('c').sum += 2;
  await cluster.appendTo('a', 5);
  await cluster.level();
  t.is(cluster.node('c').verify.lastConfirmed, 5);
  cluster.state('c').sum += 1;
  await cluster.appendTo('a', 10);
  await cluster.clock.until(() => cluster.node('c').status === 'disoriented');
  await cluster.stopAll();
});

test('messages that make no sense are refused and counted, and others may say what they like', async (t) => {
  let host: DecorationHost | undefined;
  const cluster = new TestCluster(byRounds);
  const fake = (given: DecorationHost): void => {
    host = given;
  };
  await Promise.all([cluster.start('a'), cluster.start('b'), cluster.start('c', { fake })]);
  const channel = host?.channel('digests');
  const say = (bytes: Uint8Array): void => channel?.send([{ id: 'a' }], bytes);
  const good: readonly Message[] = [
    { type: 'digest', round: 7, digest: '0123456789abcdef', asks: true },
    { type: 'blank', round: 8 },
    { type: 'checkAt', round: 2 ** 53 - 1 },
    { type: 'wanted' },
  ];
  for (const message of good) t.deepEqual(decodeMessage(encodeMessage(message)), message);
  const wrong = [0, 1, 18, 20].map((length) => new Uint8Array(length).fill(1));
  const digest = encodeMessage(good[0] as Message);
  for (const [at, value] of [
    [0, 9],
    [1, 4],
    [2, 255],
  ] as const)
    wrong.push(new Uint8Array(digest).fill(value, at, at + 1));
  wrong.forEach(say);
  for (let round = 1; round < 2_000; round += 1) {
    say(encodeMessage({ type: 'checkAt', round: round * 1_000 }));
    say(encodeMessage({ type: 'digest', round: 2 ** 40 + round, digest: 'ffffffffffffffff', asks: true }));
  }
  await cluster.clock.pass(100);
  t.is(cluster.node('a').verify.refused, wrong.length);
  await cluster.appendTo('a', 10);
  await cluster.clock.until(() => cluster.node('a').verify.lastConfirmed === 10);
  t.deepEqual(cluster.events('a', 'hookError'), []);
  await cluster.stopAll();
});

test('what was said of a state that was given up is not held against the next one', async (t) => {
  const hosts: DecorationHost[] = [];
  const fake = (host: DecorationHost): void => {
    hosts.push(host);
  };
  const cluster = new TestCluster(byRounds);
  await Promise.all([cluster.start('a'), cluster.start('b', { fake }), cluster.start('c', { fake })]);
  const heard: Message[] = [];
  const channels = hosts.map((host) => host.channel('digests'));
  for (const channel of channels) channel.onMessage((_, bytes) => heard.push(decodeMessage(new Uint8Array(bytes))));
  await cluster.appendTo('a', 12);
  const say = (message: Message): void => {
    for (const channel of channels) channel.send([{ id: 'a' }], encodeMessage(message));
  };
  const wrong = { type: 'digest', digest: 'ffffffffffffffff', asks: true } as const;
  // It has passed round 11, and has a state: it has nothing to say of that.
  heard.length = 0;
  say({ ...wrong, round: 11 });
  await cluster.clock.pass(100);
  t.deepEqual(heard, []);
  const snapshot = await cluster.clock.run(cluster.node('a').takeSnapshot());
  await cluster.clock.run(cluster.node('a').eject('by hand'));
  say({ ...wrong, round: 11 });
  await cluster.clock.pass(100);
  t.deepEqual(heard, [
    { type: 'blank', round: 11 },
    { type: 'blank', round: 11 },
  ]);
  await cluster.clock.run(cluster.node('a').installSnapshot(snapshot));
  say({ ...wrong, round: 10 });
  await cluster.clock.pass(100);
  t.is(cluster.events('a', 'eject').length, 1);
  t.not(cluster.node('a').status, 'disoriented');
  await cluster.stopAll();
});

test('after a restart with a snapshot of the wrong state the next check point finds it', async (t) => {
  const disks = new Map(['a', 'b', 'c'].map((id) => [id, new TestDisk()]));
  const cluster = new TestCluster(byRounds);
  await Promise.all([...disks].map(([id, disk]) => cluster.start(id, { disk })));
  await cluster.appendTo('a', 12);
  await cluster.level();
  cluster.state('c').sum += 1;
  await cluster.stop('c');
  t.not(disks.get('c')?.snapshot, undefined);
  await cluster.start('c', { disk: disks.get('c') as TestDisk });
  t.is(cluster.state('c').sum, 13);
  await cluster.appendTo('a', 20);
  await cluster.clock.until(() => cluster.node('c').status === 'disoriented');
  t.like(cluster.events('c', 'eject')[0]?.reason, { name: 'DivergedError', from: 1, to: 20 });
  // It gave its state up, and not what is on its disk: it may come back with that, and is found again.
  cluster.kill('c');
  disks.get('c')?.crash();
  await cluster.start('c', { disk: disks.get('c') as TestDisk });
  t.is(cluster.node('c').status === 'disoriented', false);
  await cluster.appendTo('a', 30);
  await cluster.clock.until(() => cluster.node('c').status === 'disoriented');
  await cluster.stopAll();
});

test('catchUp, above or below, gives away only what a majority has confirmed', async (t) => {
  for (const place of ['below', 'above'] as const) {
    const asked: { vet?: (snapshot: { round: number }) => Promise<boolean> } = {};
    const below = defineDecoration()({
      name: 'catchUp',
      inert: { vet: () => {} },
      install: () => ({
        vet: (check: typeof asked.vet & object) => {
          asked.vet = check;
        },
      }),
    });
    const above = defineDecoration()({
      name: 'catchUp',
      needs: { verify: { optional: true } as never },
      install: ({ uses }) => {
        const { verify: found } = uses as unknown as { verify: { confirms(round: number): Promise<boolean> } };
        asked.vet = ({ round }) => found.confirms(round + 1);
        return {};
      },
    });
    const cluster = new TestCluster({ verify: { everyRounds: never, intervalMs: never } });
    const around = { [place]: place === 'below' ? below : above } as StartOptions;
    await Promise.all([cluster.start('a'), cluster.start('b'), cluster.start('c', around)]);
    await cluster.append('a', add());
    await cluster.level();
    t.true(await cluster.clock.run(asked.vet?.({ round: 1 }) as Promise<boolean>), place);
    // In the very round that was confirmed, and after that.
    await cluster.level();
    t.is(cluster.node('c').verify.lastConfirmed, cluster.node('c').round);
    cluster.state('c').sum += 1;
    t.false(await cluster.clock.run(asked.vet?.({ round: cluster.node('c').round }) as Promise<boolean>), place);
    t.is(cluster.node('c').status, 'disoriented');
    await cluster.stopAll();
  }
});
