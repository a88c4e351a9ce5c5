// Goal: whatever happens to the way to the server, a node tells of it and finds back by itself. Method: real servers that are
// killed, suspended, changed and cut off.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { TransportTrouble } from '@paxakos/core/contracts';
import { type NatsServerOptions, natsCluster, natsServer, TcpProxy } from '@paxakos/servers';
import test, { type ExecutionContext } from 'ava';
import { openNode, reach, until } from '../open-node.ts';

async function serve(t: ExecutionContext, options: NatsServerOptions = {}) {
  const server = await natsServer(options);
  t.teardown(() => server[Symbol.asyncDispose]());
  return server;
}

const tells = (troubles: readonly TransportTrouble[], type: TransportTrouble['type']) => () =>
  troubles.some((trouble) => trouble.type === type && trouble.peer === undefined);

test('frameBytesMax follows the server, also to a smaller one', async (t) => {
  const server = await serve(t);
  const a = await openNode(t, 'a', { servers: server.url });
  const b = await openNode(t, 'b', { servers: server.url });
  t.is(a.transport.frameBytesMax, 1_048_576 - 1_024);
  await server.kill();
  await until(t, 'the loss is told', tells(a.troubles, 'disconnected'));
  t.is(a.transport.frameBytesMax, 1_048_576 - 1_024, 'between servers the last limit stays');
  server.configure('max_payload: 8KB');
  await server.start();
  await until(t, 'the return is told', tells(a.troubles, 'reconnected'));
  await reach(t, a, b);
  t.is(a.transport.frameBytesMax, 8_192 - 1_024);
  a.troubles.length = 0;
  a.send([b], 'x'.repeat(8_192 - 1_023));
  const [trouble] = a.troubles;
  t.like(trouble, { type: 'dropped', peer: 'b', count: 1 });
  t.regex(trouble?.reason ?? '', /7169 bytes is larger than frameBytesMax, 7168/);
  a.send([b, { id: 'c' }], 'y'.repeat(8_192 - 1_024));
  await until(t, 'the largest frame arrives', () => b.frames.some((text) => text.startsWith('y')));
  t.is(a.troubles.filter(({ type }) => type === 'disconnected').length, 0);
});

for (const [name, load] of [
  ['idle', 0],
  ['under load', 500_000],
] as const) {
  test(`a connection that died silently, ${name}, is noticed within seconds and replaced`, async (t) => {
    const server = await serve(t);
    const proxy = await TcpProxy.start(server.port);
    t.teardown(() => proxy[Symbol.asyncDispose]());
    const a = await openNode(t, 'a', { servers: `nats://127.0.0.1:${proxy.port}` });
    const b = await openNode(t, 'b', { servers: server.url });
    await reach(t, a, b);
    proxy.hold();
    const frame = 'x'.repeat(load);
    await until(t, 'the loss is told', tells(a.troubles, 'disconnected'), () => load > 0 && a.send([b], frame));
    proxy.cut();
    proxy.mend();
    await until(t, 'the return is told', tells(a.troubles, 'reconnected'));
    await reach(t, a, b);
    await reach(t, b, a);
  });
}

test('a receiver that the server cuts off since it does not read comes back, and tells', async (t) => {
  const server = await serve(t, { config: 'max_pending: 2MB\nwrite_deadline: "1s"' });
  const a = await openNode(t, 'a', { servers: server.url });
  const path = fileURLToPath(new URL('../echo-process.js', import.meta.url));
  const child = fork(path, [JSON.stringify({ servers: server.url }), 'r', JSON.stringify({ id: 'a' })]);
  t.teardown(() => child.kill('SIGKILL'));
  await once(child, 'message');
  const troubles: TransportTrouble[] = [];
  child.on('message', (trouble) => troubles.push(trouble as TransportTrouble));
  const r = { id: 'r' };
  const echoes = async (text: string) => {
    await until(
      t,
      'the echo comes',
      () => a.frames.includes(text),
      () => a.send([r], text),
    );
  };
  await echoes('before');
  child.kill('SIGSTOP');
  const frame = 'x'.repeat(1_000_000);
  const isCut = () => server.output.includes('Slow Consumer');
  await until(t, 'the server cuts the slow one off', isCut, () => a.send([r], frame));
  child.kill('SIGCONT');
  await until(t, 'the loss is told', tells(troubles, 'disconnected'));
  await until(t, 'the return is told', tells(troubles, 'reconnected'));
  await echoes('after');
});

test('a server that refuses the credentials meanwhile is tried on, and told of once', async (t) => {
  const config = (password: string) => `authorization { user: u, password: ${password} }`;
  const server = await serve(t, { config: config('p') });
  const a = await openNode(t, 'a', { servers: server.url, user: 'u', pass: 'p', reconnectTimeWait: 20 });
  await server.kill();
  server.configure(config('other'));
  await server.start();
  const refusals = () => a.troubles.filter(({ reason = '' }) => /Authorization Violation/.test(reason));
  await until(t, 'the refusal is told', () => refusals().length > 0);
  const tries = () => server.output.split('authentication error').length - 1;
  await until(t, 'it is tried again', () => tries() >= 4);
  t.is(refusals().length, 1);
  t.is(refusals()[0]?.type, 'disconnected');
  await server.kill();
  server.configure(config('p'));
  await server.start();
  await until(t, 'the return is told', tells(a.troubles, 'reconnected'));
});

test('permissions that go and come back are told of, and frames flow again', async (t) => {
  const config = (subject: string) =>
    `authorization { users = [ { user: u, password: p, permissions: { publish: "${subject}", subscribe: "${subject}" } } ] }`;
  const server = await serve(t, { config: config('paxakos.main.>') });
  const login = { servers: server.url, user: 'u', pass: 'p' };
  const a = await openNode(t, 'a', login);
  const b = await openNode(t, 'b', login);
  await reach(t, a, b);
  const reload = (subject: string) => {
    server.configure(config(subject));
    process.kill(server.pid ?? Number.NaN, 'SIGHUP');
  };
  reload('other.>');
  const says = (text: string) => () => a.troubles.some(({ reason = '' }) => reason.includes(text));
  const send = () => a.send([b], 'meanwhile');
  await until(t, 'it is told', says('does not let this user publish to paxakos.main.node.b'), send);
  await until(t, 'it is told', says('does not let this user subscribe to paxakos.main.node.a'));
  reload('paxakos.main.>');
  await reach(t, a, b);
  await reach(t, b, a);
  await until(
    t,
    'a frame to several arrives',
    () => b.frames.includes('all'),
    () => a.send([b, { id: 'c' }], 'all'),
  );
});

test('of three servers one may go: its nodes go on at another, which they were not told of', async (t) => {
  const servers = await natsCluster(3);
  t.teardown(async () => {
    for (const server of servers) await server[Symbol.asyncDispose]();
  });
  const [first, second] = servers;
  const a = await openNode(t, 'a', { servers: first?.url ?? '' });
  const b = await openNode(t, 'b', { servers: second?.url ?? '' });
  await reach(t, a, b);
  await first?.kill();
  await until(t, 'the loss is told', tells(a.troubles, 'disconnected'));
  await until(t, 'the return is told', tells(a.troubles, 'reconnected'));
  await reach(t, a, b);
  await reach(t, b, a);
});
