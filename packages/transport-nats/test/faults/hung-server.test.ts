// Goal: a server that takes connections and never answers holds up nobody, and nothing of the connection stays behind. Method: a
// real server that is suspended, and listeners that stop where no real one can be stopped. The tests run one after another, since they look at all sockets of the process.
import { createHook } from 'node:async_hooks';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type NatsServer, natsServer } from '@paxakos/servers';
import test, { type ExecutionContext } from 'ava';
import { natsTransport } from '../../src/index.ts';
import { openNode, reach, until } from '../open-node.ts';

/** A time-out that no test outlives: whoever waited for it would never end. */
const neverMs = 600_000;

// The client keeps a timer of an abandoned dial until the time-out is over. It must not keep this process for ten minutes.
const timers = new Set<NodeJS.Timeout>();
createHook({
  init(_id, type, _trigger, resource) {
    if (type === 'Timeout') timers.add(resource as NodeJS.Timeout);
  },
}).enable();
test.after.always(() => {
  for (const timer of timers) timer.unref();
});

const sockets = () => process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP')).length;

async function serve(t: ExecutionContext): Promise<NatsServer> {
  const server = await natsServer();
  t.teardown(() => server[Symbol.asyncDispose]());
  return server;
}

test.serial('open is given up when openMsMax is over, and leaves no socket', async (t) => {
  const server = await serve(t);
  const before = sockets();
  server.pause();
  const transport = natsTransport({ servers: server.url, openMsMax: 700, timeout: 200 });
  const error = await t.throwsAsync(transport.open({ id: 'a' }, () => {}, 'main'));
  t.regex(error?.message ?? '', /no NATS server answers at nats:.*for 700 ms: start it, or correct servers/);
  await until(t, 'no socket is left', () => sockets() <= before);
  await transport.close();
});

test.serial('close ends an open that waits, at once, and leaves no socket', async (t) => {
  const server = await serve(t);
  const before = sockets();
  server.pause();
  const transport = natsTransport({ servers: server.url, timeout: neverMs, openMsMax: neverMs });
  const opening = transport.open({ id: 'a' }, () => {}, 'main').then(String, String);
  await until(t, 'it dials', () => sockets() > before);
  await transport.close();
  t.regex(await opening, /closed while it opened/);
  await until(t, 'no socket is left', () => sockets() <= before);
});

interface Hung {
  /** What it says at once. */
  readonly greeting?: string;
  /** Whether the client then has something to say. */
  readonly isAnswered?: boolean;
  readonly tls?: { readonly handshakeFirst: boolean };
}

// A suspended server is mostly silent from the start; these stop later.
const hung: Readonly<Record<string, Hung>> = {
  'is silent': {},
  'says its first word': {
    greeting: 'INFO {"version":"2.10.0","proto":1,"max_payload":1048576}\r\n',
    isAnswered: true,
  },
  'takes no part in a handshake': { isAnswered: true, tls: { handshakeFirst: true } },
};
for (const [what, { greeting = '', isAnswered = false, tls }] of Object.entries(hung)) {
  test.serial(`close ends an open at servers of which each ${what}, and leaves no socket`, async (t) => {
    let reached = 0;
    const listen = async (): Promise<string> => {
      const listener = createServer((socket) => {
        socket.on('error', () => {}).write(greeting);
        if (isAnswered) socket.once('data', () => (reached += 1));
        else reached += 1;
        socket.resume();
      });
      t.teardown(() => listener[Symbol.asyncDispose]());
      await once(listener.listen(0, '127.0.0.1'), 'listening');
      return `127.0.0.1:${(listener.address() as AddressInfo).port}`;
    };
    const servers = [await listen(), await listen()];
    const before = sockets();
    const transport = natsTransport({ servers, timeout: neverMs, openMsMax: neverMs, ...(tls && { tls }) });
    const opening = transport.open({ id: 'a' }, () => {}, 'main').then(String, String);
    await until(t, 'one is reached', () => reached > 0);
    await transport.close();
    t.regex(await opening, /closed while it opened/);
    await delay(200); // the client goes on to the next server meanwhile
    await until(t, 'no socket is left', () => sockets() <= before);
  });
}

test.serial('close while a lost connection is tried again leaves no socket', async (t) => {
  const server = await serve(t);
  const before = sockets();
  const a = await openNode(t, 'a', { servers: server.url, pingInterval: 100, maxPingOut: 2 });
  server.pause();
  await until(t, 'the loss is told', () => a.troubles.some(({ type }) => type === 'disconnected'));
  await until(t, 'it dials again', () => sockets() > before);
  await a.transport.close();
  await until(t, 'no socket is left', () => sockets() <= before);
});

test.serial('what waits for a server that does not read is bounded by queueBytesMax', async (t) => {
  const server = await serve(t);
  const a = await openNode(t, 'a', { servers: server.url, queueBytesMax: 4 * 1024 * 1024 });
  const b = await openNode(t, 'b', { servers: server.url });
  await reach(t, a, b);
  server.pause();
  const frame = 'x'.repeat(100_000);
  for (let times = 0; times < 100; times += 1) a.send([b], frame);
  await until(t, 'the rest is dropped', () => a.dropped() === 100 - 41);
  t.true(a.troubles.every(({ type, peer }) => type === 'dropped' && peer === 'b'));
  t.true(a.troubles.every(({ reason }) => reason === 'the NATS server does not keep up'));
  server.resume();
  await until(t, 'what waited arrives', () => b.frames.filter((text) => text === frame).length === 41);
  await reach(t, a, b);
});

test.serial('a bound smaller than a frame lets each frame through that has nothing before it', async (t) => {
  const server = await serve(t);
  const a = await openNode(t, 'a', { servers: server.url, queueBytesMax: 10_000 });
  const b = await openNode(t, 'b', { servers: server.url });
  for (let times = 1; times <= 5; times += 1) {
    a.send([b], 'small');
    a.send([b], 'x'.repeat(20_000));
    await until(t, 'both arrive', () => b.frames.length === 2 * times);
  }
  t.is(a.dropped(), 0);
});
