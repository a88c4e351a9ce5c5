import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';
import { type RedisServer, redisServer } from './redis-server.ts';

const run = promisify(execFile);
const slots = 16_384;
const joinMsMax = 60_000;

/** Starts Redis masters that share the slots of one cluster evenly, without replicas. Resolves when the cluster serves. */
export async function redisCluster(size = 3, args: readonly string[] = []): Promise<readonly RedisServer[]> {
  const start = async () => {
    const busPort = await freePort();
    const cluster = ['--cluster-enabled', 'yes', '--cluster-port', `${busPort}`, '--cluster-node-timeout', '2000'];
    return { busPort, server: await redisServer({ args: [...cluster, ...args] }) };
  };
  const nodes = await Promise.all(Array.from({ length: size }, start));
  const servers = nodes.map(({ server }) => server);
  try {
    for (const [index, { server, busPort }] of nodes.entries()) {
      const from = Math.floor((slots * index) / size);
      const to = Math.floor((slots * (index + 1)) / size) - 1;
      await cli(server, 'addslotsrange', `${from}`, `${to}`);
      for (const other of servers.slice(0, index))
        await cli(other, 'meet', '127.0.0.1', `${server.port}`, `${busPort}`);
    }
    await Promise.all(servers.map((server) => served(server, size)));
  } catch (error) {
    for (const server of servers) await server[Symbol.asyncDispose]();
    throw error;
  }
  return servers;
}

async function cli({ port }: RedisServer, ...command: string[]): Promise<string> {
  const { stdout } = await run('redis-cli', ['-e', '-p', `${port}`, 'cluster', ...command]);
  return stdout;
}

/** Resolves when a server sees all others, and each one's slots. */
async function served(server: RedisServer, size: number): Promise<void> {
  const until = Date.now() + joinMsMax;
  for (;;) {
    const info = await cli(server, 'info');
    if (info.includes('cluster_state:ok') && info.includes(`cluster_size:${size}`)) return;
    if (Date.now() > until) throw new Error(`the Redis cluster did not form within ${joinMsMax} ms\n${info}`);
    await delay(20);
  }
}
