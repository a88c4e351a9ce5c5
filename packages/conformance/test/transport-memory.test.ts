// The suite over the network in memory: lent frames, that are overwritten after delivery, and shared ones.
import { memoryNetwork } from '@paxakos/core/memory';
import test from 'ava';
import { type TransportCapability, type TransportFixture, transportCases } from '../src/transport/index.ts';

function memoryFixture(scribbles: boolean): TransportFixture {
  const network = memoryNetwork({ scribbles });
  return {
    node: (id) => ({ info: { id }, transport: network.transport(id) }),
    resources: () => process.getActiveResourcesInfo(),
    async [Symbol.asyncDispose]() {},
  };
}

const shared: TransportCapability[] = ['ordered', 'multiCluster', 'resources'];

for (const [name, scribbles] of [['shared', false] as const, ['lent', true] as const]) {
  const capabilities: TransportCapability[] = scribbles ? [...shared, 'privateFrames'] : shared;
  for (const each of transportCases(() => memoryFixture(scribbles), capabilities)) {
    test.serial(`memory, ${name} frames: ${each.title}`, (t) => t.notThrowsAsync(each.run()));
  }
}
