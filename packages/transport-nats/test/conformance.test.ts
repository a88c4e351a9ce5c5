import { transportCases } from '@paxakos/conformance/transport';
import test from 'ava';
import { natsCapabilities, natsFixture } from './nats-fixture.ts';

for (const each of transportCases(() => natsFixture(), natsCapabilities)) {
  test.serial(`a server as it comes: ${each.title}`, (t) => t.notThrowsAsync(each.run()));
}
