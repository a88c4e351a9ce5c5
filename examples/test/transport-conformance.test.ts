import type { TransportFixture } from '@paxakos/conformance/transport';
import { transportCases } from '@paxakos/conformance/transport';
import { memoryNetwork } from '@paxakos/core/memory';
import test from 'ava';

// A bus of its own for one case. The same id once more is that node, restarted.
function fixture(): TransportFixture {
  const network = memoryNetwork();
  return {
    node: (id) => ({ info: { id }, transport: network.transport(id) }),
    async [Symbol.asyncDispose]() {},
  };
}

for (const each of transportCases(fixture, ['ordered'])) test.serial(each.title, (t) => t.notThrowsAsync(each.run()));
