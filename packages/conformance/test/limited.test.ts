// Any transport can be made to take small frames only, and says what it drops for that.
import type { TransportTrouble } from '@paxakos/core/contracts';
import { memoryNetwork } from '@paxakos/core/memory';
import test from 'ava';
import { limited, wrapped } from '../src/transport/index.ts';
import { brokeredFixture } from './brokered-fixture.ts';

test('a frame above the limit is dropped and reported for each receiver but the sender; others go on', async (t) => {
  const network = memoryNetwork({ defer: (deliver) => deliver() });
  const transport = limited(network.transport('a'), 10);
  const troubles: TransportTrouble[] = [];
  const received: number[] = [];
  transport.onTrouble?.((trouble) => {
    troubles.push(trouble);
    throw new Error('listener');
  });
  await transport.open({ id: 'a' }, () => {}, 'main');
  await network.transport('b').open({ id: 'b' }, (frame) => received.push(frame.length), 'main');
  t.is(transport.frameBytesMax, 10);
  transport.send([{ id: 'a' }, { id: 'b' }, { id: 'c' }], new Uint8Array(11));
  transport.send([{ id: 'b' }], new Uint8Array(10));
  t.deepEqual(received, [10]);
  t.deepEqual(
    troubles.map(({ type, peer, count }) => [type, peer, count]),
    [
      ['dropped', 'b', 1],
      ['dropped', 'c', 1],
    ],
  );
  await transport.close();
});

test('a limit above that of the transport changes nothing, and one that is none is refused', (t) => {
  t.is(limited(memoryNetwork({ frameBytesMax: 5 }).transport('a'), 10).frameBytesMax, 5);
  for (const limit of [0, -1, 1.5, Number.NaN]) {
    t.throws(() => limited(memoryNetwork().transport('a'), limit), {
      code: 'PAXAKOS_INVALID',
      message: /^frameBytesMax/,
    });
  }
});

test('a fixture that is wrapped has what the other one has, but no process that is not wrapped', async (t) => {
  const inner = brokeredFixture();
  const fixture = wrapped(inner, (transport) => limited(transport, 100));
  t.is((await fixture.node('a')).transport.frameBytesMax, 100);
  t.is(fixture.bus, inner.bus);
  t.true((await fixture.memoryBytes?.()) !== 0);
  t.true((fixture.resources?.() ?? []).length > 0);
  t.false('remote' in fixture);
});
