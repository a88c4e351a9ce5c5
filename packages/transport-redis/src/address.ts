import { InvalidError } from '@paxakos/core/contracts';

/** Where a server is. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** What an address says. */
export interface Address {
  readonly isTls: boolean;
  readonly isCluster: boolean;
  readonly username?: string;
  readonly password?: string;
  readonly endpoints: readonly [Endpoint, ...Endpoint[]];
  readonly query: string;
}

const pattern = /^(rediss?)(\+cluster)?:\/\/(?:([^@/?]*)@)?([^@/?]+)(?:\/\d*)?(?:\?(.*))?$/;
const remedy =
  'write redis://[user:password@]host[:port], rediss:// for TLS, redis+cluster://host:port,host:port; in a password / @ ? : as %XX';

/** Reads an address. Throws an `InvalidError` that says what is wrong, without what is secret. */
export function readAddress(option: string, url: unknown): Address {
  const match = typeof url === 'string' ? pattern.exec(url) : null;
  // Not the value: it may hold a password.
  if (match === null) throw new InvalidError(option, typeof url === 'string' ? '…' : url, remedy);
  const [, scheme, cluster, login, hosts = '', query = ''] = match;
  const [first = '', ...others] = hosts.split(',');
  if (others.length > 0 && cluster === undefined) {
    throw new InvalidError(`${option}: host`, hosts, 'give one host, or write redis+cluster:// for a Redis Cluster');
  }
  const read = (host: string): Endpoint => readEndpoint(`${option}: host`, host);
  return {
    isTls: scheme === 'rediss',
    isCluster: cluster !== undefined,
    ...readLogin(option, login),
    endpoints: [read(first), ...others.map(read)],
    query,
  };
}

function readEndpoint(option: string, text: string): Endpoint {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/.exec(text);
  const port = Number(match?.[3] ?? 6379);
  const host = match?.[1] ?? match?.[2];
  if (host !== undefined && port >= 1 && port <= 65_535) return { host, port };
  throw new InvalidError(option, text, 'write host:port, and an IPv6 address in brackets');
}

function readLogin(option: string, login: string | undefined): { username?: string; password?: string } {
  if (login === undefined || login === '') return {};
  const [username = '', ...rest] = login.split(':');
  if (rest.length === 0) throw new InvalidError(`${option}: user`, undefined, 'write user:password@, or :password@');
  try {
    const password = decodeURIComponent(rest.join(':'));
    return username === '' ? { password } : { username: decodeURIComponent(username), password };
  } catch {
    throw new InvalidError(`${option}: user and password`, undefined, 'write special characters as %XX');
  }
}
