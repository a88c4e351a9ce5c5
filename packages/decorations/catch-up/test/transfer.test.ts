// Goal: a snapshot comes in chunks, over a bad network too, and neither side is overtaxed. Method: clusters on a virtual clock.
import { settle } from '@paxakos/testing';
import test from 'ava';
import type { SnapshotName } from '../src/message.ts';
import { FakePeer } from './fake-peer.ts';
import { leftBehind, startedCluster, TestCluster } from './test-cluster.ts';
import { add, fill } from './test-state.ts';

const chunks = { chunkBytes: 4_096, chunksInFlightMax: 4 };

/** A cluster with a state of 200 kB in which the test speaks for `c`. */
async function withBorrower(options = {}): Promise<{ cluster: TestCluster; peer: FakePeer }> {
  const cluster = new TestCluster({ catchUp: { ...chunks, ...options } });
  const peer = new FakePeer();
  await Promise.all([cluster.start('a'), cluster.start('b'), cluster.start('c', { fake: peer.install })]);
  await cluster.append('a', fill(200_000));
  await cluster.level();
  return { cluster, peer };
}

test('a snapshot comes in chunks, and progress tells how far it is', async (t) => {
  const cluster = await leftBehind({ catchUp: chunks });
  cluster.network.heal();
  await cluster.level();
  const progress = cluster.progress('c');
  const [first] = progress;
  t.is(first?.bytesReceived, 0);
  t.true((first?.bytesTotal ?? 0) > 200_000);
  t.is(progress.at(-1)?.bytesReceived, first?.bytesTotal);
  t.is(progress.length, 1 + Math.ceil((first?.bytesTotal ?? 0) / 4_096));
  t.true(progress.every(({ peer, round }) => (peer === 'a' || peer === 'b') && round > 300));
  await cluster.stopAll();
});

test('a chunk that is lost is asked for again', async (t) => {
  const cluster = await leftBehind({ catchUp: chunks, seed: 3 });
  cluster.network.heal();
  cluster.network.setAll({ loss: 0.2, duplication: 0.2, delayMs: 1, jitterMs: 20 });
  await cluster.level('c', 'a');
  t.deepEqual(cluster.state('c').freeze(), cluster.state('a').freeze());
  t.deepEqual(cluster.events('c', 'hookError'), []);
  await cluster.stopAll();
});

test('a transfer goes on where it was when the way to the peer is there again, though both might serve', async (t) => {
  const cluster = await leftBehind({ catchUp: chunks });
  cluster.network.heal();
  await cluster.clock.until(() => (cluster.progress('c').at(-1)?.bytesReceived ?? 0) > 100_000);
  cluster.network.cut('c');
  await cluster.clock.pass(15_000);
  const before = cluster.progress('c').at(-1);
  t.not(before?.bytesReceived, before?.bytesTotal);
  cluster.network.heal();
  await cluster.level();
  const progress = cluster.progress('c');
  t.is(new Set(progress.map(({ peer }) => peer)).size, 1);
  t.true(progress.every(({ bytesReceived }, at) => bytesReceived >= (progress[at - 1]?.bytesReceived ?? 0)));
  t.is(cluster.events('c', 'install').length, 1);
  await cluster.stopAll();
});

test('where the peer is gone, another one gives a snapshot', async (t) => {
  const cluster = await leftBehind({ catchUp: chunks });
  cluster.network.heal();
  await cluster.clock.until(() => (cluster.progress('c').at(-1)?.bytesReceived ?? 0) > 100_000);
  const first = cluster.progress('c').at(-1)?.peer as string;
  cluster.kill(first);
  const second = first === 'a' ? 'b' : 'a';
  await cluster.level('c', second);
  t.is(cluster.progress('c').at(-1)?.peer, second);
  t.is(cluster.state('c').sum, 300);
  await cluster.stopAll();
});

test('a transfer ends where the node came forward by itself, and installs nothing', async (t) => {
  const cluster = await leftBehind({ catchUp: chunks });
  cluster.network.heal();
  await cluster.clock.until(() => (cluster.progress('c').at(-1)?.bytesReceived ?? 0) > 50_000);
  const snapshot = await cluster.clock.run(cluster.node('b').takeSnapshot());
  await cluster.clock.run(cluster.node('c').installSnapshot(snapshot));
  const seen = cluster.progress('c').length;
  await cluster.clock.pass(5_000);
  t.true(cluster.progress('c').length <= seen + 1);
  t.is(cluster.events('c', 'install').length, 1);
  t.false(cluster.node('c').catchUp.isCatchingUp);
  t.deepEqual(cluster.events('c', 'hookError'), []);
  await cluster.stopAll();
});

