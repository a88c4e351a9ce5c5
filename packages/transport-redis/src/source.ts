import { TransportError } from '@paxakos/core/contracts';
import type { Cluster, Redis, RedisOptions } from 'ioredis';
import type { Endpoint } from './address.ts';
import type { Settings } from './options.ts';
import { Route } from './route.ts';

/** How to connect. */
export interface Source {
  readonly options: RedisOptions;
  /** Only for a Redis Cluster: makes the way to the server of the channels. */
  readonly route: Route | undefined;
  /** The first server, for messages. */
  readonly where: string;
}

/** What the options, or the client that was given, say of the way to Redis. Rejects where the signal says so first. */
export async function sourceOf(settings: Settings, signal: AbortSignal): Promise<Source> {
  const { client, address, connection } = settings;
  if (client === undefined) {
    const { endpoints, isCluster } = address;
    const route = isCluster ? new Route(endpoints) : undefined;
    return { options: { ...connection, ...endpoints[0] }, route, where: textOf(endpoints[0]) };
  }
  if (!isCluster(client)) {
    const { options } = client;
    return { options, route: undefined, where: options.path ?? textOf(options) };
  }
  await ready(client, signal);
  const known = client.nodes().map(({ options }): Endpoint => endpointOf(options));
  const [first, ...others] = known;
  const [node] = client.nodes();
  if (first === undefined || node === undefined) throw notConnected();
  const route = new Route([first, ...others], client.options.natMap);
  return { options: node.options, route, where: textOf(first) };
}

function isCluster(client: Redis | Cluster): client is Cluster {
  return client.isCluster;
}

async function ready(client: Cluster, signal: AbortSignal): Promise<void> {
  if (client.nodes().length > 0) return;
  if (client.status === 'wait' || client.status === 'end') throw notConnected();
  await new Promise<void>((resolve, reject) => {
    const settle = (isReady: boolean) => {
      client.off('ready', onReady).off('end', onEnd);
      signal.removeEventListener('abort', onEnd);
      if (isReady) resolve();
      else reject(notConnected());
    };
    const onReady = () => settle(true);
    const onEnd = () => settle(false);
    client.once('ready', onReady).once('end', onEnd);
    signal.addEventListener('abort', onEnd, { once: true });
  });
}

function notConnected(): TransportError {
  return new TransportError('the given client of a Redis Cluster is not connected: call its connect() first');
}

function endpointOf({ host = '127.0.0.1', port = 6379 }: RedisOptions): Endpoint {
  return { host, port };
}

function textOf(options: RedisOptions): string {
  const { host, port } = endpointOf(options);
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
