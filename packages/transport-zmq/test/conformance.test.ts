import { transportCases } from '@paxakos/conformance/transport';
import test from 'ava';
import { zmqCapabilities, zmqFixture } from './zmq-fixture.ts';

const kinds = {
  tcp: { options: {}, capabilities: [...zmqCapabilities, 'remote' as const] },
  ipc: { options: { kind: 'ipc' }, capabilities: [...zmqCapabilities, 'remote' as const] },
  curve: { options: { curve: true }, capabilities: zmqCapabilities },
};

for (const [name, { options, capabilities }] of Object.entries(kinds)) {
  for (const each of transportCases(() => zmqFixture(options), capabilities)) {
    test.serial(`${name}: ${each.title}`, (t) => t.notThrowsAsync(each.run()));
  }
}
