import type { NodeId, NodeInfo, Transport, TransportTrouble } from '../contracts/index.ts';
import { TransportError } from '../contracts/index.ts';
import type { Deliver, MemoryHub } from './memory-hub.ts';

/** One node's way into a network in memory. */
export class MemoryTransport implements Transport {
  readonly #hub: MemoryHub;
  readonly #id: NodeId;
  #deliver: Deliver | undefined;
  #cluster = '';
  #isClosed = false;
  #listener: ((trouble: TransportTrouble) => void) | undefined;
  readonly #dropped = new Map<NodeId, number>();

  constructor(hub: MemoryHub, id: NodeId) {
    this.#hub = hub;
    this.#id = id;
  }

  get frameBytesMax(): number {
    return this.#hub.parts.frameBytesMax;
  }

  async open(self: NodeInfo, deliver: Deliver, cluster: string): Promise<void> {
    if (self.id !== this.#id) throw new TransportError(`this transport is of node ${this.#id}, not of ${self.id}`);
    if (this.#isClosed || this.#deliver !== undefined)
      throw new TransportError('this transport has been opened before; take another one');
    // A function of its own, so that two openings with the same callback are told apart.
    this.#deliver = (frame) => deliver(frame);
    this.#cluster = cluster;
    this.#hub.open(cluster, this.#id, this.#deliver);
  }

  send(receivers: readonly NodeInfo[], frame: Uint8Array): void {
    if (this.#deliver === undefined || this.#isClosed) return;
    for (const { id } of receivers) {
      if (id === this.#id) continue;
      if (frame.length > this.frameBytesMax || !this.#hub.carry(this.#cluster, this.#id, id, frame)) this.#drop(id);
    }
  }

  onTrouble(listener: (trouble: TransportTrouble) => void): void {
    this.#listener = listener;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#deliver !== undefined) this.#hub.close(this.#cluster, this.#id, this.#deliver);
  }

  /** What is dropped in one turn is reported together. */
  #drop(receiver: NodeId): void {
    if (this.#dropped.size === 0) this.#hub.parts.defer(() => this.#reportDropped());
    this.#dropped.set(receiver, (this.#dropped.get(receiver) ?? 0) + 1);
  }

  #reportDropped(): void {
    const dropped = [...this.#dropped];
    this.#dropped.clear();
    const reason = 'the frame is too long, or the receiver does not keep up';
    for (const [peer, count] of dropped) {
      try {
        this.#listener?.({ type: 'dropped', peer, count, reason });
      } catch {
        // A listener's own error is no trouble of the network's.
      }
    }
  }
}