test('no more chunks are on their way than may be, and what is asked for is asked for once', async (t) => {
  const peer = new FakePeer();
  const cluster = new TestCluster({ catchUp: { ...chunks, chunksInFlightMax: 6 } });
  await Promise.all([
    cluster.start('a', { fake: peer.install }),
    cluster.start('b', { flags: { catchUp: false } }),
    cluster.start('c'),
  ]);
  const name = { round: 9, length: 100 * 4_096, high: 1, low: 2 };
  let [asked, given, most] = [0, 0, 0];
  const indexes: number[] = [];
  peer.answer = (sender, message) => {
    if (message.type === 'find') peer.send('c', { ...message, type: 'have', round: 9, held: undefined });
    if (message.type === 'open') peer.send('c', { ...message, type: 'opened', name, chunkBytes: 4_096 });
    if (message.type !== 'want') return;
    asked += message.indexes.length;
    most = Math.max(most, asked - given);
    indexes.push(...message.indexes);
    for (const index of message.indexes)
      cluster.clock.view().after(index % 7, () => {
        given += 1;
        peer.send(sender.id, { type: 'chunk', name, index, bytes: new Uint8Array(4_096) });
      });
  };
  await cluster.clock.run(cluster.node('c').eject('wrong'));
  const startedAt = cluster.clock.now;
  await cluster.clock.until(() => given === 100);
  t.true(cluster.clock.now - startedAt < 500, 'it waits for nothing but chunks');
  t.is(most, 6);
  t.is(new Set(indexes).size, 100);
  t.is(indexes.length, 100);
  await cluster.stopAll();
});

test('whoever serves sends a few chunks a turn, so that it has time for other things', async (t) => {
  const { cluster, peer } = await withBorrower();
  peer.send('a', { type: 'open', nonce: 1, atLeast: 0, resume: undefined });
  await cluster.clock.until(() => peer.of('opened').length > 0);
  const name = peer.of('opened')[0]?.name as SnapshotName;
  peer.send('a', { type: 'want', name, indexes: Array.from({ length: 40 }, (_, index) => index) });
  await settle();
  peer.send('a', { type: 'want', name, indexes: [39] });
  await settle();
  t.is(peer.of('chunk').length, 4);
  await cluster.clock.until(() => peer.of('chunk').length === 40);
  t.deepEqual(
    peer.of('chunk').map(({ index }) => index),
    Array.from({ length: 40 }, (_, index) => index),
  );
  await cluster.stopAll();
});

test('one snapshot is taken for all who ask, and a new one only after snapshotEveryMs', async (t) => {
  const { cluster, peer } = await withBorrower({ snapshotEveryMs: 3_000, holdMs: 20_000 });
  let frozen = 0;
  const state = cluster.state('a');
  const freeze = state.freeze.bind(state);
  state.freeze = () => {
    frozen += 1;
    return freeze();
  };
  for (let nonce = 1; nonce <= 5; nonce += 1) peer.send('a', { type: 'open', nonce, atLeast: 0, resume: undefined });
  await cluster.clock.until(() => peer.of('opened').length > 0);
  t.is(frozen, 1);
  await cluster.append('a', add());
  frozen = 0;
  peer.send('a', { type: 'open', nonce: 6, atLeast: 0, resume: undefined });
  await cluster.clock.until(() => peer.of('opened').some(({ nonce }) => nonce === 6));
  t.is(frozen, 0);
  const newer = cluster.node('a').round;
  peer.send('a', { type: 'open', nonce: 7, atLeast: newer, resume: undefined });
  await cluster.clock.pass(100);
  t.is(frozen, 0, 'not yet');
  await cluster.clock.pass(3_000);
  peer.send('a', { type: 'open', nonce: 8, atLeast: newer, resume: undefined });
  await cluster.clock.until(() => peer.of('opened').some(({ nonce }) => nonce === 8));
  t.is(frozen, 1);
  t.is(peer.of('opened').at(-1)?.name.round, newer);
  await cluster.stopAll();
});

test('a snapshot that nobody asks for any more is forgotten, and a peer that wants of it is told', async (t) => {
  const { cluster, peer } = await withBorrower({ holdMs: 10_000 });
  peer.send('a', { type: 'open', nonce: 1, atLeast: 0, resume: undefined });
  await cluster.clock.until(() => peer.of('opened').length > 0);
  const name = peer.of('opened')[0]?.name as SnapshotName;
  await cluster.clock.pass(8_000);
  peer.send('a', { type: 'want', name, indexes: [0] });
  await cluster.clock.pass(8_000);
  t.is(peer.of('chunk').length, 1);
  peer.send('a', { type: 'find', nonce: 2, atLeast: 0 });
  await cluster.clock.pass(100);
  t.deepEqual(peer.of('have').at(-1)?.held, name);
  await cluster.clock.pass(8_000);
  peer.send('a', { type: 'want', name, indexes: [0] });
  peer.send('a', { type: 'find', nonce: 3, atLeast: 0 });
  await cluster.clock.pass(100);
  t.deepEqual(peer.of('gone').length, 1);
  t.is(peer.of('have').at(-1)?.held, undefined);
  await cluster.stopAll();
});

