import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { memoryNetwork } from '@paxakos/core/memory';
import type { TransportCapability, TransportFixture } from '../src/transport/index.ts';

/** What the network in memory can do beyond the contract. */
export const memoryCapabilities: readonly TransportCapability[] = ['ordered', 'multiCluster', 'resources'];

/** Bytes that the process has in memory, after a garbage collection. */
export function memoryBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
  return process.memoryUsage().rss;
}

/** A network in memory, that lends its frames where it scribbles. */
export function memoryFixture(scribbles: boolean): TransportFixture {
  const network = memoryNetwork({ scribbles });
  return {
    node: (id) => ({ info: { id }, transport: network.transport(id) }),
    resources: () => process.getActiveResourcesInfo(),
    memoryBytes,
    async [Symbol.asyncDispose]() {},
  };
}
