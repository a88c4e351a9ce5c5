import { InvalidError } from '@paxakos/core/contracts';
import type { Cluster, Redis, RedisOptions } from 'ioredis';
import { type Address, readAddress } from './address.ts';
import { listBytesMax } from './address-list.ts';

/** Where Redis is, and how it is used. */
export interface RedisTransportOptions {
  /**
   * `redis://[user:password@]host[:port]`, `rediss://…` for TLS, `redis+cluster://host:port,host:port` or `rediss+cluster://…`
   * with some servers of a Redis Cluster. The number of a database may follow and means nothing. Default:
   * `redis://127.0.0.1:6379`.
   */
  readonly url?: string;
  /** Default: that of the address, if any. */
  readonly username?: string;
  /** Default: that of the address, if any. */
  readonly password?: string;
  /** Settings of TLS, such as `{ ca }`; they switch it on. Default: none, or those of Node.js where the address is `rediss://`. */
  readonly tls?: NonNullable<RedisOptions['tls']>;
  /** The version of the protocol, RESP. Default: 3; a server that speaks only 2 is spoken to in that. */
  readonly protocol?: 2 | 3;
  /**
   * A client of the application, in place of all the above: this transport makes connections of its own with the same settings.
   * The client itself is neither used nor closed; one of a Redis Cluster must be connected, or about to be.
   */
  readonly client?: Redis | Cluster;
  /** The first part of every channel's name, of letters, digits, `-`, `_`, `.` and `:`. The same on every node. Default: `'paxakos'`. */
  readonly prefix?: string;
  /**
   * The largest frame, in bytes, up to 512 MiB less 1,024 bytes. The server writes 64 KiB to a subscriber at a time, so larger ones
   * pile up in its output buffer, and the server cuts a subscriber off whose buffer is full. Default: 64 KiB.
   */
  readonly frameBytesMax?: number;
  /** How many bytes may be on their way to the server, unanswered, before frames are dropped. At least `frameBytesMax`. Default: 32 MiB. */
  readonly queueBytesMax?: number;
  /** How long `open` tries to reach a server that does not answer, in ms. Default: 10,000. */
  readonly openMsMax?: number;
}

/** Checked options with their defaults. */
export interface Settings {
  readonly address: Address;
  readonly client: Redis | Cluster | undefined;
  /** What the options say of the connection, for the client library. */
  readonly connection: Pick<RedisOptions, 'username' | 'password' | 'tls' | 'protocol'>;
  readonly prefix: string;
  readonly frameBytesMax: number;
  readonly queueBytesMax: number;
  readonly openMsMax: number;
}

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;
const int32Max = 2 ** 31 - 1;
const connectionNames = ['url', 'username', 'password', 'tls', 'protocol'] as const;
const names: readonly string[] = [
  ...connectionNames,
  'client',
  'prefix',
  'frameBytesMax',
  'queueBytesMax',
  'openMsMax',
] satisfies (keyof RedisTransportOptions)[];

function count(name: string, value: unknown, most: number): void {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most) return;
  throw new InvalidError(name, value, `give an integer from 1 to ${most}`);
}

function checkClient(options: RedisTransportOptions): void {
  const { client } = options;
  if (typeof client !== 'object' || typeof client?.status !== 'string' || typeof client.options !== 'object') {
    throw new InvalidError('client', undefined, 'give a Redis or a Cluster of ioredis');
  }
  const other = connectionNames.find((name) => options[name] !== undefined);
  if (other === undefined) return;
  // Not its value, which may be a secret.
  throw new InvalidError(other, undefined, 'a client has settings of its own: give one or the other');
}

function checkConnection({ username, password, tls, protocol }: RedisTransportOptions): void {
  for (const [name, value] of Object.entries({ username, password })) {
    if (value !== undefined && typeof value !== 'string') throw new InvalidError(name, undefined, 'give a string');
  }
  if (tls !== undefined && (typeof tls !== 'object' || tls === null)) {
    throw new InvalidError('tls', undefined, 'give options of TLS, such as { ca }, or {}');
  }
  if (protocol !== undefined && protocol !== 2 && protocol !== 3) {
    throw new InvalidError('protocol', protocol, 'give 2 or 3');
  }
}

function connectionOf(options: RedisTransportOptions, address: Address): Settings['connection'] {
  const { username = address.username, password = address.password, protocol } = options;
  const tls = options.tls ?? (address.isTls ? {} : undefined);
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(protocol === undefined ? {} : { protocol }),
    ...(tls === undefined ? {} : { tls }),
  };
}

/** Checks options and fills in the defaults. Throws an `InvalidError` that names the option. */
export function settle(options: RedisTransportOptions): Settings {
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown !== undefined) throw new InvalidError(unknown, undefined, `there are these options: ${names.join(', ')}`);
  const { client, prefix = 'paxakos', frameBytesMax = 64 * kibibyte, openMsMax = 10_000 } = options;
  if (client !== undefined) checkClient(options);
  checkConnection(options);
  const address = readAddress('url', options.url ?? 'redis://127.0.0.1:6379');
  if (address.query !== '') throw new InvalidError('url', undefined, 'leave out the ? and what follows it');
  if (typeof prefix !== 'string' || !/^[\w.:-]+$/.test(prefix)) {
    throw new InvalidError('prefix', prefix, 'give letters, digits, -, _, . and :, such as paxakos:orders');
  }
  // A value of Redis has 512 MiB at most, and a frame to several nodes has their list before it.
  count('frameBytesMax', frameBytesMax, 512 * mebibyte - listBytesMax);
  count('openMsMax', openMsMax, int32Max);
  const { queueBytesMax = Math.max(32 * mebibyte, frameBytesMax) } = options;
  count('queueBytesMax', queueBytesMax, int32Max);
  if (queueBytesMax < frameBytesMax) {
    throw new InvalidError('queueBytesMax', queueBytesMax, `give at least frameBytesMax, ${frameBytesMax}`);
  }
  const connection = connectionOf(options, address);
  return { address, client, connection, prefix, frameBytesMax, queueBytesMax, openMsMax };
}
