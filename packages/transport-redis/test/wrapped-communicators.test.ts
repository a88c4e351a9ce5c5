// The suite of communicators over bare, sealed and small frames.
import { authenticated, newKey } from '@paxakos/authenticated';
import { communicatorCases } from '@paxakos/conformance/communicator';
import { limited, wrapped } from '@paxakos/conformance/transport';
import test from 'ava';
import { RedisFixtures, redisCapabilities } from './redis-fixture.ts';

const key = newKey();
/** The process of a remote node would not be wrapped. */
const capabilities = redisCapabilities.filter((capability) => capability !== 'remote');
const fixtures = new RedisFixtures();
const bare = () => fixtures.create();
const sealed = async () => wrapped(await bare(), (transport) => authenticated(transport, { key }));
const small = async () => wrapped(await bare(), (transport) => limited(transport, 2_048));
const smallSealed = async () => wrapped(await small(), (transport) => authenticated(transport, { key }));

test.after.always(() => fixtures[Symbol.asyncDispose]());

const communicators = {
  bare,
  authenticated: sealed,
  'chunks forced': small,
  'authenticated, chunks forced': smallSealed,
};

for (const [name, create] of Object.entries(communicators)) {
  for (const each of communicatorCases(create, capabilities)) {
    test.serial(`communicator, ${name}: ${each.title}`, (t) => t.notThrowsAsync(each.run()));
  }
}
