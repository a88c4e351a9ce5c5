import { TransportError } from '@paxakos/core/contracts';
import type { Redis } from 'ioredis';

const shardedVersionMin = 7;

/** Rejects where a server is of another kind than asked for, or too old. One that does not tell what it is, is taken as it is. */
export async function checkServer(redis: Redis, where: string, isSharded: boolean): Promise<void> {
  const { mode, version } = await helloOf(redis);
  if (mode === 'sentinel') {
    throw new TransportError(`the Redis server at ${where} is a sentinel: give a client that is made with sentinels`);
  }
  if (mode === 'cluster' && !isSharded) {
    throw new TransportError(
      `the Redis server at ${where} is part of a Redis Cluster: write redis+cluster:// in the url, or give a Cluster as client`,
    );
  }
  if (mode === 'standalone' && isSharded) {
    throw new TransportError(
      `the Redis server at ${where} is no part of a Redis Cluster: write redis:// in the url, or give a Redis as client`,
    );
  }
  if (isSharded && version !== undefined && Number.parseInt(version, 10) < shardedVersionMin) {
    throw new TransportError(
      `the Redis server at ${where} is of version ${version}, too old for sharded channels: run ${shardedVersionMin}.0 or newer`,
    );
  }
}

/** What a server says of itself, which needs no right. */
async function helloOf(redis: Redis): Promise<Readonly<Record<string, string | undefined>>> {
  const reply: unknown = await redis.call('HELLO').catch(() => []);
  const words = Array.isArray(reply) ? reply.map(String) : [];
  return Object.fromEntries(words.flatMap((word, index) => (index % 2 === 0 ? [[word, words[index + 1]]] : [])));
}
