import type { Transport } from '@paxakos/core/contracts';
import type { TransportFixture } from './transport-fixture.ts';

/**
 * Makes a fixture whose nodes have the transports of another one, wrapped; for the suites of a transport that wraps another one.
 *
 * It has no `remote`, since that one's process would not be wrapped.
 */
export function wrapped(fixture: TransportFixture, wrap: (transport: Transport) => Transport): TransportFixture {
  return {
    async node(id, cluster) {
      const { info, transport } = await fixture.node(id, cluster);
      return { info, transport: wrap(transport) };
    },
    resources: () => fixture.resources?.() ?? [],
    memoryBytes: () => fixture.memoryBytes?.() ?? 0,
    ...(fixture.bus === undefined ? {} : { bus: fixture.bus }),
    [Symbol.asyncDispose]: () => fixture[Symbol.asyncDispose](),
  };
}
