// The suite with every frame sealed, and with small frames only; and that of communicators over each.
import { authenticated, newKey } from '@paxakos/authenticated';
import { communicatorCases } from '@paxakos/conformance/communicator';
import { limited, transportCases, wrapped } from '@paxakos/conformance/transport';
import test from 'ava';
import { natsCapabilities, natsFixture } from './nats-fixture.ts';

const key = newKey();
/** The process of a remote node would not be wrapped. */
const capabilities = natsCapabilities.filter((capability) => capability !== 'remote');
const bare = () => natsFixture();
const sealed = async () => wrapped(await bare(), (transport) => authenticated(transport, { key }));
const small = async () => wrapped(await bare(), (transport) => limited(transport, 2_048));
const smallSealed = async () => wrapped(await small(), (transport) => authenticated(transport, { key }));

for (const [name, create] of Object.entries({ authenticated: sealed, 'small frames': small })) {
  for (const each of transportCases(create, capabilities)) {
    test.serial(`${name}: ${each.title}`, (t) => t.notThrowsAsync(each.run()));
  }
}

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
