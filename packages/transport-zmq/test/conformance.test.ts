import { transportCases } from '@paxakos/conformance/transport';
import test from 'ava';
import { zmqCapabilities, zmqFixture } from './zmq-fixture.ts';

const kinds = { tcp: {}, ipc: { kind: 'ipc' }, curve: { curve: true } };

for (const [name, options] of Object.entries(kinds)) {
  for (const each of transportCases(() => zmqFixture(options), zmqCapabilities)) {
    test.serial(`${name}: ${each.title}`, (t) => t.notThrowsAsync(each.run()));
  }
}
