// Goal: whatever keeps a node from the bus is told in one clear error that names the setting and the remedy, and no secret.
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { inspect } from 'node:util';
import { isPaxakosError } from '@paxakos/core/contracts';
import {
  type Certificates,
  certificates,
  type RedisServer,
  type RedisServerOptions,
  redisCluster,
  redisServer,
  TcpProxy,
} from '@paxakos/servers';
import test, { type ExecutionContext } from 'ava';
import { Cluster, Redis } from 'ioredis';
import { type RedisTransportOptions, redisTransport } from '../src/index.ts';

let certs: Certificates;
let plain: RedisServer;
let cluster: RedisServer;
let isReady = false;

test.before(async () => {
  certs = await certificates();
  plain = await redisServer();
  const [only] = await redisCluster(1);
  if (only !== undefined) cluster = only;
  isReady = true;
});

test.after.always(async () => {
  if (isReady) for (const server of [plain, cluster]) await server[Symbol.asyncDispose]();
  await rm(certs.folder, { recursive: true, force: true });
});

async function serve(t: ExecutionContext, options: RedisServerOptions): Promise<RedisServer> {
  const server = await redisServer(options);
  t.teardown(() => server[Symbol.asyncDispose]());
  return server;
}

/** The one message with which `open` rejects; nothing in it, or in its causes, is secret. */
async function refusal(t: ExecutionContext, options: RedisTransportOptions): Promise<string> {
  const transport = redisTransport(options);
  const error = await t.throwsAsync(transport.open({ id: 'a' }, () => {}, 'orders'));
  await transport.close();
  t.true(isPaxakosError(error, 'PAXAKOS_TRANSPORT'), String(error));
  t.notRegex(error.message, /\n/);
  t.notRegex(inspect(error, { depth: 9, showHidden: true }), /s3cret/);
  return error.message;
}

/** As `refusal`; the test never ends if `open` goes on to try. */
function refusalAtOnce(t: ExecutionContext, options: RedisTransportOptions): Promise<string> {
  return refusal(t, { ...options, openMsMax: 600_000 });
}

async function opens(t: ExecutionContext, options: RedisTransportOptions): Promise<void> {
  const transport = redisTransport(options);
  await t.notThrowsAsync(transport.open({ id: 'a' }, () => {}, 'orders'));
  await transport.close();
}

const clusterUrl = ({ port }: RedisServer) => `redis+cluster://127.0.0.1:${port}`;

test('a wrong address names url, once it was tried for as long as openMsMax says', async (t) => {
  const openMsMax = 2_000;
  const remedy = /cannot be reached within openMsMax, 2000 ms: correct url, or start it/;
  for (const scheme of ['redis', 'rediss', 'redis+cluster']) {
    const message = await refusal(t, { url: `${scheme}://u:s3cret@127.0.0.1:1`, openMsMax });
    t.regex(message, /127\.0\.0\.1:1 /);
    t.regex(message, remedy);
    t.regex(message, /ECONNREFUSED/);
  }
  const unknown = await refusal(t, { url: 'redis://no.such.host.invalid', openMsMax });
  t.regex(unknown, /no\.such\.host\.invalid:6379 cannot be reached.*correct url/);
});

test('a server that starts within openMsMax is not missed', async (t) => {
  const server = await serve(t, {});
  await server.kill();
  const opening = opens(t, { url: server.url });
  await new Promise((resolve) => setTimeout(resolve, 300));
  await server.start();
  await opening;
});

test('a server that takes connections and never answers is told of', async (t) => {
  const deaf = createServer((client) => client.on('error', () => {}).resume()).listen(0, '127.0.0.1');
  t.teardown(() => deaf.close());
  await new Promise((resolve) => deaf.once('listening', resolve));
  const { port } = deaf.address() as { port: number };
  t.regex(
    await refusal(t, { url: `redis://127.0.0.1:${port}`, openMsMax: 2_000 }),
    /did not answer within openMsMax, 2000 ms: correct url, or see its log$/,
  );
});

