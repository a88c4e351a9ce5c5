// Goal: what goes to the server is what must, once, and what comes from it is checked. Method: the server's own counters, and a
// client that publishes what no peer would.
import { setTimeout as delay } from 'node:timers/promises';
import { type RedisServer, redisServer } from '@paxakos/servers';
import test from 'ava';
import { Redis } from 'ioredis';
import { redisTransport } from '../src/index.ts';
import { livenessMs, openNode, reach, until } from './open-node.ts';

let server: RedisServer;
let admin: Redis;

test.before(async () => {
  server = await redisServer();
  admin = new Redis(server.url);
});

test.after.always(async () => {
  admin?.disconnect();
  await server?.[Symbol.asyncDispose]();
});

async function publishes(): Promise<number> {
  return Number(/cmdstat_publish:calls=(\d+)/.exec(await admin.info('commandstats'))?.[1] ?? 0);
}

test.serial('a frame to several nodes is published once, and only they get it', async (t) => {
  const [a, b, c, d] = await Promise.all(['a', 'b', 'c', 'd'].map((id) => openNode(t, id, { url: server.url })));
  if (a === undefined || b === undefined || c === undefined || d === undefined) return t.fail();
  const before = await publishes();
  for (let times = 0; times < 10; times += 1) a.send([a, b, c], `to two, ${times}`);
  await until(t, 'both have them all', () => b.frames.length === 10 && c.frames.length === 10);
  t.is((await publishes()) - before, 10);
  a.send([b, c, d], 'to three');
  await until(t, 'all have it', () => [b, c, d].every(({ frames }) => frames.at(-1) === 'to three'));
  t.is((await publishes()) - before, 11);
  t.deepEqual(d.frames, ['to three']);
  t.deepEqual(a.frames, []);
});

test.serial('a frame to more nodes than a list holds goes to each alone', async (t) => {
  const a = await openNode(t, 'a', { url: server.url });
  const b = await openNode(t, 'b', { url: server.url });
  const many = Array.from({ length: 300 }, (_, index) => ({ id: `n${index}` }));
  a.send([...many, b], 'to many');
  await until(t, 'it arrives', () => b.frames.includes('to many'));
  await until(t, 'those who are not there are reported', () => a.dropped() === 300);
});

test.serial('what is sent in one turn leaves by few writes', async (t) => {
  const a = await openNode(t, 'a', { url: server.url });
  const b = await openNode(t, 'b', { url: server.url });
  await reach(t, a, b);
  const reads = async () => Number(/total_reads_processed:(\d+)/.exec(await admin.info('stats'))?.[1]);
  const before = await reads();
  for (let index = 0; index < 1_000; index += 1) a.send([b], `turn ${index}`);
  await until(t, 'all arrive', () => b.frames.filter((text) => text.startsWith('turn')).length === 1_000);
  // The server reads 16 KiB at a time; probes and questions come on top.
  t.true((await reads()) - before < 30);
});

test.serial('one that nobody listens for is reported as dropped, with its receiver', async (t) => {
  const a = await openNode(t, 'a', { url: server.url });
  a.send([{ id: 'nobody' }], 'x');
  await until(t, 'it is reported', () => a.dropped() === 1);
  t.deepEqual(a.troubles, [{ type: 'dropped', count: 1, reason: 'no such node listens', peer: 'nobody' }]);
});

test.serial('messages that no peer makes are dropped and reported, and harm nothing', async (t) => {
  const a = await openNode(t, 'a', { url: server.url });
  const b = await openNode(t, 'b', { url: server.url });
  const malformed = ['', '\x01', '\x02\x01\x01b', '\x00', '\x01\x01', '\x01\x02\x01b', '\x01\x01\x09b', '\x01\xff'];
  for (const text of malformed) await admin.publish('paxakos:main:all', Buffer.from(text, 'latin1'));
  await until(t, 'each is reported', () => b.dropped() === malformed.length);
  t.true(
    b.troubles.every(({ type, peer, reason }) => type === 'dropped' && !peer && /no peer makes/.test(`${reason}`)),
  );
  t.deepEqual(b.frames, []);
  await reach(t, a, b);
});

test.serial('names of nodes and clusters are one part of a channel, whatever is in them', async (t) => {
  const odd = ['a:all', 'a{b}', 'a*', 'ä ?[x]', 'a%20', 'a '];
  const nodes = await Promise.all(odd.map((id) => openNode(t, id, { url: server.url }, id)));
  const channels = await admin.pubsub('CHANNELS', 'paxakos:*');
  t.true(channels.includes('paxakos:a%3aall:node:a%3aall'));
  t.true(
    channels.every((channel) => typeof channel === 'string' && /^paxakos:[\w%-]+:(all|node:[\w%-]+)$/.test(channel)),
  );
  t.is(channels.length, 2 * odd.length);
  t.is(nodes.length, odd.length);
});

test.serial('prefix keeps clusters of one name apart', async (t) => {
  const a = await openNode(t, 'a', { url: server.url, prefix: 'one' });
  const b = await openNode(t, 'b', { url: server.url, prefix: 'one' });
  const other = await openNode(t, 'b', { url: server.url, prefix: 'two:more' });
  await reach(t, a, b);
  a.send([b, { id: 'c' }], 'all');
  await until(t, 'it arrives', () => b.frames.includes('all'));
  t.deepEqual(other.frames, []);
});

test.serial('a given client stays as it was, open and used by the application alone', async (t) => {
  const client = new Redis(server.url, { keyPrefix: 'app:', connectionName: 'app', db: 3, enableAutoPipelining: true });
  t.teardown(() => client.disconnect());
  await client.ping();
  const listeners = () => client.eventNames().map((name) => client.listenerCount(name));
  const before = [listeners(), { ...client.options }];
  const a = await openNode(t, 'a', { client });
  const b = await openNode(t, 'b', { url: server.url });
  await reach(t, a, b);
  await reach(t, b, a);
  await a.transport.close();
  t.is(await client.ping(), 'PONG');
  t.deepEqual([listeners(), { ...client.options }], before);
});

test.serial('a transport has two connections, and after close none', async (t) => {
  await using own = await redisServer();
  const observer = new Redis(own.url);
  t.teardown(() => observer.disconnect());
  const count = async () => Number(/connected_clients:(\d+)/.exec(await observer.info('clients'))?.[1]);
  const transport = redisTransport({ url: own.url });
  t.teardown(() => transport.close());
  await transport.open({ id: 'a' }, () => {}, 'main');
  t.is(await count(), 1 + 2);
  await transport.close();
  for (const end = Date.now() + livenessMs; (await count()) > 1 && Date.now() < end; ) await delay(10);
  t.is(await count(), 1);
});

test.serial('a receiver that throws is reported, and gets the next frame', async (t) => {
  const a = await openNode(t, 'a', { url: server.url });
  const frames: string[] = [];
  const reasons: unknown[] = [];
  const transport = redisTransport({ url: server.url });
  t.teardown(() => transport.close());
  transport.onTrouble?.(({ reason }) => reasons.push(reason));
  const deliver = (frame: Uint8Array) => {
    frames.push(Buffer.from(frame).toString());
    if (frames.length === 1) throw new Error('from the receiver');
  };
  await transport.open({ id: 'b' }, deliver, 'main');
  for (const text of ['1', '2']) a.send([{ id: 'b' }], text);
  await until(t, 'both arrive', () => frames.length === 2);
  t.deepEqual(reasons, ['the receiver threw: Error: from the receiver']);
});
