// A bus in memory does what a good bus does, until it is told to do what a bad one does.
import test from 'ava';
import type { Random, Transport, TransportTrouble } from '../../src/contracts/index.ts';
import { type MemoryNetwork, type MemoryNetworkOptions, memoryNetwork } from '../../src/memory/index.ts';
import { VirtualClock } from './virtual-clock.ts';

interface Fixture {
  readonly network: MemoryNetwork;
  readonly clock: VirtualClock;
  readonly transports: Readonly<Record<'a' | 'b' | 'c', Transport>>;
  /** First bytes of what each node received. */
  readonly received: Readonly<Record<string, number[]>>;
  readonly troubles: TransportTrouble[];
}

function seeded(seed = 1): Random {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

async function open(options: MemoryNetworkOptions = {}): Promise<Fixture> {
  const clock = new VirtualClock();
  const network = memoryNetwork({ clock, random: seeded(), ...options });
  const received: Record<string, number[]> = { a: [], b: [], c: [] };
  const troubles: TransportTrouble[] = [];
  const transports = { a: network.transport('a'), b: network.transport('b'), c: network.transport('c') };
  for (const [id, transport] of Object.entries(transports)) {
    transport.onTrouble?.((trouble) => troubles.push(trouble));
    await transport.open({ id }, (frame) => received[id]?.push(frame[0] as number), 'main');
  }
  return { network, clock, transports, received, troubles };
}

const b = { id: 'b' };
const c = { id: 'c' };
const all = [{ id: 'a' }, b, c];
const frame = (first: number, length = 1): Uint8Array => new Uint8Array(length).fill(first);

async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

test('frames arrive in order, after the turn in which they were sent, at every receiver but the sender', async (t) => {
  const { transports, received } = await open();
  for (const first of [1, 2, 3]) transports.a.send(all, frame(first));
  t.deepEqual(received, { a: [], b: [], c: [] });
  await settle();
  t.deepEqual(received, { a: [], b: [1, 2, 3], c: [1, 2, 3] });
});

test('what a node that is not open is sent, and what it sends, is lost', async (t) => {
  const { network, transports, received } = await open();
  const late = network.transport('late');
  t.notThrows(() => late.send([b], frame(1)));
  transports.a.send([{ id: 'late' }, { id: 'nobody' }], frame(1));
  transports.a.send([b], frame(2));
  await transports.b.close();
  await transports.b.close();
  await settle();
  transports.b.send([c], frame(3));
  await settle();
  t.deepEqual(received, { a: [], b: [], c: [] });
  t.is(network.queuedFrames('b'), 0);
});

test('a node that restarts takes another transport, and the last one receives', async (t) => {
  const { network, transports, received } = await open();
  const again: number[] = [];
  const second = network.transport('b');
  await second.open(b, (frame) => again.push(frame[0] as number), 'main');
  await transports.b.close();
  transports.a.send([b], frame(1));
  await settle();
  t.deepEqual([received.b, again], [[], [1]]);
  await t.throwsAsync(
    second.open(b, () => {}, 'main'),
    { code: 'PAXAKOS_TRANSPORT' },
  );
  await t.throwsAsync(
    network.transport('x').open(b, () => {}, 'main'),
    { code: 'PAXAKOS_TRANSPORT' },
  );
});

test('a way that is cut loses everything, one way or both, until it is healed', async (t) => {
  const { network, transports, received } = await open();
  network.link('a', 'b').set({ isCut: true });
  transports.a.send([b], frame(1));
  transports.b.send(all, frame(2));
  await settle();
  t.deepEqual(received, { a: [2], b: [], c: [2] });
  network.heal();
  network.cut('a', 'b');
  network.cut('c');
  transports.a.send(all, frame(3));
  transports.b.send(all, frame(4));
  transports.c.send(all, frame(5));
  await settle();
  t.deepEqual(received, { a: [2], b: [], c: [2] });
  network.heal();
  transports.a.send(all, frame(6));
  await settle();
  t.deepEqual(received, { a: [2], b: [6], c: [2, 6] });
});

test('a partition cuts the ways between its groups, and replaces the one before', async (t) => {
  const { network, transports, received } = await open();
  network.partition(['a', 'b'], ['c']);
  transports.a.send(all, frame(1));
  await settle();
  network.partition(['a', 'c']);
  transports.a.send(all, frame(2));
  await settle();
  t.deepEqual(received, { a: [], b: [1], c: [2] });
  network.heal();
  transports.a.send(all, frame(3));
  await settle();
  t.deepEqual(received, { a: [], b: [1, 3], c: [2, 3] });
});

test('faults can be changed while it runs, on all links or on one', async (t) => {
  const { network, transports, received } = await open();
  network.setAll({ loss: 1 });
  network.link('a', 'c').set({ loss: 0, duplication: 1 });
  transports.a.send(all, frame(1));
  await settle();
  t.deepEqual(received, { a: [], b: [], c: [1, 1] });
  t.is(network.link('a', 'c').faults.duplication, 1);
  network.setAll({ loss: 0, duplication: 0 });
  transports.a.send(all, frame(2));
  await settle();
  t.deepEqual(received, { a: [], b: [2], c: [1, 1, 2] });
});

test('a delay passes by the clock, and jitter lets frames overtake one another', async (t) => {
  const { network, clock, transports, received } = await open();
  network.link('a', 'b').set({ delayMs: 10 });
  for (const first of [1, 2, 3]) transports.a.send([b], frame(first));
  clock.advance(9.9);
  t.deepEqual(received.b, []);
  clock.advance(0.1);
  t.deepEqual(received.b, [1, 2, 3]);
  network.link('a', 'b').set({ jitterMs: 5 });
  const sent = Array.from({ length: 20 }, (_, index) => index);
  for (const first of sent) transports.a.send([b], frame(first));
  clock.advance(15);
  const later = received.b?.slice(3) ?? [];
  t.notDeepEqual(later, sent);
  t.deepEqual(
    later.toSorted((x, y) => x - y),
    sent,
  );
});

test('the same clock and random numbers give the same run', async (t) => {
  const runs = [];
  for (let run = 0; run < 2; run++) {
    const { network, clock, transports, received } = await open();
    network.setAll({ loss: 0.3, duplication: 0.3, delayMs: 1, jitterMs: 5 });
    for (let first = 0; first < 100; first++) transports.a.send(all, frame(first));
    clock.advance(10);
    runs.push(received);
  }
  t.deepEqual(runs[0], runs[1]);
  t.true((runs[0]?.b?.length ?? 0) > 60);
});

test('faults that mean nothing, or need what the network does not have, are refused', (t) => {
  const network = memoryNetwork();
  for (const faults of [
    { loss: 1.1 },
    { duplication: -1 },
    { loss: Number.NaN },
    { delayMs: -1 },
    { jitterMs: Number.POSITIVE_INFINITY },
  ]) {
    t.throws(() => network.setAll(faults), { code: 'PAXAKOS_INVALID' });
  }
  t.throws(() => network.setAll({ delayMs: 1 }), { message: /clock/ });
  t.throws(() => network.link('a', 'b').set({ loss: 0.5 }), { message: /random/ });
  t.throws(() => memoryNetwork({ frameBytesMax: 0 }), { code: 'PAXAKOS_INVALID' });
});

test('H58: a node that does not take its frames costs a bounded number of frames and bytes, and its senders are told', async (t) => {
  const { network, transports, received, troubles } = await open({ queuedFramesMax: 10, queuedBytesMax: 1_000 });
  network.pause('b');
  for (let index = 0; index < 25; index++) transports.a.send([b], frame(index));
  await settle();
  t.is(network.queuedFrames('b'), 10);
  t.deepEqual(
    troubles.map(({ type, peer, count }) => [type, peer, count]),
    [['dropped', 'b', 15]],
  );
  network.resume('b');
  await settle();
  t.deepEqual(received.b, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  t.is(network.queuedFrames('b'), 0);
  network.pause('b');
  for (let index = 0; index < 5; index++) transports.a.send([b], frame(index, 300));
  await settle();
  t.is(network.queuedFrames('b'), 3);
  await transports.b.close();
  t.is(network.queuedFrames('b'), 0);
});

test('a frame that is too long is dropped with a trouble', async (t) => {
  const { transports, received, troubles } = await open({ frameBytesMax: 10 });
  transports.a.send([b], frame(1, 11));
  transports.a.send([b], frame(2, 10));
  await settle();
  t.deepEqual(received.b, [2]);
  t.is(troubles.length, 1);
});

test('H62: where it scribbles, each receiver has its own copy, which does not last', async (t) => {
  const network = memoryNetwork({ scribbles: true });
  const kept: Uint8Array[] = [];
  const seen: number[] = [];
  for (const id of ['b', 'c']) {
    await network.transport(id).open(
      { id },
      (frame) => {
        kept.push(frame);
        seen.push(frame[0] as number);
      },
      'main',
    );
  }
  const a = network.transport('a');
  await a.open({ id: 'a' }, () => {}, 'main');
  const sent = frame(7);
  a.send(all, sent);
  await settle();
  t.deepEqual(seen, [7, 7]);
  t.deepEqual(kept, [frame(0xa5), frame(0xa5)]);
  t.deepEqual(sent, frame(7));
});

test('nodes that never rest let timers have their turn', async (t) => {
  const clock = new VirtualClock();
  const network = memoryNetwork({ clock });
  let passes = 0;
  for (const [id, other] of [
    ['a', b],
    ['b', { id: 'a' }],
  ] as const) {
    const transport = network.transport(id);
    await transport.open(
      { id },
      (frame) => {
        passes++;
        transport.send([other], frame);
      },
      'main',
    );
    if (id === 'b') transport.send([other], frame(1));
  }
  await new Promise((resolve) => setImmediate(resolve));
  const before = passes;
  t.true(before > 100);
  await new Promise((resolve) => setImmediate(resolve));
  t.is(passes, before);
  clock.advance(0);
  await new Promise((resolve) => setImmediate(resolve));
  t.true(passes > before);
});

test('clusters on one network are kept apart, also where their nodes have the same ids', async (t) => {
  const { network, transports, received } = await open();
  const other: number[] = [];
  const [a2, b2] = [network.transport('a'), network.transport('b')];
  await a2.open({ id: 'a' }, () => {}, 'other');
  await b2.open(b, (frame) => other.push(frame[0] as number), 'other');
  transports.a.send([b], frame(1));
  a2.send([b, c], frame(2));
  await settle();
  t.deepEqual([received.b, received.c, other], [[1], [], [2]]);
  await b2.close();
  transports.a.send([b], frame(3));
  await settle();
  t.deepEqual([received.b, other], [[1, 3], [2]]);
});

test('what is done to a node is done to it in every cluster', async (t) => {
  const { network, transports, received } = await open();
  network.pause('b');
  const other: number[] = [];
  const [a2, b2] = [network.transport('a'), network.transport('b')];
  await a2.open({ id: 'a' }, () => {}, 'other');
  await b2.open(b, (frame) => other.push(frame[0] as number), 'other');
  for (const transport of [transports.a, a2]) transport.send([b], frame(1));
  await settle();
  t.deepEqual([received.b, other, network.queuedFrames('b')], [[], [], 2]);
  network.resume('b');
  await settle();
  t.deepEqual([received.b, other, network.queuedFrames('b')], [[1], [1], 0]);
  network.cut('a', 'b');
  for (const transport of [transports.a, a2]) transport.send([b], frame(2));
  await settle();
  t.deepEqual([received.b, other], [[1], [1]]);
});

test('a listener of troubles that throws harms nobody', async (t) => {
  const { transports, received } = await open({ frameBytesMax: 10 });
  transports.a.onTrouble?.(() => {
    throw new Error('listener');
  });
  transports.a.send([b, c], frame(1, 11));
  await settle();
  transports.a.send([b], frame(2));
  await settle();
  t.deepEqual(received.b, [2]);
});
