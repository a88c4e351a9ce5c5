// Goal: a ready connection works, of the maintained client and of the older one, and stays the application's own.
import { connect as connectMaintained } from '@nats-io/transport-node';
import { isPaxakosError } from '@paxakos/core/contracts';
import { type NatsServer, natsServer } from '@paxakos/servers';
import test, { type ExecutionContext } from 'ava';
import { connect as connectOlder } from 'nats';
import { natsTransport } from '../src/index.ts';
import { openNode, reach, until } from './open-node.ts';

const clients = {
  '@nats-io/transport-node': connectMaintained,
  nats: connectOlder as unknown as typeof connectMaintained,
};

async function serve(t: ExecutionContext, config = ''): Promise<NatsServer> {
  const server = await natsServer({ config });
  t.teardown(() => server[Symbol.asyncDispose]());
  return server;
}

for (const [name, connect] of Object.entries(clients)) {
  test(`${name}: it is not closed with the transport, and what the application subscribed to stays`, async (t) => {
    const { url: servers } = await serve(t);
    const connection = await connect({ servers });
    t.teardown(() => connection.close());
    const heard: string[] = [];
    connection.subscribe('paxakos.>', { callback: (_, { subject }) => void heard.push(subject) });
    const a = await openNode(t, 'a', { connection });
    const b = await openNode(t, 'b', { connection });
    await reach(t, a, b);
    await a.transport.close();
    t.false(connection.isClosed());
    await reach(t, b, await openNode(t, 'a', { connection }));
    a.frames.length = 0;
    b.send([a], 'to the closed one');
    await connection.flush();
    t.deepEqual(a.frames, []);
    t.true(heard.includes('paxakos.main.node.b'));
  });

  test(`${name}: the server restarts, and frames flow again`, async (t) => {
    const server = await serve(t);
    const connection = await connect({ servers: server.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
    t.teardown(() => connection.close());
    const a = await openNode(t, 'a', { connection });
    const b = await openNode(t, 'b', { servers: server.url });
    await server.kill();
    await until(t, 'the loss is told', () => a.troubles.some(({ type }) => type === 'disconnected'));
    for (let times = 0; times < 10; times += 1) a.send([b], 'lost');
    await until(t, 'each loss counts', () => a.dropped() === 10);
    await server.start();
    await reach(t, a, b);
    await reach(t, b, a);
    t.false(b.frames.includes('lost'));
  });

  test(`${name}: once the application closes it, frames are dropped, that is told, and close resolves`, async (t) => {
    const { url: servers } = await serve(t);
    const connection = await connect({ servers });
    const a = await openNode(t, 'a', { connection });
    await connection.close();
    await until(t, 'it is told', () => a.troubles.some(({ type }) => type === 'disconnected'));
    a.send([{ id: 'b' }], 'x');
    a.send([{ id: 'b' }, { id: 'c' }], 'x');
    await until(t, 'drops are told', () => a.dropped() === 3);
    t.regex(a.troubles[1]?.reason ?? '', /closed for good/);
    await a.transport.close();
    const again = natsTransport({ connection });
    const error = await t.throwsAsync(
      again.open({ id: 'a' }, () => {}, 'main'),
      { message: /connection is closed: give an open/ },
    );
    t.true(isPaxakosError(error, 'PAXAKOS_TRANSPORT'));
  });

  test(`${name}: while the application drains it, frames are dropped, and nothing throws`, async (t) => {
    const { url: servers } = await serve(t);
    const connection = await connect({ servers });
    const a = await openNode(t, 'a', { connection });
    const draining = connection.drain();
    for (let times = 0; times < 3; times += 1) {
      a.send([{ id: 'b' }], 'x');
      await new Promise((resolve) => setImmediate(resolve));
    }
    await draining;
    a.send([{ id: 'b' }], 'x');
    await until(t, 'drops are told', () => a.dropped() >= 1);
    await t.notThrowsAsync(a.transport.close());
  });

  test(`${name}: what the server refuses to the application is not told as trouble of the bus; its own is`, async (t) => {
    const subject = 'paxakos.main.>';
    const { url: servers } = await serve(
      t,
      `authorization { users = [ { user: u, password: p, permissions: { publish: ["${subject}"], subscribe: "${subject}" } } ] }`,
    );
    const connection = await connect({ servers, user: 'u', pass: 'p' });
    t.teardown(() => connection.close());
    const a = await openNode(t, 'a', { connection });
    connection.publish('own.business');
    await connection.flush();
    await reach(t, await openNode(t, 'b', { connection }), a);
    t.deepEqual(a.troubles, []);
    const refused = natsTransport({ connection, prefix: 'else' });
    await t.throwsAsync(
      refused.open({ id: 'a' }, () => {}, 'main'),
      {
        message:
          /does not let this user (publish|subscribe) to else\.main\..*: allow it to publish and to subscribe to else\.main\.>/,
      },
    );
    t.deepEqual(a.troubles, []);
    t.false(connection.isClosed());
  });
}
