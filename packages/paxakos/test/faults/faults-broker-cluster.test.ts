// Goal: a cluster of brokers that loses a server goes on where the brokers can, and resumes by itself once it is back where they
// cannot. Method: three real servers, killed and started again one after the other under load.
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { natsCluster, type RedisServer, redisCluster } from '@paxakos/servers';
import test from 'ava';
import { hasJoined, rotations } from './fault-brokers.ts';
import { FaultCluster } from './fault-cluster.ts';

const run = promisify(execFile);

test.serial('NATS: of three servers each is lost for 2 s, and meanwhile appends go on', async (t) => {
  const servers = await natsCluster(3);
  t.teardown(() => Promise.all(servers.map((server) => server[Symbol.asyncDispose]())));
  const cluster = await FaultCluster.start(
    t,
    rotations(servers).map((ports) => `nats://${ports}`),
  );
  for (const [index, server] of servers.entries()) {
    await server.kill();
    await cluster.goesOn(`server ${index} is lost`);
    await sleep(2_000);
    await server.start();
    await cluster.goesOn(`server ${index} is back`);
    // The next one is lost only once this one has joined the others.
    await hasJoined(server, servers);
  }
  await cluster.proves();
});

test.serial(
  'Redis: the master that carries the channels is lost for 3 s, and appends go on once it is back',
  async (t) => {
    const servers = await redisCluster(3);
    t.teardown(() => Promise.all(servers.map((server) => server[Symbol.asyncDispose]())));
    const cluster = await FaultCluster.start(
      t,
      rotations(servers).map((ports) => `redis+cluster://${ports}`),
    );
    const carriers = await Promise.all(servers.map(channels));
    const [carrier] = servers.filter((_, index) => carriers[index] !== '');
    t.is(carriers.filter((text) => text !== '').length, 1, 'one master carries all channels of a cluster');
    await carrier?.kill();
    await sleep(3_000);
    await carrier?.start();
    await cluster.goesOn('the master is back');
    const [other] = servers.filter((server) => server !== carrier);
    await other?.kill();
    await sleep(1_000);
    await cluster.goesOn('a master that carries nothing is lost');
    await other?.start();
    await cluster.goesOn('that master is back');
    await cluster.proves();
  },
);

async function channels({ port }: RedisServer): Promise<string> {
  const { stdout } = await run('redis-cli', ['-p', `${port}`, 'pubsub', 'shardchannels']);
  return stdout.trim();
}
