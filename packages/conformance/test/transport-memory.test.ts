// The suite over the network in memory: lent frames, that are overwritten after delivery, and shared ones.
import test from 'ava';
import { type TransportCapability, transportCases } from '../src/transport/index.ts';
import { memoryCapabilities, memoryFixture } from './memory-fixture.ts';

for (const [name, scribbles] of [['shared', false] as const, ['lent', true] as const]) {
  const capabilities: TransportCapability[] = [
    ...memoryCapabilities,
    'memory',
    ...(scribbles ? ['privateFrames' as const] : []),
  ];
  for (const each of transportCases(() => memoryFixture(scribbles), capabilities)) {
    test.serial(`memory, ${name} frames: ${each.title}`, (t) => t.notThrowsAsync(each.run()));
  }
}
