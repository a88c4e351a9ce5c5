// Goal: what a node once said, where its members live, and how late its process is, change nothing but time (H7, H35, H58, H60,
// H64). Method: whole nodes on a virtual clock, over a bus that is recorded.
import test from 'ava';
import { isPaxakosError, type NodeInfo, never, type Transport } from '../../src/index.ts';
import { startedCluster, TestCluster } from '../node/test-cluster.ts';
import { agree, load } from '../node/test-load.ts';
import { add, type Ledger, ledgers } from '../node/test-state.ts';

/** Keeps every frame that reached a node, in whichever life, and can bring them all again. */
class Recorder {
  readonly frames = new Map<string, Uint8Array[]>();
  /** Bytes handed over for each receiver. */
  readonly sent = new Map<string, number>();
  readonly #deliver = new Map<string, (frame: Uint8Array) => void>();

  wrap(id: string, transport: Transport): Transport {
    const kept = this.frames.get(id) ?? [];
    this.frames.set(id, kept);
    return {
      get frameBytesMax() {
        return transport.frameBytesMax;
      },
      open: (self, deliver, cluster) => {
        this.#deliver.set(id, deliver);
        const record = (frame: Uint8Array): void => {
          kept.push(frame.slice());
          deliver(frame);
        };
        return transport.open(self, record, cluster);
      },
      send: (receivers, frame) => {
        for (const receiver of receivers) this.sent.set(receiver.id, (this.sent.get(receiver.id) ?? 0) + frame.length);
        transport.send(receivers, frame);
      },
      close: () => transport.close(),
    };
  }

  /** Everything that the node ever got comes once more, the last first or the first first. */
  replay(id: string, isReversed = false): number {
    const frames = [...(this.frames.get(id) ?? [])];
    if (isReversed) frames.reverse();
    for (const frame of frames) this.#deliver.get(id)?.(frame.slice());
    return frames.length;
  }
}

async function recordedCluster(options: ConstructorParameters<typeof TestCluster>[0] = {}): Promise<{
  cluster: TestCluster;
  recorder: Recorder;
  start: (id: string, as?: 'founder' | 'recover') => Promise<void>;
}> {
  const cluster = new TestCluster(options);
  const recorder = new Recorder();
  const start = async (id: string, as: 'founder' | 'recover' = 'founder'): Promise<void> => {
    await cluster.start(id, { transport: recorder.wrap(id, cluster.network.transport(id)), starting: { as } });
  };
  await Promise.all(cluster.ids.map((id) => start(id)));
  await cluster.clock.until(() => cluster.nodes.every(({ participation }) => participation.type === 'active'));
  return { cluster, recorder, start };
}

test('H7: all that a former life got and said, brought again, gives a node without its memory no vote', async (t) => {
  const { cluster, recorder, start } = await recordedCluster({ window: 8 });
  for (const id of ['a', 'b', 'c', 'a']) await cluster.append(id, add());
  await cluster.level();
  cluster.kill('c');
  // Nobody but a can hear it: with a vote of c's, these two would be a majority.
  cluster.network.cut('b');
  await start('c', 'recover');
  const { committed } = cluster.node('a');
  const appended = cluster.node('a').append(add(), { retry: never });
  appended.catch(() => {});
  for (const isReversed of [false, true]) {
    t.true(recorder.replay('c', isReversed) > 10);
    t.true(recorder.replay('a', isReversed) > 10);
    await cluster.clock.pass(500);
  }
  t.deepEqual(cluster.node('c').participation, { type: 'passive' });
  t.true(isPaxakosError(await cluster.clock.failure(appended), 'PAXAKOS_NO_QUORUM'));
  t.is(cluster.node('a').committed, committed);
  cluster.network.heal();
  await cluster.clock.until(() => cluster.node('c').participation.type === 'active');
  recorder.replay('c');
  await cluster.append('c', add());
  await cluster.level();
  agree(cluster);
  await cluster.stopAll();
});

test('H7: all that was ever sent, brought again to nodes that restart on their disks, changes nothing', async (t) => {
  const { cluster, recorder, start } = await recordedCluster({ disks: true });
  const working = load(cluster, ['a'], 2);
  for (const id of ['c', 'b', 'c']) {
    await cluster.clock.pass(100);
    cluster.kill(id);
    await start(id);
    for (const other of cluster.ids) recorder.replay(other, id === 'b');
  }
  await cluster.clock.pass(100);
  await working.stop();
  for (const id of cluster.ids) recorder.replay(id);
  await cluster.append('c', add());
  await cluster.level();
  const log = agree(cluster);
  t.is(new Set(log).size, log.length);
  t.deepEqual(
    working.acknowledged.filter((id) => !log.includes(id)),
    [],
  );
  t.true(working.acknowledged.length > 20);
  await cluster.stopAll();
});

