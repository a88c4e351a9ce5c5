import { InvalidError, type Transport, TransportError } from '@paxakos/core';
import { loadPackage } from './load-package.ts';
import { namedMemoryTransport } from './named-memory-transport.ts';

/** Of the schemes whose packages are of this project. */
const packages: Readonly<Record<string, string>> = {
  zmq: '@paxakos/transport-zmq',
  nats: '@paxakos/transport-nats',
  redis: '@paxakos/transport-redis',
  rediss: '@paxakos/transport-redis',
};

const remedy = 'write where the bus is, such as nats://host:4222, redis://host:6379, zmq+tcp://0.0.0.0:7000 or memory:';

/**
 * Makes the transport that an address names, with the package that its scheme names; `createNode` opens it.
 *
 * `nats:`, `redis:` and `zmq+…:` are of `@paxakos/transport-…`; `memory:NAME` is a network within this process, one for each name;
 * any other `foo:` or `foo+x:` is of `paxakos-transport-foo` or `@paxakos/transport-foo`, found beside this package or from the
 * application, which exports `transportFromUrl`. Rejects with an `InvalidError` where it is no address, and with a
 * `TransportError` that says what to install where the package is missing. No error tells the address, which may hold a secret.
 */
export async function connectTransport(address: string): Promise<Transport> {
  const [scheme, rest] = partsOf(address);
  if (scheme === 'memory') return namedMemoryTransport(rest);
  // What stands behind `+` is the package's own business.
  const [name = ''] = scheme.split('+', 1);
  const known = Object.hasOwn(packages, name) ? packages[name] : undefined;
  const names = known === undefined ? [`paxakos-transport-${name}`, `@paxakos/transport-${name}`] : [known];
  const { name: from, exports } = await loadPackage(names, `${name}:`);
  const { transportFromUrl } = exports;
  if (typeof transportFromUrl !== 'function') {
    throw new TransportError(
      `${from} has no transportFromUrl, which makes a transport from an address: install a version that has it`,
    );
  }
  return (await transportFromUrl(`${scheme}:${rest}`)) as Transport;
}

function partsOf(address: unknown): readonly [scheme: string, rest: string] {
  if (typeof address !== 'string') throw new InvalidError('address', address, remedy);
  const [, given = '', rest = ''] = /^([a-z][a-z0-9-]*(?:\+[a-z0-9+.-]*)?):(.*)$/is.exec(address) ?? [];
  const scheme = given.toLowerCase();
  // A host and its port, and a user and a password, look like a scheme and the rest.
  if (scheme === 'memory' || !/^\d*\/?$|^(?!\/\/).*@/s.test(rest)) return [scheme, rest];
  throw new InvalidError('address', /[@?]/.test(address) ? '…' : address, remedy);
}
