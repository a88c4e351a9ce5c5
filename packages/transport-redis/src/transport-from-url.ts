import { readFileSync } from 'node:fs';
import { InvalidError } from '@paxakos/core/contracts';
import { readAddress } from './address.ts';
import type { RedisTransportOptions } from './options.ts';
import { type RedisTransport, redisTransport } from './redis-transport.ts';

const names = ['prefix', 'protocol', 'ca'];

/**
 * Makes a transport from an address: what the option `url` takes, and after `?` any of `prefix=…`, `protocol=2|3` and, with TLS,
 * `ca=/path` of the file with the server's authority. Throws an `InvalidError` that says what is wrong, without what is secret.
 */
export function transportFromUrl(url: string): RedisTransport {
  const { isTls, query } = readAddress('address', url);
  const given = new URLSearchParams(query);
  for (const name of given.keys()) {
    if (!names.includes(name)) {
      throw new InvalidError(`address: ?${name}`, undefined, `there are these: ${names.join(', ')}`);
    }
  }
  const prefix = given.get('prefix');
  const protocol = given.get('protocol');
  if (protocol !== null && protocol !== '2' && protocol !== '3') {
    throw new InvalidError('address: ?protocol', protocol, 'write 2 or 3');
  }
  const ca = given.get('ca');
  if (ca !== null && !isTls) throw new InvalidError('address: ?ca', ca, 'it needs rediss:// or rediss+cluster://');
  const options: RedisTransportOptions = {
    url: url.split('?', 1)[0] ?? url,
    ...(prefix === null ? {} : { prefix }),
    ...(protocol === null ? {} : { protocol: protocol === '2' ? 2 : 3 }),
    ...(ca === null ? {} : { tls: { ca: readAuthority(ca) } }),
  };
  return redisTransport(options);
}

function readAuthority(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    throw new InvalidError('address: ?ca', file, `it cannot be read (${code}): give the path of a file in PEM`);
  }
}
