import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type NatsServer, natsServer, type RedisServer, redisServer, TcpProxy } from '@paxakos/servers';
import type { ExecutionContext } from 'ava';
import { livenessMs } from '../liveness.ts';

/** A broker by itself, which may be told to be harsh on those that do not read. */
export interface Broker {
  readonly scheme: string;
  start(t: ExecutionContext, how?: { readonly isHarsh: boolean }): Promise<NatsServer | RedisServer>;
  /** What the server prints when it cuts off one that does not read. */
  readonly cutOff: RegExp;
}

/** The brokers that every fault is tried with. */
export const brokers: Readonly<Record<'NATS' | 'Redis', Broker>> = {
  NATS: {
    scheme: 'nats',
    start: async (t, { isHarsh = false } = { isHarsh: false }) =>
      endsWith(
        t,
        await natsServer(isHarsh ? { config: 'max_payload: 64KB\nmax_pending: 128KB\nwrite_deadline: "1s"' } : {}),
      ),
    cutOff: /Slow Consumer/,
  },
  Redis: {
    scheme: 'redis',
    start: async (t, { isHarsh = false } = { isHarsh: false }) =>
      endsWith(t, await redisServer(isHarsh ? { args: ['--client-output-buffer-limit', 'pubsub 256kb 128kb 1'] } : {})),
    cutOff: /output buffer limits/,
  },
};

function endsWith<T extends AsyncDisposable>(t: ExecutionContext, server: T): T {
  t.teardown(() => server[Symbol.asyncDispose]());
  return server;
}

/** One way to the broker for each of three nodes. */
export async function proxies(t: ExecutionContext, port: number): Promise<readonly TcpProxy[]> {
  return Promise.all([0, 1, 2].map(async () => endsWith(t, await TcpProxy.start(port))));
}

/** The address of each of these ways. */
export function urlsOf({ scheme }: Broker, ways: readonly TcpProxy[]): readonly string[] {
  return ways.map(({ port }) => `${scheme}://127.0.0.1:${port}`);
}

/** All servers as one list of addresses, for each node with another one first. */
export function rotations(servers: readonly { readonly port: number }[]): readonly string[] {
  const hosts = servers.map(({ port }) => `127.0.0.1:${port}`);
  return hosts.map((_, index) => [...hosts.slice(index), ...hosts.slice(0, index)].join(','));
}

/** Resolves once a NATS server of a cluster has routes to all others, of which it tells each client in its first line. */
export async function hasJoined({ port }: NatsServer, servers: readonly NatsServer[]): Promise<void> {
  const until = performance.now() + livenessMs;
  for (;;) {
    const info = await firstLine(port);
    if (servers.every((server) => info.includes(`127.0.0.1:${server.port}"`))) return;
    if (performance.now() > until)
      throw new Error(`the server has not joined the others after ${livenessMs} ms: ${info}`);
    await sleep(20);
  }
}

async function firstLine(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  let text = '';
  socket.on('data', (chunk: string) => {
    text += chunk;
    if (text.includes('\n')) socket.destroy();
  });
  await once(socket, 'close');
  return text;
}
