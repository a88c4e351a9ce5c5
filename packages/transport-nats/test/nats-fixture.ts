import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { TransportCapability, TransportFixture } from '@paxakos/conformance/transport';
import { type NatsTransportOptions, natsTransport } from '../src/index.ts';

/** What NATS can do beyond the contract. */
export const natsCapabilities: readonly TransportCapability[] = [
  'ordered',
  'privateFrames',
  'multiCluster',
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

/** A fixture on a server that is shared: each has subjects of its own. */
export function natsFixture(options: () => NatsTransportOptions | Promise<NatsTransportOptions>): TransportFixture {
  fixtures += 1;
  const prefix = `test-${fixtures}`;
  return {
    async node(id) {
      return { info: { id }, transport: natsTransport({ prefix, ...(await options()) }) };
    },
    resources: () => process.getActiveResourcesInfo(),
    memoryBytes,
    async [Symbol.asyncDispose]() {},
  };
}
