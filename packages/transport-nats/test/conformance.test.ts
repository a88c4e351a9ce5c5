import { transportCases } from '@paxakos/conformance/transport';
import test from 'ava';
import { NatsFixtures, natsCapabilities } from './nats-fixture.ts';

const fixtures = new NatsFixtures();

test.after.always(() => fixtures[Symbol.asyncDispose]());

for (const each of transportCases(() => fixtures.create(), natsCapabilities)) {
  test.serial(`a server as it comes: ${each.title}`, (t) => t.notThrowsAsync(each.run()));
}
