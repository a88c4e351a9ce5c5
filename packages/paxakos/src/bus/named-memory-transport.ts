import { type NodeInfo, type Transport, TransportError, type TransportTrouble } from '@paxakos/core';
import { type MemoryNetwork, memoryNetwork } from '@paxakos/core/memory';

/** For as long as the process lives, so that a name means the same network always. */
const networks = new Map<string, MemoryNetwork>();

/** Makes a transport in the network in memory of this name; it takes its id from the node that opens it. */
export function namedMemoryTransport(name: string): Transport {
  let network = networks.get(name);
  if (network === undefined) {
    network = memoryNetwork();
    networks.set(name, network);
  }
  return new NamedMemoryTransport(network);
}

class NamedMemoryTransport implements Transport {
  readonly #network: MemoryNetwork;
  #transport: Transport | undefined;
  #listener: ((trouble: TransportTrouble) => void) | undefined;
  #isClosed = false;

  constructor(network: MemoryNetwork) {
    this.#network = network;
  }

  get frameBytesMax(): number {
    return this.#transport?.frameBytesMax ?? 0;
  }

  async open(self: NodeInfo, deliver: (frame: Uint8Array) => void, cluster: string): Promise<void> {
    if (this.#transport !== undefined || this.#isClosed) {
      throw new TransportError('this transport was opened or closed before: make a new one');
    }
    const transport = this.#network.transport(self.id);
    this.#transport = transport;
    transport.onTrouble?.((trouble) => this.#listener?.(trouble));
    await transport.open(self, deliver, cluster);
  }

  send(receivers: readonly NodeInfo[], frame: Uint8Array): void {
    this.#transport?.send(receivers, frame);
  }

  onTrouble(listener: (trouble: TransportTrouble) => void): void {
    this.#listener = listener;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#transport?.close();
  }
}
