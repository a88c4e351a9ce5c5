import type { NodeId, NodeInfo, RoundNum } from '../contracts/index.ts';

/** What is known of another node. */
export interface Peer {
  info: NodeInfo;
  /** How far it said that it knows every entry. */
  committed: RoundNum;
  /** The first round it said it can serve. */
  retained: RoundNum;
  heardAt: number;
  nudgedAt: number;
  nudgeMs: number;
}

/** How far the other nodes are, as they told it. */
export class Peers {
  readonly #peers = new Map<NodeId, Peer>();

  get(id: NodeId): Peer | undefined {
    return this.#peers.get(id);
  }

  all(): IterableIterator<Peer> {
    return this.#peers.values();
  }

  /** How many nodes have been heard of. */
  get heardOf(): number {
    return this.#peers.size;
  }

  heard(info: NodeInfo, now: number): Peer {
    let peer = this.#peers.get(info.id);
    if (peer === undefined) {
      peer = { info, committed: 0, retained: 1, heardAt: now, nudgedAt: 0, nudgeMs: 0 };
      this.#peers.set(info.id, peer);
    }
    peer.info = info;
    peer.heardAt = now;
    return peer;
  }
}
