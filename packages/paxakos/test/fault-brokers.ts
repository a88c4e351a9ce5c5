import { type NatsServer, natsServer, type RedisServer, redisServer, TcpProxy } from '@paxakos/servers';
import type { ExecutionContext } from 'ava';

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
