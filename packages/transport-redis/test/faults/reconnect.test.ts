// Goal: whatever happens to the way to the server, a node tells of it and finds back by itself, and nothing is kept meanwhile.
// Method: real servers that are killed, suspended and cut off.
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import type { TransportTrouble } from '@paxakos/core/contracts';
import { type RedisServerOptions, redisServer, TcpProxy } from '@paxakos/servers';
import test, { type ExecutionContext } from 'ava';
import { Redis } from 'ioredis';
import { openNode, reach, until } from '../open-node.ts';
import { endProcess, forkEcho } from '../redis-fixture.ts';

const frameBytesMax = 16 * 1024 * 1024;

async function serve(t: ExecutionContext, options: RedisServerOptions = {}) {
  const server = await redisServer(options);
  t.teardown(() => server[Symbol.asyncDispose]());
  return server;
}

async function proxyTo(t: ExecutionContext, port: number) {
  const proxy = await TcpProxy.start(port);
  t.teardown(() => proxy[Symbol.asyncDispose]());
  return { proxy, url: `redis://127.0.0.1:${proxy.port}` };
}

function client(t: ExecutionContext, url: string): Redis {
  const redis = new Redis(url);
  t.teardown(() => redis.disconnect());
  return redis;
}

const tells = (troubles: readonly TransportTrouble[], type: TransportTrouble['type']) => () =>
  troubles.some((trouble) => trouble.type === type && trouble.peer === undefined);

for (const [name, load] of [
  ['idle', 0],
  ['under load', 500_000],
] as const) {
  test(`connections that died silently, ${name}, are noticed within seconds and replaced`, async (t) => {
    const server = await serve(t);
    const { proxy, url } = await proxyTo(t, server.port);
    const a = await openNode(t, 'a', { url, frameBytesMax });
    const b = await openNode(t, 'b', { url: server.url });
    await reach(t, a, b);
    proxy.hold();
    const frame = 'x'.repeat(load);
    await until(t, 'the loss is told', tells(a.troubles, 'disconnected'), () => load > 0 && a.send([b], frame));
    t.regex(a.troubles.find(({ type }) => type === 'disconnected')?.reason ?? '', /does not answer/);
    proxy.cut();
    proxy.mend();
    await until(t, 'the return is told', tells(a.troubles, 'reconnected'));
    await reach(t, a, b);
    await reach(t, b, a);
  });
}

for (const [name, verb] of [
  ['publishes', 'normal'],
  ['subscribes', 'pubsub'],
] as const) {
  test(`either connection may break alone: the one that ${name} comes back`, async (t) => {
    const server = await serve(t);
    const a = await openNode(t, 'a', { url: server.url });
    const b = await openNode(t, 'b', { url: server.url });
    const admin = client(t, server.url);
    await reach(t, a, b);
    await admin.call('CLIENT', 'KILL', 'TYPE', verb);
    await until(t, 'the loss is told', tells(a.troubles, 'disconnected'));
    await until(t, 'the return is told', tells(a.troubles, 'reconnected'));
    await reach(t, a, b);
    await reach(t, b, a);
  });
}

test('a node that is held up does not take its connections for dead', async (t) => {
  const server = await serve(t);
  const a = await openNode(t, 'a', { url: server.url });
  const r = { id: 'r' };
  const child = await forkEcho({ url: server.url }, r.id, a.id);
  t.teardown(() => endProcess(child));
  const troubles: TransportTrouble[] = [];
  child.on('message', (trouble) => troubles.push(trouble as TransportTrouble));
  child.kill('SIGSTOP');
  await delay(5_000);
  a.send([r], 'while it is held up');
  child.kill('SIGCONT');
  await until(t, 'the frame is echoed', () => a.frames.includes('while it is held up'));
  t.deepEqual(troubles, []);
});

test('a way that stands still for two seconds is not taken for a dead one', async (t) => {
  const server = await serve(t);
  const { proxy, url } = await proxyTo(t, server.port);
  const a = await openNode(t, 'a', { url });
  const b = await openNode(t, 'b', { url: server.url });
  await reach(t, a, b);
  for (let times = 0; times < 2; times += 1) {
    proxy.hold();
    a.send([b], 'held');
    await delay(2_000);
    proxy.mend();
    await reach(t, a, b);
  }
  t.is(b.frames.filter((text) => text === 'held').length, 2);
  t.deepEqual(a.troubles, []);
});

