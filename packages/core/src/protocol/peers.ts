import type { NodeId, NodeInfo, RoundNum, SeenVote } from '../contracts/index.ts';
import { compareCoordNums } from './coord-num.ts';

/** The table holds this many nodes, and more only if more are members. */
const peersMax = 256;

/** What is known of another node. */
export interface Peer {
  info: NodeInfo;
  /** How far it said that it knows every entry. */
  committed: RoundNum;
  /** The first round it said it can serve. */
  retained: RoundNum;
  /** When it last was further than before, or was first heard of. */
  movedAt: number;
  /** Since when it has been behind a leader here; `undefined` while it is level. */
  behindSince: number | undefined;
  nudgedAt: number;
  nudgeMs: number;
  /** The greatest vote of its present incarnation that came here. */
  seen: SeenVote | undefined;
}

/** How far the other nodes are, as they told it. */
export class Peers {
  readonly #peers = new Map<NodeId, Peer>();
  readonly #isMember: (id: NodeId) => boolean;

  /** `isMember`: whether this node knows the id as one of a member. Only strangers are forgotten. */
  constructor(isMember: (id: NodeId) => boolean) {
    this.#isMember = isMember;
  }

  get(id: NodeId): Peer | undefined {
    return this.#peers.get(id);
  }

  all(): IterableIterator<Peer> {
    return this.#peers.values();
  }

  heard(info: NodeInfo, now: number): Peer {
    let peer = this.#peers.get(info.id);
    if (peer === undefined) {
      peer = {
        info,
        committed: 0,
        retained: 1,
        movedAt: now,
        behindSince: undefined,
        nudgedAt: 0,
        nudgeMs: 0,
        seen: undefined,
      };
      this.#peers.set(info.id, peer);
      if (this.#peers.size > peersMax) this.#forgetStranger();
    }
    peer.info = info;
    return peer;
  }

  /** Anybody on the bus can invent ids, so the oldest stranger makes room for a new one (H81). */
  #forgetStranger(): void {
    for (const id of this.#peers.keys()) {
      if (this.#isMember(id)) continue;
      this.#peers.delete(id);
      return;
    }
  }

  /** A node says how far it is, with its vote or without. One that lost what it knew is behind again. */
  moved(info: NodeInfo, committed: RoundNum, vote: SeenVote | undefined, now: number): Peer {
    const peer = this.heard(info, now);
    if (
      vote !== undefined &&
      (peer.seen?.incarnation !== vote.incarnation || compareCoordNums(vote.number, peer.seen.number) > 0)
    )
      peer.seen = { incarnation: vote.incarnation, number: vote.number };
    if (committed > peer.committed) peer.movedAt = now;
    peer.committed = committed;
    return peer;
  }
}
