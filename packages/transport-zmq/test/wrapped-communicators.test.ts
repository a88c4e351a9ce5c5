// The suite of communicators over bare, sealed and small frames.
import { authenticated, newKey } from '@paxakos/authenticated';
import { communicatorCases } from '@paxakos/conformance/communicator';
import { limited, wrapped } from '@paxakos/conformance/transport';
import test from 'ava';
import { zmqCapabilities, zmqFixture } from './zmq-fixture.ts';

const key = newKey();
const bare = () => zmqFixture({});
const sealed = async () => wrapped(await bare(), (transport) => authenticated(transport, { key }));
const small = async () => wrapped(await bare(), (transport) => limited(transport, 2_048));
const smallSealed = async () => wrapped(await small(), (transport) => authenticated(transport, { key }));

const communicators = {
  bare,
  authenticated: sealed,
  'chunks forced': small,
  'authenticated, chunks forced': smallSealed,
};

for (const [name, create] of Object.entries(communicators)) {
  for (const each of communicatorCases(create, zmqCapabilities)) {
    test.serial(`communicator, ${name}: ${each.title}`, (t) => t.notThrowsAsync(each.run()));
  }
}