test('a slow way is not taken for a dead one', async (t) => {
  const server = await serve(t);
  const { proxy, url } = await proxyTo(t, server.port);
  proxy.narrow(2 * 1024 * 1024);
  const a = await openNode(t, 'a', { url, frameBytesMax });
  const b = await openNode(t, 'b', { url: server.url });
  const frame = 'x'.repeat(12 * 1024 * 1024);
  a.send([b], frame);
  await until(t, 'a large frame arrives', () => b.frames.includes(frame));
  t.deepEqual(a.troubles, []);
});

test('a receiver that the server cuts off since it does not read comes back, and tells', async (t) => {
  const server = await serve(t, { args: ['--client-output-buffer-limit', 'pubsub 1mb 0 0'] });
  const a = await openNode(t, 'a', { url: server.url, frameBytesMax: 1024 * 1024 });
  const r = { id: 'r' };
  const child = await forkEcho({ url: server.url }, r.id, a.id);
  t.teardown(() => endProcess(child));
  const troubles: TransportTrouble[] = [];
  child.on('message', (trouble) => troubles.push(trouble as TransportTrouble));
  const admin = client(t, server.url);
  const echoes = (text: string) =>
    until(
      t,
      'the echo comes',
      () => a.frames.includes(text),
      () => a.send([r], text),
    );
  await echoes('before');
  child.kill('SIGSTOP');
  const frame = 'x'.repeat(1_000_000);
  const absent = () => a.troubles.some(({ peer, reason }) => peer === 'r' && reason === 'no such node listens');
  await until(t, 'the server cuts the slow one off', absent, () => a.send([r], frame));
  t.deepEqual(await admin.pubsub('NUMSUB', 'paxakos:main:node:r'), ['paxakos:main:node:r', 0]);
  child.kill('SIGCONT');
  await until(t, 'the loss is told', tells(troubles, 'disconnected'));
  await until(t, 'the return is told', tells(troubles, 'reconnected'));
  await echoes('after');
});

test('what is sent while the server is away is reported, in all, and never arrives', async (t) => {
  const server = await serve(t);
  const a = await openNode(t, 'a', { url: server.url });
  const b = await openNode(t, 'b', { url: server.url });
  const c = await openNode(t, 'c', { url: server.url });
  await reach(t, a, b);
  await server.kill();
  await until(t, 'the loss is told', tells(a.troubles, 'disconnected'));
  const before = a.dropped();
  for (let times = 0; times < 100; times += 1) a.send([b], 'lost');
  for (let times = 0; times < 10; times += 1) a.send([b, c], 'lost');
  await until(t, 'each frame for each node is reported', () => a.dropped() - before === 120);
  const drops = a.troubles.filter(({ type }) => type === 'dropped').slice(-4);
  for (const { reason = '' } of drops) t.regex(reason, /no connection to the Redis server/);
  await server.start();
  await until(t, 'the return is told', () => [a, b, c].every(({ troubles }) => tells(troubles, 'reconnected')()));
  await reach(t, a, b);
  await reach(t, a, c);
  t.false(b.frames.includes('lost') || c.frames.includes('lost'));
});

test('what a server that stands still does not take is bounded by queueBytesMax, and reported', async (t) => {
  const server = await serve(t);
  const size = 65_536;
  const a = await openNode(t, 'a', { url: server.url, frameBytesMax: size, queueBytesMax: 16 * size });
  const b = await openNode(t, 'b', { url: server.url });
  await reach(t, a, b);
  server.pause();
  for (let times = 0; times < 40; times += 1) a.send([b], 'x'.repeat(size));
  const full = () =>
    a.troubles.reduce((sum, { reason, count = 0 }) => (/keep up/.test(`${reason}`) ? sum + count : sum), 0);
  await until(t, 'the rest is reported', () => full() > 0);
  await until(t, 'all the rest is', () => full() === 25);
  server.resume();
  await until(t, 'what was taken arrives', () => b.frames.filter((frame) => frame.length === size).length === 15);
  await reach(t, a, b);
  for (let more = 1; more <= 40; more += 1) {
    a.send([b], `${more}`.padEnd(size));
    await until(t, 'what is answered makes room', () => b.frames.at(-1)?.trim() === `${more}`);
  }
  t.is(a.dropped(), 25);
});

