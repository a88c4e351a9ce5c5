import { transportCases } from '@paxakos/conformance/transport';
import test from 'ava';
import { zmqCapabilities, zmqFixture } from './zmq-fixture.ts';

const kinds = { tcp: {}, ipc: { kind: 'ipc' }, curve: { curve: true } };

for (const [name, options] of Object.entries(kinds)) {
  for (const each of transportCases(() => zmqFixture(options), zmqCapabilities)) {
    const bind = each.isSkipped ? test.serial.skip : test.serial;
    bind(`${name}: ${each.title}`, (t) => t.notThrowsAsync(each.run()));
  }
}
