import type { KeyObject } from 'node:crypto';
import type { NodeId, NodeInfo } from '@paxakos/core/contracts';
import { Peer, type PeerSession } from './peer.ts';
import { ReplayWindow } from './replay-window.ts';

const peersMax = 256;

/** The peers, found by id and by session. Bounded: the one that was used longest ago makes room. */
export class PeerTable {
  readonly #peers = new Map<NodeId, Peer>();
  readonly #sessions = new Map<string, PeerSession>();
  readonly #onForget: (peer: Peer) => void;

  constructor(onForget: (peer: Peer) => void) {
    this.#onForget = onForget;
  }

  /** The peer of this id, which is made where there is none. */
  of(info: NodeInfo, now: number): Peer {
    let peer = this.#peers.get(info.id);
    if (peer === undefined) {
      if (this.#peers.size >= peersMax) this.#forgetOne();
      peer = new Peer(info, now);
      this.#peers.set(info.id, peer);
    }
    peer.usedAt = now;
    return peer;
  }

  session(name: string): PeerSession | undefined {
    return this.#sessions.get(name);
  }

  /** Notes a session that a peer has yet to prove. */
  noteCandidate(peer: Peer, name: string, key: KeyObject): PeerSession {
    this.#forgetSession(peer.candidate);
    const session: PeerSession = { name, key, peer };
    peer.candidate = session;
    this.#sessions.set(name, session);
    return session;
  }

  /** Takes a proven session in place of the former one. Nothing counts that was sealed before the proof, number `floor`. */
  adopt(session: PeerSession, floor: number): void {
    const { peer } = session;
    this.#forgetSession(peer.live);
    session.window = new ReplayWindow(floor);
    peer.live = session;
    peer.candidate = undefined;
  }

  /** Nobody has our new session yet. */
  unreadyAll(): void {
    for (const peer of this.#peers.values()) {
      peer.isReady = false;
      peer.greetedAt = Number.NEGATIVE_INFINITY;
    }
  }

  clear(): void {
    this.#peers.clear();
    this.#sessions.clear();
  }

  #forgetOne(): void {
    let oldest: Peer | undefined;
    for (const peer of this.#peers.values()) if (oldest === undefined || peer.usedAt < oldest.usedAt) oldest = peer;
    if (oldest === undefined) return;
    this.#forgetSession(oldest.live);
    this.#forgetSession(oldest.candidate);
    this.#peers.delete(oldest.id);
    this.#onForget(oldest);
  }

  #forgetSession(session: PeerSession | undefined): void {
    if (session !== undefined) this.#sessions.delete(session.name);
  }
}