test('H35: members whose address changes keep their memory and their vote', async (t) => {
  const cluster = new TestCluster({ window: 2 });
  const onMade = (ledger: Ledger): void => {
    ledger.cluster = (): readonly NodeInfo[] => ledger.ids.map((id) => ({ id, address: `${id}:${ledger.sum}` }));
  };
  await cluster.startAll({ state: ledgers(cluster.ids, 2, onMade) });
  const incarnations = cluster.nodes.map(({ incarnation }) => incarnation);
  for (let count = 0; count < 6; count += 1) {
    await cluster.append(cluster.ids[count % 3] ?? 'a', add());
    await cluster.level();
    t.true(cluster.nodes.every(({ participation }) => participation.type === 'active'));
    t.is(cluster.node('c').cluster[0]?.address, `a:${count + 1}`);
  }
  t.deepEqual(
    cluster.nodes.map(({ incarnation }) => incarnation),
    incarnations,
  );
  cluster.network.cut('a');
  t.is(await cluster.append('b', add()), 7, 'b and c are a majority as before');
  await cluster.stopAll();
});

test('H58: a peer that is away for minutes costs a bounded number of bytes, with entries of 1 MB', async (t) => {
  const { cluster, recorder } = await recordedCluster();
  await cluster.append('a', add());
  await cluster.level();
  cluster.network.cut('c');
  const bytes = new Uint8Array(1 << 20).fill(1);
  const sentTo = (id: string): number => recorder.sent.get(id) ?? 0;
  const before = { b: sentTo('b'), c: sentTo('c') };
  for (let count = 0; count < 12; count += 1) {
    await cluster.append('a', { id: `large-${count}`, type: 'bytes', bytes });
    await cluster.clock.pass(10_000);
  }
  const entries = sentTo('b') - before.b;
  t.true(entries >= 12 * bytes.length);
  t.true(sentTo('c') - before.c <= 3 * entries, `${sentTo('c') - before.c} bytes for c, ${entries} for b`);
  const quiet = sentTo('c');
  await cluster.clock.pass(600_000);
  t.true(sentTo('c') - quiet <= 2 * bytes.length, `${sentTo('c') - quiet} bytes in ten idle minutes`);
  cluster.network.heal();
  await cluster.append('a', add());
  await cluster.level();
  agree(cluster);
  await cluster.stopAll();
});

test('H60: an apply that blocks its process for 3 s costs no leadership, and no read is stale', async (t) => {
  const cluster = await startedCluster({ disks: true });
  await cluster.append('a', add());
  await cluster.level();
  const changes: string[] = [];
  for (const node of cluster.nodes) node.on('statusChange', ({ to }) => changes.push(`${node.id} ${to}`));
  // While it blocks, proposals of its own are open, and answers and timers are overdue.
  cluster.network.setAll({ delayMs: 5 });
  const later = cluster.clock.view();
  let applied = 0;
  cluster.ledger('a').onApply = () => {
    applied += 1;
    if (applied % 10 !== 5) return;
    // As in Node.js: timers that are due come before what waits at the sockets.
    cluster.network.pause('a');
    cluster.clock.stall(3_000);
    later.after(1, () => cluster.network.resume('a'));
  };
  const appends: Promise<unknown>[] = [];
  for (let count = 0; count < 50; count += 1) {
    appends.push(cluster.node('a').append(add()));
    await cluster.clock.pass(2);
  }
  await cluster.clock.run(Promise.all(appends));
  t.true(cluster.clock.now > 12_000, 'it has blocked several times');
  t.deepEqual(changes, []);
  t.is(cluster.node('a').status, 'leading');
  // Another node that takes over in the middle of it reads what was acknowledged.
  const append = cluster.node('a').append(add());
  const read = cluster.node('b').read((state) => state.sum, { consistency: 'linearizable' });
  const commit = await cluster.clock.run(append);
  t.true((await cluster.clock.run(read)) >= 51);
  const late = cluster.node('c').read((state) => state.sum, { consistency: 'linearizable' });
  t.is(await cluster.clock.run(late), 52);
  await cluster.clock.run(commit.applied());
  await cluster.level();
  agree(cluster);
  await cluster.stopAll();
});

test('H64: after a stall no burst of elections follows, however many timers are late', async (t) => {
  const cluster = await startedCluster({ disks: true });
  const bids = new Map<string, number>();
  for (const node of cluster.nodes)
    node.on('directive', ({ kind, leader, number }) => {
      if (kind === 'prepare') bids.set(`${leader} ${number.counter}`, (bids.get(leader) ?? 0) + 1);
    });
  await cluster.append('a', add());
  await cluster.level();
  bids.clear();
  const quiet = load(cluster, ['a'], 2);
  for (let stall = 0; stall < 10; stall += 1) {
    await cluster.clock.pass(50);
    await cluster.clock.jump(600_000);
  }
  await quiet.stop();
  t.true(bids.size <= 10, `${bids.size} bids while one node appends: at most one a stall`);
  bids.clear();
  const contested = load(cluster, ['a', 'b', 'c'], 1);
  await cluster.clock.pass(500);
  const usual = bids.size;
  bids.clear();
  for (let stall = 0; stall < 10; stall += 1) {
    await cluster.clock.pass(50);
    await cluster.clock.jump(600_000);
  }
  await contested.stop();
  t.true(bids.size <= 2 * usual + 30, `${bids.size} bids in ten stalls and 500 ms; ${usual} in 500 ms without`);
  await cluster.level();
  agree(cluster);
  await cluster.stopAll();
});
