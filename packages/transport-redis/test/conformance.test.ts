import { transportCases } from '@paxakos/conformance/transport';
import test from 'ava';
import { RedisFixtures, redisCapabilities } from './redis-fixture.ts';

const fixtures = new RedisFixtures();

test.after.always(() => fixtures[Symbol.asyncDispose]());

for (const each of transportCases(() => fixtures.create(), redisCapabilities)) {
  test.serial(`a server as it comes: ${each.title}`, (t) => t.notThrowsAsync(each.run()));
}
