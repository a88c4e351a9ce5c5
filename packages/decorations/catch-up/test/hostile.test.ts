// Goal: whatever a peer says, a node neither breaks nor takes more than it may. Method: the test speaks for a peer.
import test from 'ava';
import { decodeMessage } from '../src/decode-message.ts';
import { encodeMessage } from '../src/encode-message.ts';
import type { Message, SnapshotName } from '../src/message.ts';
import { FakePeer } from './fake-peer.ts';
import { TestCluster } from './test-cluster.ts';
import { add, fill } from './test-state.ts';

const name: SnapshotName = { round: 9, length: 10_000, high: 1, low: 2 };
const chunks = { chunkBytes: 4_096 };

/** `b` tells the truth, the test speaks for `a`, and `c` has lost its state. */
async function withLiar(peer: FakePeer, options: { catchUp?: object; honest?: boolean } = {}): Promise<TestCluster> {
  const cluster = new TestCluster({ catchUp: { ...chunks, ...options.catchUp } });
  await Promise.all([
    cluster.start('a', { fake: peer.install }),
    cluster.start('b', { flags: { catchUp: options.honest === true } }),
    cluster.start('c'),
  ]);
  await cluster.append('b', fill(20_000));
  await cluster.level();
  await cluster.clock.run(cluster.node('c').eject('wrong'));
  return cluster;
}

/** Offers a snapshot that is ahead of all others, of which `bytesOf` makes the chunks. */
const offering =
  (peer: FakePeer, offered: SnapshotName, chunkBytes: number, bytesOf: (index: number) => Uint8Array) =>
  ({ id }: { id: string }, message: Message): void => {
    if (message.type === 'find') peer.send(id, { ...message, type: 'have', round: 1_000_000, held: undefined });
    if (message.type === 'open') peer.send(id, { ...message, type: 'opened', name: offered, chunkBytes });
    if (message.type === 'want')
      for (const index of message.indexes)
        peer.send(id, { type: 'chunk', name: offered, index, bytes: bytesOf(index) });
  };

test('a snapshot that is damaged is not installed, its giver is reported, and another peer is asked', async (t) => {
  const peer = new FakePeer();
  peer.answer = offering(peer, { ...name, length: 4_096 * 3 }, 4_096, () => new Uint8Array(4_096));
  const cluster = await withLiar(peer, { honest: true });
  await cluster.level('b', 'c');
  t.is(cluster.progress('c').at(-1)?.peer, 'b');
  const errors = cluster.events('c', 'hookError');
  t.deepEqual(
    errors.map(({ hook }) => hook),
    ['catchUp: snapshot of a'],
  );
  t.regex(String(errors[0]?.error), /no snapshot/);
  t.is(cluster.events('c', 'install').length, 1);
  await cluster.stopAll();
});

test('a snapshot beyond snapshotBytesMax is refused before any memory is taken', async (t) => {
  const peer = new FakePeer();
  peer.answer = offering(peer, { ...name, length: 2 ** 52 }, 65_536, () => new Uint8Array(65_536));
  const cluster = await withLiar(peer, { honest: true });
  await cluster.level('b', 'c');
  t.regex(String(cluster.events('c', 'hookError')[0]?.error), /snapshotBytesMax: raise it/);
  t.is(peer.of('want').length, 0);
  await cluster.stopAll();
});

test('whoever serves gives nothing beyond snapshotBytesMax either, and says so', async (t) => {
  const peer = new FakePeer();
  const cluster = new TestCluster({ catchUp: { ...chunks, snapshotBytesMax: 10_000 } });
  await Promise.all([cluster.start('a'), cluster.start('b'), cluster.start('c', { fake: peer.install })]);
  await cluster.append('a', fill(20_000));
  peer.send('a', { type: 'open', nonce: 5, atLeast: 0, resume: undefined });
  await cluster.clock.until(() => peer.of('none').length > 0);
  t.like(cluster.events('a', 'hookError')[0], { hook: 'catchUp: takeSnapshot' });
  t.regex(String(cluster.events('a', 'hookError')[0]?.error), /snapshotBytesMax is 10000: a snapshot takes \d+ bytes/);
  await cluster.stopAll();
});

test('chunks that do not fit, were not asked for, or come from somebody else change nothing', async (t) => {
  const peer = new FakePeer();
  const offered = { ...name, length: 10_000 };
  let served = 0;
  peer.answer = (sender, message) => {
    offering(peer, offered, 4_096, () => new Uint8Array(17))(sender, message);
    if (message.type !== 'want') return;
    served += 1;
    for (const index of [0, 1, 2, 3, 4_000_000_000])
      for (const length of [0, 1_807, 1_809, 5_000]) {
        peer.send('c', { type: 'chunk', name: offered, index, bytes: new Uint8Array(length) });
        peer.send('c', { type: 'chunk', name: { ...offered, high: 7 }, index, bytes: new Uint8Array(4_096) });
      }
  };
  const cluster = await withLiar(peer);
  await cluster.clock.pass(20_000);
  t.true(served > 0);
  t.true(cluster.progress('c').every(({ bytesReceived }) => bytesReceived === 0));
  t.is(cluster.node('c').status, 'disoriented');
  t.deepEqual(cluster.events('c', 'hookError'), []);
  await cluster.stopAll();
});