for (const protocol of [2, 3] as const) {
  test(`RESP${protocol}: a wrong password, and none, are told at once, and which options give them`, async (t) => {
    const { url } = await serve(t, { args: ['--requirepass', 'right'] });
    t.regex(await refusalAtOnce(t, { url, protocol }), /asks for a login: give password/);
    t.regex(await refusalAtOnce(t, { url, protocol, password: 's3cret' }), /refused the login: correct username and/);
    const wrong = { url: url.replace('//', '//user:s3cret@'), protocol };
    t.regex(await refusalAtOnce(t, wrong), /refused the login/);
    await opens(t, { url, protocol, password: 'right' });
    await opens(t, { url: url.replace('//', '//default:right@'), protocol });
  });
}

test('a missing authority is told at once and names tls', async (t) => {
  const { url } = await serve(t, { tls: certs });
  t.regex(await refusalAtOnce(t, { url }), /certificate of .* is not trusted: give tls with its authority as ca/);
  await opens(t, { url, tls: { ca: certs.certificate } });
});

test('TLS spoken to a server that has none, and none to one that has, name tls', async (t) => {
  const { url } = await serve(t, { tls: certs });
  const { port } = plain;
  t.regex(
    await refusal(t, { url: `rediss://127.0.0.1:${port}`, openMsMax: 2_000 }),
    /did not begin TLS within openMsMax, 2000 ms: give its port for TLS, or write redis:\/\/ and leave out tls/,
  );
  t.regex(
    await refusal(t, { url: url.replace('rediss', 'redis'), openMsMax: 2_000 }),
    /closed each connection at once: if it speaks TLS, write rediss:\/\/ or give tls/,
  );
});

test('the rights that the README asks for are enough, and fewer are told at once', async (t) => {
  const user = (name: string, ...rules: string[]) => ['--user', name, 'on', '>p', '-@all', 'resetchannels', ...rules];
  const { url } = await serve(t, {
    args: [
      ...user('enough', '&paxakos:*', '+subscribe', '+publish', '+ping'),
      ...user('foreign', '&other:*', '+subscribe', '+publish', '+ping'),
      ...user('deaf', '&paxakos:*', '+publish', '+ping'),
      ...user('dumb', '&paxakos:*', '+subscribe', '+ping'),
    ],
  });
  for (const protocol of [2, 3] as const) await opens(t, { url, protocol, username: 'enough', password: 'p' });
  const admin = new Redis(url);
  t.teardown(() => admin.disconnect());
  t.deepEqual(await admin.call('ACL', 'LOG'), [], 'nothing was tried that is not allowed');
  const remedy = /use the channels paxakos:orders:\*: allow it \+subscribe \+publish \+ping &paxakos:orders:\*/;
  for (const username of ['foreign', 'deaf', 'dumb']) {
    t.regex(await refusalAtOnce(t, { url, username, password: 'p' }), remedy, username);
  }
});

test('in a Redis Cluster, too', async (t) => {
  const client = new Redis(cluster.url);
  t.teardown(() => client.disconnect());
  const rules = ['on', '>p', '-@all', 'resetchannels', '+ssubscribe', '+spublish', '+ping'];
  await client.call('ACL', 'SETUSER', 'enough', ...rules, '&{paxakos:*');
  await client.call('ACL', 'SETUSER', 'foreign', ...rules, '&{other:*');
  const url = clusterUrl(cluster);
  await opens(t, { url, username: 'enough', password: 'p' });
  t.regex(
    await refusalAtOnce(t, { url, username: 'foreign', password: 'p' }),
    /allow it \+ssubscribe \+spublish \+ping &\{paxakos:orders\}:\*/,
  );
});

