// The suite over the network in memory: lent frames, that are overwritten after delivery, and shared ones.
import { type TransportCapability, type TransportFixture, transportCases } from '@paxakos/conformance/transport';
import { memoryNetwork } from '@paxakos/core/memory';
import test from 'ava';
import { authenticated, newKey } from '../src/index.ts';

function memoryFixture(scribbles: boolean): TransportFixture {
  const network = memoryNetwork({ scribbles });
  const keys = [newKey(), newKey()];
  return {
    node: (id) => ({ info: { id }, transport: authenticated(network.transport(id), { keys }) }),
    resources: () => process.getActiveResourcesInfo(),
    async [Symbol.asyncDispose]() {},
  };
}

// Decrypting gives each receiver memory of its own, whatever the transport below does.
const capabilities: readonly TransportCapability[] = ['ordered', 'multiCluster', 'resources', 'privateFrames'];

for (const [name, scribbles] of [['shared', false] as const, ['lent', true] as const]) {
  for (const each of transportCases(() => memoryFixture(scribbles), capabilities)) {
    test.serial(`memory, ${name} frames: ${each.title}`, (t) => t.notThrowsAsync(each.run()));
  }
}
