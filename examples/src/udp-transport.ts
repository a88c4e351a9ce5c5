import { createHash } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { InvalidError, type NodeInfo, type Transport, TransportError, type TransportTrouble } from '@paxakos/core';

/** Makes a transport over UDP, for nodes whose addresses are like `udp://10.0.0.1:7000`. */
export function udpTransport(): Transport {
  return new UdpTransport();
}

/** What `connectTransport('udp:')` of the package `paxakos` calls. */
export function transportFromUrl(url: string): Transport {
  if (url !== 'udp:') throw new InvalidError('address', undefined, 'write udp: alone, since each node has its own');
  return udpTransport();
}

interface Datagram {
  readonly mark: Uint8Array;
  readonly frame: Uint8Array;
  readonly place: URL;
}

const markBytes = 16;
const datagramsMax = 20_000;
/** More at once would only fill the receiver's buffer, which then drops. */
const datagramsPerTurn = 16;

class UdpTransport implements Transport {
  /** What fits into one packet of most networks. */
  readonly frameBytesMax = 1_400;
  readonly #closed = new AbortController();
  readonly #queue = new Set<Datagram>();
  readonly #dropped = new Map<string, number>();
  #socket: Socket | undefined;
  #self: NodeInfo | undefined;
  #cluster = '';
  #turn: NodeJS.Immediate | undefined;
  #listener: ((trouble: TransportTrouble) => void) | undefined;

  async open(self: NodeInfo, deliver: (frame: Uint8Array) => void, cluster: string): Promise<void> {
    const { signal } = this.#closed;
    if (this.#self !== undefined || signal.aborted)
      throw new TransportError('this transport was opened or closed before: make a new one');
    this.#self = self;
    this.#cluster = cluster;
    const place = placeOf(self);
    if (place === undefined) throw new InvalidError('address', self.address, 'give one like udp://10.0.0.1:7000');
    const mark = this.#markOf(self.id);
    const socket = createSocket('udp4');
    this.#socket = socket;
    socket.on('message', (datagram) => {
      // The port may have been another node's.
      if (!signal.aborted && mark.equals(datagram.subarray(0, markBytes))) deliver(datagram.subarray(markBytes));
    });
    try {
      socket.bind(Number(place.port), place.hostname);
      await once(socket, 'listening', { signal });
    } catch (cause) {
      await this.close();
      throw new TransportError(`UDP cannot be received at ${place.host}: choose another address`, { cause });
    }
    socket.on('error', ({ message }) => this.#tell({ type: 'disconnected', reason: message }));
  }

  send(receivers: readonly NodeInfo[], frame: Uint8Array): void {
    if (this.#socket === undefined || this.#closed.signal.aborted) return;
    for (const receiver of receivers) {
      if (receiver.id === this.#self?.id) continue;
      const place = placeOf(receiver);
      const fits = frame.length <= this.frameBytesMax && this.#queue.size < datagramsMax;
      if (place !== undefined && fits) this.#queue.add({ mark: this.#markOf(receiver.id), frame, place });
      else this.#dropped.set(receiver.id, (this.#dropped.get(receiver.id) ?? 0) + 1);
    }
    this.#turn ??= setImmediate(() => this.#sendSome());
  }

  onTrouble(listener: (trouble: TransportTrouble) => void): void {
    this.#listener = listener;
  }

  async close(): Promise<void> {
    this.#closed.abort();
    clearImmediate(this.#turn);
    this.#queue.clear();
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket !== undefined) await new Promise<void>((resolve) => socket.close(resolve));
  }

  #sendSome(): void {
    let sent = 0;
    for (const datagram of this.#queue) {
      const { mark, frame, place } = datagram;
      this.#queue.delete(datagram);
      // What a system refuses is lost, as what a network loses.
      this.#socket?.send([mark, frame], Number(place.port), place.hostname, () => {});
      sent += 1;
      if (sent === datagramsPerTurn) break;
    }
    for (const [peer, count] of this.#dropped) this.#tell({ type: 'dropped', peer, count });
    this.#dropped.clear();
    this.#turn = this.#queue.size > 0 ? setImmediate(() => this.#sendSome()) : undefined;
  }

  /** Names cluster and receiver, whatever text these are. */
  #markOf(id: string): Buffer {
    const name = JSON.stringify([this.#cluster, id]);
    return createHash('sha256').update(name).digest().subarray(0, markBytes);
  }

  #tell(trouble: TransportTrouble): void {
    try {
      this.#listener?.(trouble);
    } catch {
      // The listener's own business.
    }
  }
}

function placeOf({ address = '' }: NodeInfo): URL | undefined {
  const place = URL.canParse(address) ? new URL(address) : undefined;
  return place?.protocol === 'udp:' && place.port !== '' ? place : undefined;
}
