// Goal: the wrapper is a transport like the one that it wraps, in what it takes, reports and closes.

import { type Transport, TransportError, type TransportTrouble } from '@paxakos/core/contracts';
import { memoryNetwork } from '@paxakos/core/memory';
import test from 'ava';
import { authenticated, newKey } from '../src/index.ts';
import { met, say, settled, Wire } from './wire.ts';

const key = newKey();

/** A transport that does nothing but tell what was done with it. */
function probe(frameBytesMax = 1_000) {
  const calls: unknown[][] = [];
  let tell: (trouble: TransportTrouble) => void = () => {};
  const transport: Transport & { frameBytesMax: number } = {
    frameBytesMax,
    open: async (self, _deliver, cluster) => {
      calls.push(['open', self, cluster]);
    },
    send: (receivers, frame) => {
      calls.push(['send', receivers, frame.byteLength]);
    },
    onTrouble: (listener) => {
      tell = listener;
    },
    close: async () => {
      calls.push(['close']);
    },
  };
  return { transport, calls, tell: (trouble: TransportTrouble) => tell(trouble) };
}

test('the inner transport is told who opens it and for which cluster, and is closed once', async (t) => {
  const { transport, calls } = probe();
  const outer = authenticated(transport, { key });
  const self = { id: 'a', address: 'there' };
  await outer.open(self, () => {}, 'a cluster');
  await Promise.all([outer.close(), outer.close(), outer[Symbol.asyncDispose]()]);
  t.deepEqual(calls, [['open', self, 'a cluster'], ['close']]);
});

test('a transport opens once, and never after close', async (t) => {
  const outer = authenticated(memoryNetwork().transport('a'), { key });
  const open = () => outer.open({ id: 'a' }, () => {}, 'main');
  await open();
  await t.throwsAsync(open, { instanceOf: TransportError, message: /make a new one/ });
  await outer.close();
  await t.throwsAsync(open, { instanceOf: TransportError });
});

test('what the inner transport fails to open with is passed on', async (t) => {
  const failure = new TransportError('no way');
  const { transport } = probe();
  transport.open = () => Promise.reject(failure);
  const outer = authenticated(transport, { key });
  const error = await t.throwsAsync(() => outer.open({ id: 'a' }, () => {}, 'main'));
  t.is(error, failure);
  await outer.close();
});

test('closing while it opens leaves nothing open, and rejects', async (t) => {
  const { transport } = probe();
  let opened = () => {};
  transport.open = () => new Promise((resolve) => (opened = resolve));
  const outer = authenticated(transport, { key });
  const opening = outer.open({ id: 'a' }, () => {}, 'main');
  await outer.close();
  opened();
  await t.throwsAsync(opening, { instanceOf: TransportError });
});

test('frameBytesMax is that of the inner transport less 108 bytes, also when that changes', async (t) => {
  const { transport, calls } = probe();
  const outer = authenticated(transport, { key });
  t.is(outer.frameBytesMax, 892);
  transport.frameBytesMax = 500;
  t.is(outer.frameBytesMax, 392);
  transport.frameBytesMax = 50;
  t.is(outer.frameBytesMax, 0);
  await outer.open({ id: 'a' }, () => {}, 'main');
  const troubles: TransportTrouble[] = [];
  outer.onTrouble?.((trouble) => troubles.push(trouble));
  outer.send([{ id: 'b' }, { id: 'a' }], new Uint8Array(1));
  t.deepEqual(calls.slice(1), []);
  t.is(troubles.length, 1);
  t.like(troubles[0], { type: 'dropped', peer: 'b', count: 1 });
  await outer.close();
});

test('no frame gets longer than the inner transport takes, for any number of receivers', async (t) => {
  await using wire = new Wire();
  const a = await wire.open('a');
  const others = await Promise.all(Array.from({ length: 9 }, (_, at) => wire.open(`n${at}`)));
  const inner = wire.network.transport('x').frameBytesMax;
  for (let times = 0; times < 2; times += 1) {
    say(a, 'x'.repeat(a.transport.frameBytesMax), ...others);
    await settled();
  }
  t.is(Math.max(...wire.sent.map(({ bytes }) => bytes.length)), inner);
  t.true(others.every(({ frames }) => frames.length === 2));
});

test('troubles of the inner transport and its own reach the one listener, whatever that throws', async (t) => {
  const { transport, tell } = probe();
  const outer = authenticated(transport, { key });
  const troubles: TransportTrouble[] = [];
  outer.onTrouble?.((trouble) => {
    troubles.push(trouble);
    throw new Error('a listener of that kind');
  });
  await outer.open({ id: 'a' }, () => {}, 'main');
  tell({ type: 'disconnected', peer: 'b' });
  outer.send([{ id: 'b' }], new Uint8Array(2_000));
  t.deepEqual(
    troubles.map(({ type }) => type),
    ['disconnected', 'dropped'],
  );
  await outer.close();
});

test('rejected frames are reported at once, and then added up', async (t) => {
  await using wire = new Wire();
  const [, b] = await met(wire);
  for (let count = 0; count < 100; count += 1) b.inject(new Uint8Array(3));
  t.is(b.troubles.length, 1);
  t.like(b.troubles[0], { type: 'dropped', count: 1 });
  t.regex(b.troubles[0]?.reason ?? '', /^forged/);
  await b.transport.close();
  t.is(b.troubles.length, 2);
  t.is(b.troubles[1]?.count, 99);
  t.is(b.transport.rejected.forged, 100);
});

test('the counters cannot be changed from outside', async (t) => {
  await using wire = new Wire();
  const [, b] = await met(wire);
  (b.transport.rejected as { forged: number }).forged = 5;
  t.is(b.transport.rejected.forged, 0);
});

test('after close nothing is sent or delivered, nor before open', async (t) => {
  await using wire = new Wire();
  const [a, b] = await met(wire);
  say(a, 'x', b);
  const count = wire.sent.length;
  await b.transport.close();
  await settled();
  b.inject((wire.sent.at(-1) as { bytes: Uint8Array }).bytes);
  say(b, 'y', a);
  t.deepEqual(b.frames, []);
  t.deepEqual(b.transport.rejected, { forged: 0, replayed: 0, foreign: 0, unverified: 0 });
  t.is(wire.sent.length, count);
  const { transport, calls } = probe();
  authenticated(transport, { key }).send([{ id: 'b' }], new Uint8Array(1));
  t.deepEqual(calls, []);
});

test('a receiver has the memory of its frame for itself', async (t) => {
  const network = memoryNetwork();
  const a = authenticated(network.transport('a'), { key });
  await a.open({ id: 'a' }, () => {}, 'main');
  const kept: Uint8Array[] = [];
  const others = await Promise.all(
    ['b', 'c'].map(async (id) => {
      const each = authenticated(network.transport(id), { key });
      await each.open(
        { id },
        (frame) => {
          kept.push(Uint8Array.from(frame));
          frame.fill(9);
        },
        'main',
      );
      return each;
    }),
  );
  const frame = Uint8Array.of(1, 2, 3);
  for (let times = 0; times < 2; times += 1) {
    a.send([{ id: 'b' }, { id: 'c' }], frame);
    await settled();
  }
  t.deepEqual(
    kept,
    Array.from({ length: 4 }, () => Uint8Array.of(1, 2, 3)),
  );
  t.deepEqual(frame, Uint8Array.of(1, 2, 3));
  await Promise.all([a, ...others].map((each) => each.close()));
});