test('what is under way when the connection breaks is reported, and makes room', async (t) => {
  const server = await serve(t);
  const size = 65_536;
  const a = await openNode(t, 'a', { url: server.url, frameBytesMax: size, queueBytesMax: 16 * size });
  const b = await openNode(t, 'b', { url: server.url });
  await reach(t, a, b);
  server.pause();
  for (let times = 0; times < 12; times += 1) a.send([b], 'x'.repeat(size));
  await nextTurn();
  t.is(a.dropped(), 0);
  await server.kill();
  await until(t, 'all are reported', () => a.dropped() === 12);
  await server.start();
  await until(t, 'the return is told', () => [a, b].every(({ troubles }) => tells(troubles, 'reconnected')()));
  for (let times = 0; times < 12; times += 1) a.send([b], 'y'.repeat(size));
  await until(t, 'as many arrive', () => b.frames.filter((text) => text.startsWith('y')).length === 12);
  t.is(a.dropped(), 12);
});

test('errors with which the server answers are drops: rights taken away, and given back', async (t) => {
  const server = await serve(t);
  const admin = client(t, server.url);
  const rules = ['on', '>p', '-@all', 'resetchannels', '&paxakos:*', '+subscribe', '+ping'];
  await admin.call('ACL', 'SETUSER', 'u', ...rules, '+publish');
  const a = await openNode(t, 'a', { url: server.url, username: 'u', password: 'p' });
  const b = await openNode(t, 'b', { url: server.url });
  await reach(t, a, b);
  await admin.call('ACL', 'SETUSER', 'u', '-publish');
  const denied = () => a.troubles.some(({ peer, reason = '' }) => peer === 'b' && reason.startsWith('NOPERM'));
  await until(t, 'it is told', denied, () => a.send([b], 'denied'));
  await admin.call('ACL', 'SETUSER', 'u', '+publish');
  await reach(t, a, b);
  t.false(b.frames.includes('denied'));
});

test('channels that the server refuses on the way back are asked for again', async (t) => {
  const server = await serve(t);
  const admin = client(t, server.url);
  const rules = ['on', '>p', '-@all', 'resetchannels', '&paxakos:*', '+subscribe', '+publish', '+ping'];
  await admin.call('ACL', 'SETUSER', 'u', ...rules);
  const a = await openNode(t, 'a', { url: server.url, username: 'u', password: 'p' });
  const b = await openNode(t, 'b', { url: server.url });
  await reach(t, b, a);
  await admin.call('ACL', 'SETUSER', 'u', '-subscribe');
  await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub', 'USER', 'u');
  await until(t, 'the loss is told', tells(a.troubles, 'disconnected'));
  const denials = async () =>
    Number(/"count",(\d+),[^[]*"subscribe"/.exec(JSON.stringify(await admin.call('ACL', 'LOG')))?.[1]);
  const denied = async (times: number) => {
    while (!((await denials()) >= times)) await delay(10);
    return /total_connections_received:(\d+)/.exec(await admin.info('stats'))?.[1];
  };
  t.is(await denied(1), await denied(4), 'over one connection');
  t.false(tells(a.troubles, 'reconnected')());
  await admin.call('ACL', 'SETUSER', 'u', '+subscribe');
  await until(t, 'the return is told', tells(a.troubles, 'reconnected'));
  await reach(t, b, a);
});

test('a server that refuses the login meanwhile is tried on', async (t) => {
  const server = await serve(t, { args: ['--requirepass', 'p'] });
  const admin = client(t, server.url.replace('//', '//:p@'));
  const a = await openNode(t, 'a', { url: server.url, password: 'p' });
  await admin.config('SET', 'requirepass', 'other');
  await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
  await until(t, 'the loss is told', tells(a.troubles, 'disconnected'));
  const tries = async () => Number(/total_connections_received:(\d+)/.exec(await admin.info('stats'))?.[1]);
  for (const start = await tries(); (await tries()) < start + 4; ) await delay(10);
  t.false(tells(a.troubles, 'reconnected')());
  await admin.config('SET', 'requirepass', 'p');
  await until(t, 'the return is told', tells(a.troubles, 'reconnected'));
});