test('a server alone taken for a Redis Cluster, and the reverse, are told at once', async (t) => {
  const alone = /is no part of a Redis Cluster: write redis:\/\/ in the url/;
  const clustered = /is part of a Redis Cluster: write redis\+cluster:\/\/ in the url, or give a Cluster as client/;
  t.regex(await refusalAtOnce(t, { url: clusterUrl(plain) }), alone);
  t.regex(await refusalAtOnce(t, { url: cluster.url }), clustered);
  t.regex(await refusalAtOnce(t, { url: cluster.url, protocol: 2 }), clustered);
  const client = new Redis(cluster.url);
  t.teardown(() => client.disconnect());
  t.regex(await refusalAtOnce(t, { client }), clustered);
});

test('a server that is too old for sharded channels is told at once', async (t) => {
  const [old] = await redisCluster(1, ['--rename-command', 'SSUBSCRIBE', '']);
  t.teardown(() => old?.[Symbol.asyncDispose]());
  const url = `redis+cluster://127.0.0.1:${old?.port}`;
  t.regex(await refusalAtOnce(t, { url }), /too old for sharded channels, or forbids them: run Redis 7 or newer/);
});

test('a server that says it is of version 6 is told at once', async (t) => {
  // The real server, that says it were an old one.
  const front = createServer((client) => {
    const upstream = new Redis(cluster.url, { lazyConnect: true });
    void upstream.connect().then(() => {
      const { stream } = upstream;
      stream.removeAllListeners('data');
      stream.on('data', (chunk: Buffer) =>
        client.write(chunk.toString('latin1').replace(/(version\r\n\$\d+\r\n)\d/, '$16'), 'latin1'),
      );
      client.on('data', (chunk) => stream.write(chunk)).on('close', () => upstream.disconnect());
    });
    client.on('error', () => {});
  }).listen(0, '127.0.0.1');
  t.teardown(() => front.close());
  await new Promise((resolve) => front.once('listening', resolve));
  const { port } = front.address() as { port: number };
  t.regex(
    await refusalAtOnce(t, { url: `redis+cluster://127.0.0.1:${port}` }),
    /is of version 6\.\d+\.\d+, too old for sharded channels: run 7\.0 or newer/,
  );
});

test('a Redis Cluster that does not serve is told of, and a client that is not connected', async (t) => {
  const [half] = await redisCluster(1);
  t.teardown(() => half?.[Symbol.asyncDispose]());
  const admin = new Redis(half?.url ?? '');
  t.teardown(() => admin.disconnect());
  await admin.call('CLUSTER', 'FLUSHSLOTS');
  const url = `redis+cluster://127.0.0.1:${half?.port}`;
  t.regex(
    await refusal(t, { url, openMsMax: 2_000 }),
    /let nobody in within openMsMax, 2000 ms: see its log \(CLUSTERDOWN .*\)/,
  );
  const client = new Cluster([{ host: '127.0.0.1', port: 1 }], { lazyConnect: true });
  t.regex(await refusal(t, { client }), /client of a Redis Cluster is not connected: call its connect\(\) first/);
});

test('what the proxy in between cuts while it opens is tried again', async (t) => {
  const proxy = await TcpProxy.start(plain.port);
  t.teardown(() => proxy[Symbol.asyncDispose]());
  proxy.cut();
  const opening = opens(t, { url: `redis://127.0.0.1:${proxy.port}` });
  await new Promise((resolve) => setTimeout(resolve, 200));
  proxy.mend();
  await opening;
});

test('a server that does not know AUTH, and so repeats the login, is told without it', async (t) => {
  const rename = ['--rename-command', 'AUTH', '', '--rename-command', 'HELLO', ''];
  const { url } = await serve(t, { args: rename });
  const login = url.replace('redis://', 'redis://joe:s3cret@');
  t.regex(await refusalAtOnce(t, { url: login }), /does not know AUTH: leave out username and password/);
});

test('a publish that the server does not know is reported without the frame', async (t) => {
  const { url } = await serve(t, { args: ['--rename-command', 'PUBLISH', ''] });
  const message = await refusalAtOnce(t, { url });
  t.regex(message, /lacks a command: allow subscribe, publish and ping/);
  t.notRegex(message, /with args|paxakos:/);
});
