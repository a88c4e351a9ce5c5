import { communicatorCases } from '@paxakos/conformance/communicator';
import { type TransportCapability, type TransportFixture, transportCases } from '@paxakos/conformance/transport';
import { freePort } from '@paxakos/servers';
import test from 'ava';
import { udpTransport } from '../src/udp-transport.ts';

// A bus of its own for one case. The same id and cluster once more is that node, restarted.
function fixture(): TransportFixture {
  const addresses = new Map<string, string>();
  return {
    async node(id, cluster = 'main') {
      const name = JSON.stringify([cluster, id]);
      const address = addresses.get(name) ?? `udp://127.0.0.1:${await freePort()}`;
      addresses.set(name, address);
      return { info: { id, address }, transport: udpTransport() };
    },
    resources: () => process.getActiveResourcesInfo(),
    memoryBytes: () => process.memoryUsage.rss(),
    async [Symbol.asyncDispose]() {},
  };
}

const capabilities: TransportCapability[] = ['privateFrames', 'multiCluster', 'reportsDrops', 'resources', 'memory'];

for (const each of transportCases(fixture, capabilities)) test.serial(each.title, (t) => t.notThrowsAsync(each.run()));

for (const each of communicatorCases(fixture, capabilities))
  test.serial(`communicator: ${each.title}`, (t) => t.notThrowsAsync(each.run()));
