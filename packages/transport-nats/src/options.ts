import { InvalidError } from '@paxakos/core/contracts';
import type { BusConnection } from './bus-connection.ts';
import { type ClientOptions, clientOptions } from './client-options.ts';

/** The connection, given or to be made, and how it is used. What is not listed here is an option of the client. */
export interface NatsTransportOptions extends ClientOptions {
  /**
   * A ready connection, of `@nats-io/transport-node` or of the older package `nats`, in place of all options of the client. It
   * stays open when the transport is closed. Default: none; a connection is made, and closed with the transport.
   */
  readonly connection?: BusConnection;
  /** The first part of every subject, of letters, digits, `-`, `_` and `.`. The same on every node. Default: `'paxakos'`. */
  readonly prefix?: string;
  /** The largest frame, in bytes, where the server takes larger ones. Default: what the server takes, less 1,024 bytes. */
  readonly frameBytesMax?: number;
  /** How many bytes may be on their way to the server, unanswered, before frames are dropped. Default: 32 MiB. */
  readonly queueBytesMax?: number;
  /** How long `open` tries to reach a server that does not answer, in ms. Default: 10,000. */
  readonly openMsMax?: number;
}

/** Checked options with their defaults. */
export interface Settings extends Required<Omit<NatsTransportOptions, keyof ClientOptions | 'connection'>> {
  readonly connection: BusConnection | undefined;
  readonly client: ClientOptions;
}

const int32Max = 2 ** 31 - 1;

function count(name: string, value: unknown): void {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= int32Max) return;
  throw new InvalidError(name, value, `give an integer from 1 to ${int32Max}`);
}

const methods = ['publish', 'subscribe', 'flush', 'status', 'isClosed', 'closed', 'close'] as const;

function checkConnection(connection: BusConnection, client: ClientOptions): void {
  if (typeof connection !== 'object' || methods.some((name) => typeof connection?.[name] !== 'function')) {
    throw new InvalidError(
      'connection',
      connection === null ? null : typeof connection,
      'give what connect() of @nats-io/transport-node or nats resolves to',
    );
  }
  const [other] = Object.keys(client);
  if (other !== undefined) {
    // Not its value, which may be a secret.
    throw new InvalidError(other, '…', 'a ready connection takes no options of the client: give one or the other');
  }
}

/** An address without what may be secret in it. */
export function withoutLogin(address: string): string {
  return address.replace(/^(\w[\w+]*:\/\/)?.*@/s, '$1…@');
}

const form = 'give an address such as nats://127.0.0.1:4222, or a list of them';

function checkServers(servers: ClientOptions['servers']): void {
  const all: readonly unknown[] = Array.isArray(servers) ? servers : [servers];
  if (all.length === 0) throw new InvalidError('servers', servers, form);
  for (const server of all) {
    if (typeof server !== 'string' || server === '') throw new InvalidError('servers', server, form);
    // The client would take no notice of a password there, nor of another scheme.
    if (server.includes('@')) {
      throw new InvalidError('servers', withoutLogin(server), 'give user and pass, or token, as options');
    }
    const scheme = /^(.*):\/\//.exec(server)?.[1] ?? 'nats';
    if (scheme === 'tls') throw new InvalidError('servers', server, 'write nats://, and set tls, such as tls: {}');
    if (scheme !== 'nats') throw new InvalidError('servers', server, form);
  }
}

function checkNames(client: object): void {
  for (const name of Object.keys(client)) {
    if (!Object.hasOwn(clientOptions, name)) {
      // Not its value, which may be a secret.
      throw new InvalidError(name, '…', 'there is no such option: see the README for those that there are');
    }
  }
}

/** Checks options and fills in the defaults. Throws an `InvalidError` that names the option. */
export function settle(options: NatsTransportOptions): Settings {
  const {
    connection,
    prefix = 'paxakos',
    frameBytesMax = int32Max,
    queueBytesMax = 32 * 1024 * 1024,
    openMsMax = 10_000,
    ...client
  } = options;
  if (typeof prefix !== 'string' || prefix.length > 255 || !/^[\w-]+(\.[\w-]+)*$/.test(prefix)) {
    throw new InvalidError(
      'prefix',
      prefix,
      'give words of letters, digits, - and _, joined by dots, such as paxakos.orders',
    );
  }
  for (const [name, value] of Object.entries({ frameBytesMax, queueBytesMax, openMsMax })) count(name, value);
  checkNames(client);
  if (connection !== undefined) checkConnection(connection, client);
  if (client.servers !== undefined) checkServers(client.servers);
  return { connection, prefix, frameBytesMax, queueBytesMax, openMsMax, client };
}
