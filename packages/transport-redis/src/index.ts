export type { RedisTransportOptions } from './options.ts';
export { type RedisTransport, redisTransport } from './redis-transport.ts';
export { transportFromUrl } from './transport-from-url.ts';