test('a node that lags or has no state itself gives none, and says who the members are', async (t) => {
  const { cluster, peer } = await withBorrower();
  peer.send('b', { type: 'find', nonce: 1, atLeast: cluster.node('b').round + 1 });
  await cluster.clock.pass(100);
  t.is(peer.of('none').length, 1);
  cluster.network.cut('a', 'b');
  await cluster.clock.run(cluster.node('b').eject('wrong'));
  peer.send('b', { type: 'find', nonce: 2, atLeast: 0 });
  peer.send('b', { type: 'open', nonce: 3, atLeast: 0, resume: undefined });
  await cluster.clock.pass(100);
  t.deepEqual(
    peer.of('none').map(({ nonce, members }) => [nonce, members.map(({ id }) => id).join()]),
    [1, 2, 3].map((nonce) => [nonce, 'a,b,c']),
  );
  await cluster.stopAll();
});

test('whom a peer names is asked, too', async (t) => {
  const peer = new FakePeer();
  const stranger = new FakePeer();
  const cluster = new TestCluster({ ids: ['a'] });
  peer.answer = (sender, message) => {
    if (message.type === 'find') peer.send(sender.id, { type: 'none', nonce: message.nonce, members: [{ id: 'x' }] });
  };
  await cluster.start('a');
  await cluster.append('a', add());
  await cluster.start('p', { fake: peer.install, ids: ['a', 'p'] });
  await cluster.start('x', { fake: stranger.install, ids: ['x'] });
  peer.send('a', { type: 'find', nonce: 1, atLeast: 0 });
  await cluster.clock.run(cluster.node('a').eject('wrong'));
  await cluster.clock.until(() => stranger.of('find').length > 0);
  t.pass();
  await cluster.stopAll();
});

test('vet: a snapshot that a check is against is given to nobody', async (t) => {
  const cluster = await startedCluster();
  await cluster.appendMany('a', 10);
  const asked: number[] = [];
  let verdict: () => boolean = () => false;
  for (const id of ['a', 'b'])
    cluster.node(id).catchUp.vet(({ round }) => {
      asked.push(round);
      return verdict();
    });
  await cluster.clock.run(cluster.node('c').eject('wrong'));
  await cluster.clock.pass(10_000);
  t.is(cluster.node('c').status, 'disoriented');
  t.true(asked.length > 0);
  const error = new Error('the check broke');
  verdict = () => {
    throw error;
  };
  await cluster.clock.pass(10_000);
  t.is(cluster.node('c').status, 'disoriented');
  t.true(
    [...cluster.events('a', 'hookError'), ...cluster.events('b', 'hookError')].some((event) => event.error === error),
  );
  verdict = () => true;
  await cluster.level();
  t.is(cluster.state('c').sum, 10);
  await cluster.stopAll();
});

test('a state that was given up while a snapshot of it was made, or held, is lent to nobody', async (t) => {
  const { cluster, peer } = await withBorrower();
  peer.send('a', { type: 'open', nonce: 1, atLeast: 0, resume: undefined });
  await cluster.clock.until(() => peer.of('opened').length > 0);
  const name = peer.of('opened')[0]?.name as SnapshotName;
  let release: (verdict: boolean) => void = () => {};
  cluster.node('b').catchUp.vet(() => new Promise((resolve) => (release = resolve)));
  peer.send('b', { type: 'open', nonce: 2, atLeast: 0, resume: undefined });
  await cluster.clock.pass(100);
  await cluster.clock.run(Promise.all(['a', 'b'].map((id) => cluster.node(id).eject('wrong'))));
  release(true);
  peer.send('a', { type: 'want', name, indexes: [0] });
  await cluster.clock.pass(100);
  t.is(peer.of('gone').length, 1);
  t.deepEqual(
    peer.of('none').map(({ nonce }) => nonce),
    [2],
  );
  t.deepEqual(
    peer.of('opened').map(({ nonce }) => nonce),
    [1],
  );
  const snapshot = await cluster.clock.run(cluster.node('c').takeSnapshot());
  await cluster.clock.run(cluster.node('b').installSnapshot(snapshot));
  peer.send('b', { type: 'find', nonce: 3, atLeast: 0 });
  await cluster.clock.until(() => peer.of('have').length > 0);
  t.is(peer.of('have')[0]?.held, undefined);
  await cluster.stopAll();
});

test('a snapshot that was being made when another state was installed is lent to nobody', async (t) => {
  const { cluster, peer } = await withBorrower();
  let release: (verdict: boolean) => void = () => {};
  cluster.node('b').catchUp.vet(() => new Promise((resolve) => (release = resolve)));
  peer.send('b', { type: 'open', nonce: 1, atLeast: 0, resume: undefined });
  await cluster.clock.until(() => peer.of('pending').length > 0);
  cluster.network.cut('b');
  await cluster.append('a', add());
  const snapshot = await cluster.clock.run(cluster.node('a').takeSnapshot());
  await cluster.clock.run(cluster.node('b').installSnapshot(snapshot));
  cluster.network.heal();
  release(true);
  await cluster.clock.pass(100);
  t.is(peer.of('opened').length, 0);
  await cluster.stopAll();
});
