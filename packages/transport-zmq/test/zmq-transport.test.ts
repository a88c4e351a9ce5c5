// What the conformance suite can't ask of every transport: endpoints, errors, encryption, and what is reported.
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { isPaxakosError, type TransportTrouble } from '@paxakos/core/contracts';
import test, { type ExecutionContext } from 'ava';
import { Pull, Push } from 'zeromq';
import { curveKeyPair, type ZmqTransport, type ZmqTransportOptions, zmqTransport } from '../src/index.ts';
import { freePort, livenessMs, temporaryFolder } from './zmq-fixture.ts';

const anyPort = 'tcp://127.0.0.1:*';

interface Opened {
  readonly transport: ZmqTransport;
  readonly info: { readonly id: string; readonly address: string };
  readonly frames: string[];
  readonly troubles: TransportTrouble[];
}

async function opened(t: ExecutionContext, id: string, options: ZmqTransportOptions = {}): Promise<Opened> {
  const transport = zmqTransport({ bind: anyPort, ...options });
  t.teardown(() => transport.close());
  const frames: string[] = [];
  const troubles: TransportTrouble[] = [];
  transport.onTrouble?.((trouble) => troubles.push(trouble));
  await transport.open({ id }, (frame) => frames.push(Buffer.from(frame).toString()), 'main');
  return { transport, info: { id, address: transport.endpoint ?? '' }, frames, troubles };
}

async function until(condition: () => boolean, act?: () => void): Promise<void> {
  const end = Date.now() + livenessMs;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`it took longer than ${livenessMs} ms`);
    act?.();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const bytes = (text: string) => new TextEncoder().encode(text);
const pause = (timeMs: number) => new Promise((resolve) => setTimeout(resolve, timeMs));

/** Sends until it is there. */
async function reach(from: Opened, to: Opened, text: string): Promise<void> {
  const send = () => from.transport.send([to.info], bytes(text));
  await until(() => to.frames.includes(text), send);
}

test.serial('a wildcard port is known once open, and no more after close', async (t) => {
  const { transport, info } = await opened(t, 'a');
  t.regex(info.address, /^tcp:\/\/127\.0\.0\.1:\d+$/);
  await transport.close();
  t.is(transport.endpoint, undefined);
});

test.serial('an endpoint that cannot be listened at is named, with what to do', async (t) => {
  const port = await freePort();
  const server = createServer().listen(port, '127.0.0.1');
  t.teardown(() => server.close());
  const folder = await temporaryFolder();
  const cases: [endpoint: string, code: string][] = [
    [`tcp://127.0.0.1:${port}`, 'EADDRINUSE'],
    ['tcp://no-such-interface:7000', 'ENODEV'],
    ['tcp://127.0.0.1', 'EINVAL'],
    [`ipc://${join(folder, 'missing', 'a')}`, 'ENOENT'],
    [`ipc://${join(folder, 'a'.repeat(200))}`, 'ENAMETOOLONG'],
  ];
  for (const [endpoint, code] of cases) {
    const transport = zmqTransport();
    const error = await t.throwsAsync(transport.open({ id: 'a', address: endpoint }, () => {}, 'main'));
    t.true(isPaxakosError(error, 'PAXAKOS_TRANSPORT'), endpoint);
    t.true(error.message.includes(endpoint) && error.message.includes(code), error.message);
    t.true(error.message.includes(': ') && error.cause !== undefined);
    await transport.close();
  }
  const error = await t.throwsAsync(zmqTransport().open({ id: 'a' }, () => {}, 'main'));
  t.true(isPaxakosError(error, 'PAXAKOS_INVALID'));
});

test.serial('a transport opens once', async (t) => {
  const { transport, info } = await opened(t, 'a');
  await t.throwsAsync(
    transport.open(info, () => {}, 'main'),
    { code: 'PAXAKOS_TRANSPORT' },
  );
  await transport.close();
  await t.throwsAsync(
    transport.open(info, () => {}, 'main'),
    { code: 'PAXAKOS_TRANSPORT' },
  );
});

