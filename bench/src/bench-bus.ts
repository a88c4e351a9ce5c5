import { natsServer, redisServer } from '@paxakos/servers';

/** A bus to measure: an address for every node, and what ends what was started for it. */
export interface BenchBus extends AsyncDisposable {
  readonly address: string;
}

/** The buses that can be named without an address. */
export const busNames = ['memory', 'zmq', 'nats', 'redis'] as const;
export type BusName = (typeof busNames)[number];

/** The bus of this name, with a server of its own where it takes one; or the one at an address. */
export async function startBus(bus: string, directory: string): Promise<BenchBus> {
  const name = nameOf(bus);
  if (name === 'nats' || name === 'redis') {
    const server = await (name === 'nats' ? natsServer() : redisServer());
    return { address: server.url, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
  }
  const address = { memory: 'memory:', zmq: `zmq+ipc://${directory}` };
  return { address: name === undefined ? bus : address[name], async [Symbol.asyncDispose]() {} };
}

/** Which one of those that need no address this is, if any. */
export function nameOf(bus: string): BusName | undefined {
  return busNames.find((name) => name === bus || (name === 'memory' && bus === 'memory:'));
}
