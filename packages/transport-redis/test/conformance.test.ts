import { transportCases } from '@paxakos/conformance/transport';
import test from 'ava';
import { redisCapabilities, redisFixture } from './redis-fixture.ts';

for (const each of transportCases(() => redisFixture(), redisCapabilities)) {
  test.serial(`a server as it comes: ${each.title}`, (t) => t.notThrowsAsync(each.run()));
}
