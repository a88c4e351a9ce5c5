// Goal: over a Redis Cluster, frames go by the server of the channels, wherever that is. Method: a real cluster, whose slots move.
import { setTimeout as delay } from 'node:timers/promises';
import { freePort, type RedisServer, redisCluster, TcpProxy } from '@paxakos/servers';
import test from 'ava';
import { Cluster, Redis } from 'ioredis';
import { livenessMs, openNode, reach, until } from './open-node.ts';

let servers: readonly RedisServer[] = [];
const admins: Redis[] = [];

test.before(async () => {
  servers = await redisCluster(3);
  for (const { url } of servers) admins.push(new Redis(url).on('error', () => {}));
});

test.after.always(async () => {
  for (const admin of admins) admin.disconnect();
  for (const server of servers) await server[Symbol.asyncDispose]();
});

const urlOf = (...some: readonly RedisServer[]) =>
  `redis+cluster://${some.map(({ port }) => `127.0.0.1:${port}`).join(',')}`;

/** Which server has the channels of the cluster `main`. */
async function ownerOf(channel: string): Promise<number> {
  const subscribers = await Promise.all(admins.map((admin) => admin.call('PUBSUB', 'SHARDNUMSUB', channel)));
  return subscribers.findIndex((reply) => Array.isArray(reply) && Number(reply[1]) > 0);
}

test.serial(
  'whichever server a node is told of, all meet at the one of the channels, each with two connections',
  async (t) => {
    const nodes = await Promise.all(
      servers.map((server, index) => openNode(t, `n${index}`, { url: urlOf(server), protocol: index === 0 ? 2 : 3 })),
    );
    for (const from of nodes) for (const to of nodes) if (from !== to) await reach(t, from, to);
    const [a, b, c] = nodes;
    if (a === undefined || b === undefined || c === undefined) return t.fail();
    a.send([b, c], 'to both');
    await until(t, 'both have it', () => [b, c].every(({ frames }) => frames.includes('to both')));
    const counts = async () => {
      const clients = await Promise.all(admins.map((admin) => admin.info('clients')));
      return clients.map((text) => Number(/connected_clients:(\d+)/.exec(text)?.[1]) - 1).sort((x, y) => x - y);
    };
    // A server may still hold a connection that was closed a moment ago.
    for (const end = Date.now() + livenessMs; (await counts()).join(' ') !== '0 0 6' && Date.now() < end; )
      await delay(10);
    t.deepEqual(await counts(), [0, 0, 6]);
  },
);

test.serial('a given Cluster tells the servers, and is not used itself', async (t) => {
  const client = new Cluster(servers.map(({ port }) => ({ host: '127.0.0.1', port })));
  t.teardown(() => client.disconnect());
  const a = await openNode(t, 'a', { client });
  const b = await openNode(t, 'b', { url: urlOf(...servers) });
  await reach(t, a, b);
  await reach(t, b, a);
  await a.transport.close();
  t.is(client.status, 'ready');
});

test.serial('frames flow again when the slot of the channels has moved to another server', async (t) => {
  const a = await openNode(t, 'a', { url: urlOf(...servers) });
  const b = await openNode(t, 'b', { url: urlOf(...servers), protocol: 2 });
  await reach(t, a, b);
  const channel = '{paxakos:main}:all';
  const from = await ownerOf(channel);
  const to = (from + 1) % servers.length;
  const slot = String(await admins[0]?.call('CLUSTER', 'KEYSLOT', channel));
  const target = String(await admins[to]?.call('CLUSTER', 'MYID'));
  const order = [to, from, ...servers.keys()];
  for (const index of order) await admins[index]?.call('CLUSTER', 'SETSLOT', slot, 'NODE', target);
  await reach(t, a, b);
  await reach(t, b, a);
  await until(t, 'the return is told', () =>
    [a, b].every(({ troubles }) => troubles.some(({ type }) => type === 'reconnected')),
  );
  t.is(await ownerOf(channel), to);
  t.regex(a.troubles.find(({ type }) => type === 'disconnected')?.reason ?? '', /slot of the channels/);
});

test.serial('a server that goes is told of, and frames flow again when the cluster is whole', async (t) => {
  const a = await openNode(t, 'a', { url: urlOf(...servers) });
  const b = await openNode(t, 'b', { url: urlOf(...servers) });
  await reach(t, a, b);
  const owner = servers[await ownerOf('{paxakos:main}:all')];
  await owner?.kill();
  const told = (type: string) => () => [a, b].every(({ troubles }) => troubles.some((each) => each.type === type));
  await until(t, 'the loss is told', told('disconnected'));
  a.send([b], 'lost');
  await until(t, 'what is sent meanwhile is reported', () => a.dropped() > 0);
  await owner?.start();
  await until(t, 'the return is told', told('reconnected'));
  await reach(t, a, b);
  await reach(t, b, a);
  t.false(b.frames.includes('lost'));
});

test.serial('a server that is named and is not there is passed over', async (t) => {
  const url = `redis+cluster://127.0.0.1:${await freePort()},127.0.0.1:${servers[0]?.port}`;
  const a = await openNode(t, 'a', { url });
  const b = await openNode(t, 'b', { url: urlOf(...servers) });
  await reach(t, a, b);
  await reach(t, b, a);
});

test.serial('the addresses that a given Cluster translates are translated here too', async (t) => {
  const proxies = await Promise.all(servers.map(({ port }) => TcpProxy.start(port)));
  for (const proxy of proxies) t.teardown(() => proxy[Symbol.asyncDispose]());
  const ends = proxies.map(({ port }) => ({ host: '127.0.0.1', port }));
  const natMap = Object.fromEntries(ends.map((end, index) => [`127.0.0.1:${servers[index]?.port}`, end]));
  const client = new Cluster(ends, { natMap });
  client.on('error', () => {});
  t.teardown(() => client.disconnect());
  const a = await openNode(t, 'a', { client });
  const b = await openNode(t, 'b', { url: urlOf(...servers) });
  await reach(t, a, b);
  await reach(t, b, a);
  for (const proxy of proxies) proxy.cut();
  await until(t, 'the loss is told', () => a.troubles.some(({ type }) => type === 'disconnected'));
});