test.serial('an IPC path that a live process listens at is not taken away, one left behind is', async (t) => {
  const path = join(await temporaryFolder(), 'a');
  await writeFile(path, '');
  const first = await opened(t, 'a', { bind: `ipc://${path}` });
  const second = zmqTransport({ bind: `ipc://${path}` });
  t.teardown(() => second.close());
  await t.throwsAsync(
    second.open({ id: 'a' }, () => {}, 'main'),
    { message: /EADDRINUSE/ },
  );
  await reach(await opened(t, 'b'), first, 'still there');
  t.pass();
});

test.serial('a peer that moves to another address under its id is found there', async (t) => {
  const [a, b, moved] = [await opened(t, 'a'), await opened(t, 'b'), await opened(t, 'b')];
  await reach(a, b, 'before');
  await reach(a, moved, 'after');
  t.false(b.frames.includes('after'));
});

test.serial('addressOf names the endpoint of a peer; if it throws, the frame is dropped', async (t) => {
  const b = await opened(t, 'b');
  let endpoint: string | undefined = b.info.address;
  const addressOf = () => {
    if (endpoint === undefined) throw new Error('unknown');
    return endpoint;
  };
  const a = await opened(t, 'a', { addressOf });
  await until(
    () => b.frames.length > 0,
    () => a.transport.send([{ id: 'b' }], bytes('x')),
  );
  endpoint = undefined;
  t.notThrows(() => a.transport.send([{ id: 'b' }], bytes('x')));
  t.true(a.troubles.some(({ type, reason }) => type === 'dropped' && reason === 'the peer has no address'));
});

test.serial('an endpoint that ZeroMQ does not take is reported, not thrown', async (t) => {
  const a = await opened(t, 'a');
  for (const address of ['tcp://nowhere', 'nonsense', `ipc:///tmp/${'x'.repeat(200)}`]) {
    t.notThrows(() => a.transport.send([{ id: address, address }], bytes('x')));
    t.true(a.troubles.some(({ type, peer }) => type === 'disconnected' && peer === address));
  }
});

test.serial('drops are reported at once, then at most every 100 ms, and none is left out', async (t) => {
  const a = await opened(t, 'a', { frameBytesMax: 1_000, peerQueueBytesMax: 10_000 });
  const absent = { id: 'x', address: `tcp://127.0.0.1:${await freePort()}` };
  // One is with ZeroMQ, ten wait.
  for (let index = 0; index < 1_011; index += 1) a.transport.send([absent], new Uint8Array(1_000));
  const drops = () => a.troubles.filter(({ type }) => type === 'dropped');
  t.deepEqual(
    drops().map(({ count, peer }) => [count, peer]),
    [[1, 'x']],
  );
  await until(() => drops().length > 1);
  t.is(
    drops().reduce((sum, { count = 0 }) => sum + count, 0),
    1_000,
  );
  t.is(drops().length, 2);
});

test.serial('a listener of trouble that throws disturbs nothing', async (t) => {
  const [a, b] = [await opened(t, 'a'), await opened(t, 'b')];
  a.transport.onTrouble?.(() => {
    throw new Error('a bug of the listener');
  });
  t.notThrows(() => a.transport.send([{ id: 'x' }], bytes('x')));
  await reach(a, b, 'hello');
});

test.serial('a receiver that throws, and messages of strangers, do not stop what follows (H67)', async (t) => {
  const b = zmqTransport({ bind: anyPort });
  t.teardown(() => b.close());
  const frames: string[] = [];
  const troubles: TransportTrouble[] = [];
  b.onTrouble?.((trouble) => troubles.push(trouble));
  await b.open(
    { id: 'b' },
    (frame) => {
      frames.push(Buffer.from(frame).toString());
      if (frames.length === 1) throw new Error('a bug of the receiver');
    },
    'main',
  );
  const stranger = new Push({ linger: 0 });
  t.teardown(() => stranger.close());
  stranger.connect(b.endpoint ?? '');
  for (const message of [['throw'], ['a', 'b', 'c'], ['abc', 'x'], [''], ['last']]) await stranger.send(message);
  await until(() => frames.includes('last'));
  t.deepEqual(frames, ['throw', '', 'last']);
  await until(() => troubles.reduce((sum, { count = 0 }) => sum + count, 0) === 3);
});

