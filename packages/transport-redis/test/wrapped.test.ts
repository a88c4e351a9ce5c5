// The suite with every frame sealed, and with small frames only.
import { authenticated, newKey } from '@paxakos/authenticated';
import { limited, transportCases, wrapped } from '@paxakos/conformance/transport';
import test from 'ava';
import { RedisFixtures, redisCapabilities } from './redis-fixture.ts';

const key = newKey();
/** The process of a remote node would not be wrapped. */
const capabilities = redisCapabilities.filter((capability) => capability !== 'remote');
const fixtures = new RedisFixtures();
const bare = () => fixtures.create();
const sealed = async () => wrapped(await bare(), (transport) => authenticated(transport, { key }));
const small = async () => wrapped(await bare(), (transport) => limited(transport, 2_048));

test.after.always(() => fixtures[Symbol.asyncDispose]());

for (const [name, create] of Object.entries({ authenticated: sealed, 'small frames': small })) {
  for (const each of transportCases(create, capabilities)) {
    test.serial(`${name}: ${each.title}`, (t) => t.notThrowsAsync(each.run()));
  }
}