test('only the peer that was asked is listened to', async (t) => {
  const [peer, meddler] = [new FakePeer(), new FakePeer()];
  const offered = { ...name, length: 4_096 * 2 };
  peer.answer = ({ id }, message) => {
    if (message.type === 'find') peer.send(id, { ...message, type: 'have', round: 1_000_000, held: undefined });
    if (message.type === 'open') peer.send(id, { ...message, type: 'opened', name: offered, chunkBytes: 4_096 });
    if (message.type !== 'want') return;
    for (const index of message.indexes)
      meddler.send(id, { type: 'chunk', name: offered, index, bytes: new Uint8Array(4_096) });
    meddler.send(id, { type: 'gone', name: offered });
  };
  const cluster = new TestCluster({ catchUp: chunks });
  await Promise.all([
    cluster.start('a', { fake: peer.install }),
    cluster.start('b', { fake: meddler.install }),
    cluster.start('c'),
  ]);
  await cluster.append('b', add());
  await cluster.clock.run(cluster.node('c').eject('wrong'));
  await cluster.clock.pass(10_000);
  t.true(peer.of('want').length >= 4);
  t.true(cluster.progress('c').length > 0 && cluster.progress('c').every(({ bytesReceived }) => bytesReceived === 0));
  await cluster.stopAll();
});

test('a peer that says "soon" for ever, nothing at all, or nonsense, does not keep a node from asking others', async (t) => {
  const moods: ((peer: FakePeer, id: string, message: Message) => void)[] = [
    (peer, id, message) => 'nonce' in message && peer.send(id, { type: 'pending', nonce: message.nonce }),
    () => {},
    (peer, id, message) =>
      'nonce' in message &&
      peer.send(id, { type: 'opened', nonce: message.nonce, name: { ...name, length: 0 }, chunkBytes: 0 }),
    (peer, id, message) =>
      'nonce' in message && peer.send(id, { type: 'opened', nonce: message.nonce, name, chunkBytes: 4_096 }),
  ];
  for (const mood of moods) {
    const peer = new FakePeer();
    peer.answer = ({ id }, message) => {
      if (message.type === 'find')
        peer.send(id, { type: 'have', nonce: message.nonce, round: 1_000_000, held: undefined });
      else mood(peer, id, message);
    };
    const cluster = await withLiar(peer, { honest: true, catchUp: { answerMs: 200 } });
    await cluster.level('b', 'c');
    t.is(cluster.state('c').filling.length, 20_000);
    await cluster.stopAll();
  }
});

test('bytes that are no message are refused and counted', async (t) => {
  const peer = new FakePeer();
  const cluster = new TestCluster();
  await Promise.all([cluster.start('a'), cluster.start('b'), cluster.start('c', { fake: peer.install })]);
  const good: readonly Message[] = [
    { type: 'find', nonce: 1, atLeast: 2 },
    { type: 'have', nonce: 0xffffffff, round: 5, held: name },
    { type: 'none', nonce: 3, members: [{ id: 'ä', address: 'tcp://a:1' }, { id: 'b' }] },
    { type: 'open', nonce: 4, atLeast: 0, resume: undefined },
    { type: 'pending', nonce: 5 },
    { type: 'opened', nonce: 6, name, chunkBytes: 4_096 },
    { type: 'want', name, indexes: [0, 5, 4_294_967_295] },
    { type: 'chunk', name, index: 7, bytes: new Uint8Array([1, 2, 3]) },
    { type: 'gone', name },
  ];
  const wrong: Uint8Array[] = [new Uint8Array(), new Uint8Array([2, 0]), new Uint8Array([1, 99])];
  for (const message of good) {
    const bytes = encodeMessage(message);
    t.deepEqual(decodeMessage(bytes), message);
    if (message.type === 'chunk') continue;
    wrong.push(bytes.subarray(0, bytes.length - 1), new Uint8Array([...bytes, 0]));
  }
  const many = encodeMessage({ type: 'want', name, indexes: [] });
  new DataView(many.buffer, many.byteOffset).setUint32(many.length - 4, 0xffffffff);
  wrong.push(many, encodeMessage({ type: 'want', name, indexes: Array.from({ length: 1_025 }, () => 0) }));
  for (const bytes of wrong) {
    t.throws(() => decodeMessage(bytes), { instanceOf: RangeError });
    peer.sendBytes('a', bytes);
  }
  await cluster.clock.pass(100);
  t.is(cluster.node('a').catchUp.refused, wrong.length);
  t.deepEqual(cluster.events('a', 'hookError'), []);
  await cluster.append('a', add());
  await cluster.stopAll();
});