test.serial('from the moment that close is called nothing is delivered, not even of the same message', async (t) => {
  const a = await opened(t, 'a');
  const b = zmqTransport({ bind: anyPort });
  t.teardown(() => b.close());
  let closeAt = Number.POSITIVE_INFINITY;
  let frames = 0;
  let late = 0;
  let closing: Promise<void> | undefined;
  await b.open(
    { id: 'b' },
    () => {
      frames += 1;
      if (closing !== undefined) late += 1;
      if (frames >= closeAt) closing ??= b.close();
    },
    'main',
  );
  const send = () => a.transport.send([{ id: 'b', address: b.endpoint ?? '' }], bytes('x'));
  await until(() => frames > 0, send);
  closeAt = frames + 100; // the first frame leaves alone, the others together
  for (let index = 0; index < 1_000; index += 1) send();
  await until(() => closing !== undefined);
  await closing;
  await pause(50);
  t.is(late, 0);
});

/** A listening socket that tells how many are connected to it. */
async function counted(t: ExecutionContext): Promise<{ address: string; connections: number }> {
  const socket = new Pull({ linger: 0 });
  t.teardown(() => socket.close());
  await socket.bind(anyPort);
  const counter = { address: socket.lastEndpoint ?? '', connections: 0 };
  socket.events.on('accept', () => {
    counter.connections += 1;
  });
  socket.events.on('disconnect', () => {
    counter.connections -= 1;
  });
  return counter;
}

test.serial('beyond peersMax the connection used longest ago goes, and comes back when it is used', async (t) => {
  const counter = await counted(t);
  const a = await opened(t, 'a', { peersMax: 2 });
  const send = (id: string) => a.transport.send([{ id, address: counter.address }], bytes('x'));
  for (const id of ['b', 'c']) send(id);
  await until(() => counter.connections === 2);
  for (const id of ['d', 'e', 'f', 'g']) send(id);
  await pause(100);
  await until(() => counter.connections === 2);
  const b = await opened(t, 'b');
  await reach(a, b, 'again');
  t.pass();
});

test.serial('a peer that nothing is sent to for long is disconnected', async (t) => {
  const counter = await counted(t);
  const a = await opened(t, 'a', { peerIdleMs: 100 });
  a.transport.send([{ id: 'b', address: counter.address }], bytes('x'));
  await until(() => counter.connections > 0);
  await until(() => counter.connections === 0);
  t.pass();
});

test.serial('a flood of frames does not keep timers waiting', async (t) => {
  const [a, b] = [await opened(t, 'a'), zmqTransport({ bind: anyPort })];
  t.teardown(() => b.close());
  let frames = 0;
  await b.open(
    { id: 'b' },
    () => {
      frames += 1;
      const end = performance.now() + 0.05; // as a protocol would work on it
      while (performance.now() < end);
    },
    'main',
  );
  const info = { id: 'b', address: b.endpoint ?? '' };
  await until(
    () => frames > 0,
    () => a.transport.send([info], bytes('x')),
  );
  let most = 0;
  let last = frames;
  const look = () => {
    most = Math.max(most, frames - last);
    last = frames;
  };
  const timer = setInterval(look, 5);
  t.teardown(() => clearInterval(timer));
  const before = frames;
  for (let index = 0; index < 40_000; index += 1) a.transport.send([info], bytes('x'));
  await until(() => frames >= before + 40_000);
  look();
  // A turn is 1,000 frames and what a message holds above that, and takes far longer than the timer's interval.
  t.true(most < 20_000, `a timer waited while ${most} frames were delivered`);
});

function secured(ids: string[]) {
  const pairs = Object.fromEntries(ids.map((id) => [id, curveKeyPair()]));
  const peers = Object.fromEntries(ids.map((id) => [id, pairs[id]?.publicKey ?? '']));
  const curveOf = (id: string) => ({ ...(pairs[id] ?? curveKeyPair()), peers });
  return { peers, curveOf };
}

test.serial(
  'CURVE lets in only known keys: a stranger, a plain client and a wrong server key are refused',
  async (t) => {
    const { peers, curveOf } = secured(['a', 'b']);
    const b = await opened(t, 'b', { curve: curveOf('b') });
    const stranger = await opened(t, 's', { curve: { ...curveKeyPair(), peers } });
    const plain = await opened(t, 'p');
    const mistaken = await opened(t, 'm', { curve: { ...curveOf('a'), peers: { b: curveKeyPair().publicKey } } });
    for (const from of [stranger, plain, mistaken]) {
      b.troubles.length = 0;
      const send = () => from.transport.send([b.info], bytes(from.info.id));
      await until(() => from.troubles.some(({ type, peer }) => type === 'disconnected' && peer === 'b'), send);
      await until(
        () => b.troubles.some(({ type, reason }) => type === 'disconnected' && /refused/.test(reason ?? '')),
        send,
      );
    }
    await reach(await opened(t, 'a', { curve: curveOf('a') }), b, 'known');
    t.deepEqual(new Set(b.frames), new Set(['known']));
    t.regex(stranger.troubles[0]?.reason ?? '', /does not know the key/);
    t.regex(plain.troubles[0]?.reason ?? '', /no agreement on encryption/);
  },
);

