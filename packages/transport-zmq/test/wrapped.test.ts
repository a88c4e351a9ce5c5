// The same suite with every frame sealed, and with small frames only.
import { authenticated, newKey } from '@paxakos/authenticated';
import { limited, transportCases, wrapped } from '@paxakos/conformance/transport';
import test from 'ava';
import { zmqCapabilities, zmqFixture } from './zmq-fixture.ts';

const key = newKey();
const bare = () => zmqFixture({});
const sealed = async () => wrapped(await bare(), (transport) => authenticated(transport, { key }));
const small = async () => wrapped(await bare(), (transport) => limited(transport, 2_048));

for (const [name, create] of Object.entries({ authenticated: sealed, 'small frames': small })) {
  for (const each of transportCases(create, zmqCapabilities)) {
    test.serial(`${name}: ${each.title}`, (t) => t.notThrowsAsync(each.run()));
  }
}
