import { InvalidError } from '@paxakos/core/contracts';
import { type NatsTransport, natsTransport } from './nats-transport.ts';
import { type NatsTransportOptions, withoutLogin } from './options.ts';

const form = 'nats://[user:password@ or token@]host:port[,host:port][?prefix=…], or nats+tls:// with ?ca=/path';
const pattern = /^nats(\+tls)?:\/\/(?:([^@/?]*)@)?([^@/?]+)\/?(?:\?(.*))?$/;

/**
 * Makes a transport from an address: `nats://[user:password@|token@]host:port[,host:port…][?prefix=…]`, or `nats+tls://…`, where
 * `?ca=` names the file of the server's authority. Throws an `InvalidError` that says what is wrong, without what is secret.
 */
export function transportFromUrl(url: string): NatsTransport {
  const match = pattern.exec(url);
  if (match === null) throw new InvalidError('address', withoutLogin(url), `write ${form}`);
  const [, tls, login, hosts = '', search = ''] = match;
  const servers = hosts.split(',');
  for (const server of servers) checkServer(server);
  const query = new URLSearchParams(search);
  for (const name of query.keys()) {
    // Not its value: it may be a secret.
    if (name !== 'prefix' && name !== 'ca') throw new InvalidError(`address: ?${name}`, undefined, `write ${form}`);
  }
  const prefix = query.get('prefix');
  const caFile = query.get('ca');
  if (caFile !== null && tls === undefined) throw new InvalidError('address: ?ca', caFile, 'it needs nats+tls://');
  const options: NatsTransportOptions = { servers, ...loginOf(login) };
  return natsTransport({
    ...options,
    ...(prefix === null ? {} : { prefix }),
    ...(tls === undefined ? {} : { tls: caFile === null ? {} : { caFile } }),
  });
}

function checkServer(server: string): void {
  const port = /^(?:\[[0-9a-fA-F:.]+\]|[^:[\]\s]+)(?::(\d{1,5}))?$/.exec(server);
  const number = Number(port?.[1] ?? 4222);
  if (port !== null && number >= 1 && number <= 65_535) return;
  // Where the port is none, it may be a password in front of a forgotten @.
  throw new InvalidError(
    'address: server',
    server.replace(/:.*\D.*$/s, ':…'),
    'write host:port, and an IPv6 address in brackets',
  );
}

function loginOf(login: string | undefined): { user?: string; pass?: string; token?: string } {
  if (login === undefined || login === '') return {};
  const [user = '', ...rest] = login.split(':');
  try {
    if (rest.length === 0) return { token: decodeURIComponent(user) };
    return { user: decodeURIComponent(user), pass: decodeURIComponent(rest.join(':')) };
  } catch {
    throw new InvalidError('address: user and password', '…', 'write special characters as %XX');
  }
}
