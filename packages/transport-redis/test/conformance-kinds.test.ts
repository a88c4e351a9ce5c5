import { rm } from 'node:fs/promises';
import { transportCases } from '@paxakos/conformance/transport';
import { type Certificates, certificates, type RedisServer, redisCluster, redisServer } from '@paxakos/servers';
import test from 'ava';
import { Redis } from 'ioredis';
import type { RedisTransportOptions } from '../src/index.ts';
import { redisCapabilities, sharedFixture } from './redis-fixture.ts';

let certs: Certificates;
let plain: RedisServer;
let secured: RedisServer;
let cluster: readonly RedisServer[] = [];
let client: Redis;

test.before(async () => {
  certs = await certificates();
  plain = await redisServer();
  secured = await redisServer({ tls: certs, args: ['--requirepass', 'secret'] });
  cluster = await redisCluster();
  client = new Redis(plain.url);
});

test.after.always(async () => {
  client?.disconnect();
  for (const server of [plain, secured, ...cluster]) await server?.[Symbol.asyncDispose]();
  await rm(certs.folder, { recursive: true, force: true });
});

const contract = redisCapabilities.filter(
  (name) => !['memory', 'reportsBusLoss', 'pausesBus', 'remote'].includes(name),
);

const kinds: Record<string, () => RedisTransportOptions> = {
  RESP2: () => ({ url: plain.url, protocol: 2 }),
  'a given client': () => ({ client }),
  'a Redis Cluster': () => ({ url: `redis+cluster://${cluster.map(({ port }) => `127.0.0.1:${port}`).join(',')}` }),
  'TLS and a password': () => ({ url: secured.url, password: 'secret', tls: { ca: certs.certificate } }),
  'frames of 16 MiB': () => ({ url: plain.url, frameBytesMax: 16 * 1024 * 1024 }),
  'frames of 4 KiB': () => ({ url: plain.url, frameBytesMax: 4_096 }),
};

for (const [name, options] of Object.entries(kinds)) {
  for (const each of transportCases(() => sharedFixture(options), contract)) {
    test.serial(`${name}: ${each.title}`, (t) => t.notThrowsAsync(each.run()));
  }
}
