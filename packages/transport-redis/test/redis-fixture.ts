import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { TransportCapability, TransportFixture } from '@paxakos/conformance/transport';
import { type RedisTransportOptions, redisTransport } from '../src/index.ts';

/** What Redis can do beyond the contract. */
export const redisCapabilities: readonly TransportCapability[] = [
  'ordered',
  'privateFrames',
  'multiCluster',
  'reportsDrops',
  'resources',
  'memory',
];

/** Bytes that the process has in memory, after a garbage collection. */
export function memoryBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
  return process.memoryUsage().rss;
}

let fixtures = 0;

/** A fixture on a server that is shared: each has channels of its own. */
export function redisFixture(options: () => RedisTransportOptions): TransportFixture {
  fixtures += 1;
  const prefix = `test-${fixtures}`;
  return {
    node(id) {
      return { info: { id }, transport: redisTransport({ prefix, ...options() }) };
    },
    resources: () => process.getActiveResourcesInfo(),
    memoryBytes,
    async [Symbol.asyncDispose]() {},
  };
}
