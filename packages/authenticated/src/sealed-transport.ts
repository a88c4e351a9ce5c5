// Who may do what: the bus, and whoever reaches it, may read, drop, delay, reorder, repeat, alter and make up frames. Who has
// the cluster key is trusted. What is delivered was sealed by a holder of the key, in the cluster of this name, for this node,
// by a process that ran a moment before its first frame counted; and once at most. Why:
//
// - Each process seals with a key of its own, derived from the cluster key, the cluster's name and a random session. Its
//   counter is the nonce, for greetings and data alike, and ends with the session: no nonce recurs under a key. Key id, kind,
//   session, counter and receivers are authenticated with the content.
// - A recorded session must not count, not even for a node that has restarted and remembers nothing. Hence a greeting asks the
//   peer to send back a random challenge. The answer is sealed in the peer's session and names both nodes, so it cannot be of
//   a former life, of another node, or one's own, reflected. A challenge counts once and for 10 s: an answer that was
//   withheld cannot bring back a session that was replaced.
// - The answer's own counter is the floor of the window: what the session sealed before is refused, since a former life of the
//   receiver may have had it. For this reason frames that wait for a peer are sealed when they leave.
//
// No timer greets. A send does, where the peer is not known to run and to take our frames, and so does what arrives.
import type { KeyObject } from 'node:crypto';
import { type NodeInfo, type Transport, TransportError, type TransportTrouble } from '@paxakos/core/contracts';
import type { AuthenticatedTransport, RejectedFrames } from './authenticated.ts';
import { ClusterKey } from './cluster-key.ts';
import { challengeBytes, decodeGreeting, encodeGreeting, type Greeting } from './greeting.ts';
import { OwnSession } from './own-session.ts';
import type { Peer, PeerSession } from './peer.ts';
import { PeerTable } from './peer-table.ts';
import { overheadBytes, receiversMax, receiverTag, SealedFrame } from './sealed-frame.ts';
import { TroubleReporter } from './trouble-reporter.ts';

/** How soon a greeting is repeated. */
const greetMs = 100;
/** How long a peer may be silent before it is asked whether it still runs. */
const silentMs = 500;

const rejections = {
  forged: 'forged: a frame was altered, or made without the key',
  replayed: 'replayed: a frame came twice, or far too late',
  foreign: 'foreign: a frame is for another cluster or node, or sealed with a key that is not in keys',
  unverified: 'unverified: the sender of a frame has not proven that it runs',
};

/** What the platform gives, and how many frames a session may have. */
export interface Surroundings {
  readonly random: (length: number) => Uint8Array;
  readonly now: () => number;
  readonly sessionFramesMax: number;
}

export class SealedTransport implements AuthenticatedTransport {
  readonly #inner: Transport;
  readonly #surroundings: Surroundings;
  readonly #trouble = new TroubleReporter();
  readonly #rejected = { forged: 0, replayed: 0, foreign: 0, unverified: 0 };
  readonly #peers = new PeerTable((peer) => this.#gone(peer, peer.heldFrames));
  readonly #clusterKeys = new Map<number, ClusterKey>();
  #keys: readonly KeyObject[];
  #self: NodeInfo | undefined;
  #tag: Uint8Array = new Uint8Array();
  #sealing: ClusterKey | undefined;
  #own: OwnSession | undefined;
  #deliver: ((frame: Uint8Array) => void) | undefined;
  #isOpen = false;
  #closing: Promise<void> | undefined;

