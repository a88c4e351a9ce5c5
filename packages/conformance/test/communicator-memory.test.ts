// The suite over the network in memory: frames as they come, and chunks forced.
import test from 'ava';
import { communicatorCases } from '../src/communicator/index.ts';
import { memoryCapabilities, memoryFixture } from './memory-fixture.ts';

for (const [name, frameBytesMax] of [
  ['frames of 1 MiB', undefined],
  ['frames of 2 KiB', 2_048],
] as const) {
  const options = frameBytesMax === undefined ? {} : { frameBytesMax };
  for (const each of communicatorCases(() => memoryFixture(true), [...memoryCapabilities, 'memory'], options)) {
    test.serial(`memory, ${name}: ${each.title}`, (t) => t.notThrowsAsync(each.run()));
  }
}
