import type { NatMap } from 'ioredis';
import type { Endpoint } from './address.ts';

/** How many servers are remembered beside those that were given. */
const followedMax = 16;

/** Which of several servers to connect to: the one that the others name, else each in turn. */
export class Route {
  current: Endpoint;
  readonly #known: Endpoint[];
  readonly #given: number;
  readonly #natMap: NatMap | undefined;

  constructor(known: readonly [Endpoint, ...Endpoint[]], natMap?: NatMap) {
    this.current = known[0];
    this.#known = [...known];
    this.#given = known.length;
    this.#natMap = natMap;
  }

  /** Goes where a server says that the channels are. Returns whether it said so. */
  follow(error: unknown): boolean {
    // Without a host, it is that of the server which says so.
    const match = error instanceof Error ? /^MOVED \d+ (.*):(\d+)$/.exec(error.message) : null;
    if (match === null) return false;
    const [, host = '', port = ''] = match;
    this.current = this.#translate({ host: host === '' ? this.current.host : host, port: Number(port) });
    if (this.#known.some((one) => isSame(one, this.current))) return true;
    this.#known.push(this.current);
    if (this.#known.length > this.#given + followedMax) this.#known.splice(this.#given, 1);
    return true;
  }

  /** Nothing answered: the next server. */
  next(): void {
    const index = this.#known.findIndex((one) => isSame(one, this.current));
    this.current = this.#known[(index + 1) % this.#known.length] ?? this.current;
  }

  #translate(endpoint: Endpoint): Endpoint {
    const key = `${endpoint.host}:${endpoint.port}`;
    const mapped = typeof this.#natMap === 'function' ? this.#natMap(key) : this.#natMap?.[key];
    return mapped ?? endpoint;
  }
}

function isSame(one: Endpoint, other: Endpoint): boolean {
  return one.host === other.host && one.port === other.port;
}