test.serial('a node with CURVE does not send to a peer without it, or whose key it does not know', async (t) => {
  const { curveOf } = secured(['a', 'b']);
  const [a, plain] = [await opened(t, 'a', { curve: curveOf('a') }), await opened(t, 'b')];
  a.transport.send([plain.info], bytes('x'));
  await until(() => a.troubles.some(({ reason }) => /no agreement on encryption/.test(reason ?? '')));
  a.transport.send([{ ...plain.info, id: 'constructor' }], bytes('x'));
  t.true(a.troubles.some(({ peer, reason }) => peer === 'constructor' && /no key of node/.test(reason ?? '')));
  await pause(50);
  t.is(plain.frames.length, 0);
});

test.serial('a key that is added later lets its node in', async (t) => {
  const { peers, curveOf } = secured(['a', 'b']);
  const [b, late] = [await opened(t, 'b', { curve: curveOf('b') }), curveKeyPair()];
  const c = await opened(t, 'c', { curve: { ...late, peers } });
  c.transport.send([b.info], bytes('too early'));
  await until(() => c.troubles.some(({ type }) => type === 'disconnected'));
  peers.c = late.publicKey;
  await reach(c, b, 'welcome');
  t.true(c.troubles.some(({ type, peer }) => type === 'reconnected' && peer === 'b'));
});

test.serial('two clusters with keys of their own share a process and stay apart', async (t) => {
  const [one, two] = [secured(['a', 'b']), secured(['a', 'b'])];
  const [a1, b1] = [
    await opened(t, 'a', { curve: one.curveOf('a') }),
    await opened(t, 'b', { curve: one.curveOf('b') }),
  ];
  const [a2, b2] = [
    await opened(t, 'a', { curve: two.curveOf('a') }),
    await opened(t, 'b', { curve: two.curveOf('b') }),
  ];
  await reach(a1, b1, 'one');
  await a1.transport.close();
  await reach(a2, b2, 'two');
  // A key of cluster two, with the right key of the server of cluster one.
  const intruder = await opened(t, 'i', { curve: { ...two.curveOf('a'), peers: one.peers } });
  intruder.transport.send([b1.info], bytes('intruder'));
  await until(() => intruder.troubles.some(({ reason }) => /does not know the key/.test(reason ?? '')));
  t.false(b1.frames.includes('intruder'));
});

test.serial('a transport with keys that cannot listen leaves nothing open, even if nobody closes it', async (t) => {
  const taken = await opened(t, 'a');
  const resources = () => process.getActiveResourcesInfo().sort();
  const before = resources();
  const { curveOf } = secured(['b']);
  const transport = zmqTransport({ bind: taken.info.address, curve: curveOf('b') });
  await t.throwsAsync(
    transport.open({ id: 'b' }, () => {}, 'main'),
    { message: /EADDRINUSE/ },
  );
  await pause(50);
  t.deepEqual(resources(), before);
});

test.serial('transports with keys may come and go at once', async (t) => {
  const { curveOf } = secured(['a', 'b']);
  for (let turn = 0; turn < 20; turn += 1) {
    const some = ['a', 'b', 'a'].map((id) => zmqTransport({ bind: anyPort, curve: curveOf(id) }));
    const opening = some.map((transport, index) =>
      transport.open({ id: String(index) }, () => {}, 'main').catch(() => {}),
    );
    if (turn % 2 === 0) await Promise.all(opening);
    await Promise.all(some.map((transport) => transport.close()));
  }
  const [a, b] = [await opened(t, 'a', { curve: curveOf('a') }), await opened(t, 'b', { curve: curveOf('b') })];
  await reach(a, b, 'still working');
  t.pass();
});
