import { type RedisTransport, redisTransport } from '@paxakos/transport-redis';

// The same on every node: one finds the other by its id. With `rediss+cluster://`, over sharded channels of a Redis Cluster.
export const transport: RedisTransport = redisTransport({
  url: 'rediss://10.0.0.1:6379',
  username: 'orders',
  password: process.env['REDIS_PASSWORD'] ?? '',
});
