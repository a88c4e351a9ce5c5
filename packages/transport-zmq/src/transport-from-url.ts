import { InvalidError, type NodeId, type NodeInfo } from '@paxakos/core/contracts';
import { type ZmqTransport, zmqTransport } from './zmq-transport.ts';

const forms =
  'write zmq+tcp://ip:port to listen there, zmq+tcp://id@host:port,id@host:port for every node, or zmq+ipc:///directory';

/** What Linux holds; macOS has 4 bytes less. */
const socketPathBytesMax = process.platform === 'darwin' ? 103 : 107;

/**
 * Makes a transport from an address. `zmq+tcp://0.0.0.0:7000`: listens there, and finds each peer at its `address`.
 * `zmq+tcp://a@10.0.0.1:7000,b@10.0.0.2:7000`: where every node listens, by id, in which special characters are written as `%XX`.
 * `zmq+ipc:///run/app`: node `a` listens at `/run/app/a.sock`. Throws an `InvalidError` that says what is wrong.
 */
export function transportFromUrl(url: string): ZmqTransport {
  const [, protocol, rest = ''] = /^zmq\+(tcp|ipc):\/\/(.+)$/s.exec(url) ?? [];
  if (protocol === 'ipc') return inDirectory(rest);
  if (protocol === undefined) throw new InvalidError('address', url, forms);
  const entries = rest.split(',');
  const [first = ''] = entries;
  if (entries.length > 1 || first.includes('@')) return atEndpoints(entries);
  checkHost(first, /^(\d{1,5}|\*)$/);
  return zmqTransport({ bind: `tcp://${first}` });
}

function atEndpoints(entries: readonly string[]): ZmqTransport {
  const endpoints = new Map<NodeId, string>();
  for (const entry of entries) {
    const [, encoded = '', host = ''] = /^([^@]+)@(.*)$/.exec(entry) ?? [];
    if (encoded === '') throw new InvalidError('address: node', entry, forms);
    const id = decoded(encoded);
    checkHost(host, /^\d{1,5}$/);
    if (endpoints.has(id)) throw new InvalidError('address: node', id, 'name each node once');
    endpoints.set(id, `tcp://${host}`);
  }
  return zmqTransport({
    addressOf({ id, address }) {
      const endpoint = endpoints.get(id) ?? address;
      if (endpoint === undefined) throw new InvalidError('address: node', id, 'name this node too, as id@host:port');
      return endpoint;
    },
  });
}

function inDirectory(encoded: string): ZmqTransport {
  const directory = decoded(encoded).replace(/\/+$/, '');
  if (!encoded.startsWith('/')) throw new InvalidError('address: directory', encoded, 'write zmq+ipc:///directory');
  const addressOf = ({ id }: NodeInfo): string => {
    // An id may be any string, and must not lead out of the directory.
    const path = `${directory}/${encodeURIComponent(id)}.sock`;
    if (Buffer.byteLength(path) <= socketPathBytesMax) return `ipc://${path}`;
    throw new InvalidError(
      'address: directory',
      path,
      `choose a shorter one: the path of a socket has at most ${socketPathBytesMax} bytes`,
    );
  };
  return zmqTransport({ addressOf });
}

function checkHost(host: string, port: RegExp): void {
  const [, given = ''] = /^(?:\[[0-9a-fA-F:.%]+\]|[^:[\]/\s]+):(.*)$/.exec(host) ?? [];
  if (port.test(given) && !(Number(given) > 65_535)) return;
  throw new InvalidError('address: host', host, 'write host:port, and an IPv6 address in brackets');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new InvalidError('address', text, 'write special characters as %XX');
  }
}