  constructor(inner: Transport, keys: readonly KeyObject[], surroundings: Surroundings) {
    this.#inner = inner;
    this.#keys = keys;
    this.#surroundings = surroundings;
    inner.onTrouble?.((trouble) => this.#trouble.report(trouble));
  }

  get frameBytesMax(): number {
    return Math.max(0, this.#inner.frameBytesMax - overheadBytes);
  }

  get rejected(): RejectedFrames {
    return { ...this.#rejected };
  }

  onTrouble(listener: (trouble: TransportTrouble) => void): void {
    this.#trouble.listener = listener;
  }

  async open(self: NodeInfo, deliver: (frame: Uint8Array) => void, cluster: string): Promise<void> {
    if (this.#self !== undefined || this.#closing !== undefined) {
      throw new TransportError('this transport was opened or closed before: make a new one');
    }
    this.#self = self;
    this.#tag = receiverTag(self.id);
    for (const key of this.#keys) {
      const clusterKey = new ClusterKey(key, cluster);
      this.#sealing ??= clusterKey;
      this.#clusterKeys.set(clusterKey.id, clusterKey);
    }
    this.#deliver = deliver;
    await this.#inner.open(self, (frame) => this.#receive(frame), cluster);
    if (this.#closing !== undefined) throw new TransportError('the transport was closed while it opened');
    this.#isOpen = true;
  }

  send(receivers: readonly NodeInfo[], frame: Uint8Array): void {
    if (!this.#isOpen) return;
    const now = this.#surroundings.now();
    this.#session();
    const isTooLong = frame.byteLength > this.frameBytesMax;
    const ready: Peer[] = [];
    for (const receiver of receivers) {
      if (receiver.id === this.#self?.id) continue;
      if (isTooLong) {
        this.#trouble.dropped(receiver.id, 1, `a frame of ${frame.byteLength} bytes is larger than frameBytesMax`);
        continue;
      }
      const peer = this.#peers.of(receiver, now);
      peer.info = receiver;
      this.#greetIfDue(peer, now);
      if (peer.isReady) ready.push(peer);
      else this.#hold(peer, frame, now);
    }
    for (let from = 0; from < ready.length; from += receiversMax) {
      const some = ready.slice(from, from + receiversMax);
      const tags = some.map(({ tag }) => tag);
      const infos = some.map(({ info }) => info);
      this.#inner.send(infos, this.#session().seal(frame, tags));
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#isOpen = false;
    this.#deliver = undefined;
    this.#keys = [];
    this.#clusterKeys.clear();
    this.#sealing = undefined;
    this.#own = undefined;
    this.#peers.clear();
    await this.#inner.close();
    this.#trouble.close();
  }

  /** The session to seal with, anew where the former one is spent. */
  #session(): OwnSession {
    if (this.#own === undefined || this.#own.isSpent) {
      const { random, sessionFramesMax } = this.#surroundings;
      this.#own = new OwnSession(this.#sealing as ClusterKey, random, sessionFramesMax);
      this.#peers.unreadyAll();
    }
    return this.#own;
  }

  #hold(peer: Peer, frame: Uint8Array, now: number): void {
    this.#gone(peer, peer.hold(frame, now));
  }

  #gone(peer: Peer, count: number): void {
    if (count > 0) this.#trouble.dropped(peer.id, count, 'the peer has not answered in time');
  }

  #greetIfDue(peer: Peer, now: number): void {
    const isMet = peer.isReady && peer.live !== undefined;
    const waitMs = isMet ? silentMs : greetMs;
    if (now - peer.greetedAt >= waitMs && (!isMet || now - peer.heardAt >= silentMs)) {
      this.#greet(peer, now, { isAsking: true });
    }
  }

  #greet(peer: Peer, now: number, { isAsking, answer, to = peer.info }: GreetingParts): void {
    const ask = isAsking ? { ask: peer.challenge(now, () => this.#surroundings.random(challengeBytes)) } : {};
    if (isAsking) peer.greetedAt = now;
    const from = this.#self as NodeInfo;
    const greeting = encodeGreeting({ from, to: peer.id, ...ask, ...(answer === undefined ? {} : { answer }) });
    this.#inner.send([to], this.#session().seal(greeting));
  }

  #receive(bytes: Uint8Array): void {
    if (this.#deliver === undefined) return;
    const frame = SealedFrame.read(bytes);
    if (frame === undefined) return this.#reject('forged');
    const clusterKey = this.#clusterKeys.get(frame.keyId);
    if (clusterKey === undefined) return this.#reject('foreign');
    const session = this.#peers.session(frame.sessionName);
    const key = session?.key ?? clusterKey.ofSession(frame.session);
    const content = frame.open(key);
    if (content === undefined) return this.#reject('forged');
    if (frame.isGreeting) this.#takeGreeting(frame, content, key, session);
    else this.#takeData(frame, content, session);
  }

  #takeData(frame: SealedFrame, content: Uint8Array, session: PeerSession | undefined): void {
    if (!frame.names(this.#tag)) return this.#reject('foreign');
    const now = this.#surroundings.now();
    if (session?.window === undefined) {
      this.#reject('unverified');
      // Its answer was lost.
      if (session !== undefined && now - session.peer.greetedAt >= greetMs) {
        this.#greet(session.peer, now, { isAsking: true });
      }
      return;
    }
    if (!session.window.take(frame.counter)) return this.#reject('replayed');
    session.peer.heardAt = now;
    session.peer.usedAt = now;
    this.#deliver?.(content);
  }

  #takeGreeting(frame: SealedFrame, content: Uint8Array, key: KeyObject, known: PeerSession | undefined): void {
    const greeting = decodeGreeting(content);
    if (greeting === undefined) return this.#reject('forged');
    if (greeting.to !== this.#self?.id || greeting.from.id === greeting.to) return this.#reject('foreign');
    if (known?.window?.take(frame.counter) === false) return this.#reject('replayed');
    const now = this.#surroundings.now();
    const peer = this.#peers.of(greeting.from, now);
    const session = known ?? this.#peers.noteCandidate(peer, frame.sessionName, key);
    if (session.peer !== peer) return this.#reject('forged');
    const isProven = peer.isAnswered(greeting.answer, now);
    if (isProven && session.window === undefined) this.#peers.adopt(session, frame.counter);
    if (session.window !== undefined) peer.heardAt = now;
    this.#answer(peer, session, greeting, now);
    if (isProven && greeting.ask === undefined) this.#setReady(peer, now);
  }

  #answer(peer: Peer, session: PeerSession, { ask, from }: Greeting, now: number): void {
    if (ask === undefined) return;
    if (!peer.mayAnswer(now)) return;
    const to = peer.info.address === undefined ? from : peer.info;
    this.#greet(peer, now, { isAsking: session.window === undefined, answer: ask, to });
    this.#setReady(peer, now);
  }

  /** The peer has our session, or will have it before whatever follows. */
  #setReady(peer: Peer, now: number): void {
    peer.isReady = true;
    const { frames, gone } = peer.takeHeld(now);
    this.#gone(peer, gone);
    for (const frame of frames) this.#inner.send([peer.info], this.#session().seal(frame, [peer.tag]));
  }

  #reject(cause: keyof RejectedFrames): void {
    this.#rejected[cause] += 1;
    this.#trouble.dropped(undefined, 1, rejections[cause]);
  }
}

interface GreetingParts {
  readonly isAsking: boolean;
  readonly answer?: Uint8Array;
  readonly to?: NodeInfo;
}
