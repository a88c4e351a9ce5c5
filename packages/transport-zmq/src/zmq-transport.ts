/// <reference lib="esnext.disposable" preserve="true" />
import {
  InvalidError,
  type NodeId,
  type NodeInfo,
  type Transport,
  TransportError,
  type TransportTrouble,
} from '@paxakos/core/contracts';
import type { Pull, Push, SocketOptions } from 'zeromq';
import { batchBytesMax, batchFramesMax } from './batch.ts';
import { checkIpcFree, Inbox } from './inbox.ts';
import { type Settings, settle, type ZmqTransportOptions } from './options.ts';
import { PeerLink } from './peer-link.ts';
import { allEnded } from './read-events.ts';
import { TroubleReporter } from './trouble-reporter.ts';
import { enterZap, leaveZap, zmqContext } from './zmq-context.ts';

/** A transport over ZeroMQ. */
export interface ZmqTransport extends Transport, AsyncDisposable {
  /** Where it listens, with the real port in place of `*`; undefined unless open. */
  readonly endpoint: string | undefined;
}

/**
 * Makes a transport over ZeroMQ, TCP or IPC, that needs no server: each node listens, and connects to each peer.
 *
 * `send` leaves at once where the way is free; what comes while it isn't waits, bounded per peer, and leaves as one message.
 * Throws an `InvalidError` that names the option; `open` rejects with a `TransportError` that names the endpoint.
 */
export function zmqTransport(options: ZmqTransportOptions = {}): ZmqTransport {
  return new Zmq(settle(options));
}

/** What fits its field, in ms. */
const heartbeatTimeToLiveMax = 6_553_599;

class Zmq implements ZmqTransport {
  readonly frameBytesMax: number;
  readonly #settings: Settings;
  readonly #trouble = new TroubleReporter();
  readonly #links = new Map<NodeId, PeerLink>();
  #self: NodeId | undefined;
  #inbox: Inbox | undefined;
  #domain: string | undefined;
  #sweeper: NodeJS.Timeout | undefined;
  #opening: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.frameBytesMax = settings.frameBytesMax;
  }

  get endpoint(): string | undefined {
    return this.#inbox?.endpoint;
  }

  onTrouble(listener: (trouble: TransportTrouble) => void): void {
    this.#trouble.listener = listener;
  }

  open(self: NodeInfo, deliver: (frame: Uint8Array) => void): Promise<void> {
    if (this.#opening !== undefined || this.#closing !== undefined) {
      return Promise.reject(new TransportError('this transport was opened or closed before: make a new one'));
    }
    this.#opening = this.#open(self, deliver).catch(async (error: unknown) => {
      await this.#leaveZap();
      throw error;
    });
    return this.#opening;
  }

  send(receivers: readonly NodeInfo[], frame: Uint8Array): void {
    if (this.#inbox === undefined) return;
    for (const receiver of receivers) this.#sendTo(receiver, frame);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #open(self: NodeInfo, deliver: (frame: Uint8Array) => void): Promise<void> {
    const { addressOf, bind = addressOf(self) ?? self.address, curve, frameBytesMax, peerIdleMs } = this.#settings;
    if (bind === undefined) throw new InvalidError('bind', bind, `give it, or give node "${self.id}" an address`);
    await checkIpcFree(bind);
    const options: SocketOptions<Pull> = {
      ...this.#common(bind),
      // A part holds one frame, several frames, or their lengths; encryption adds 33 bytes.
      maxMessageSize: Math.max(frameBytesMax, batchBytesMax, 4 * batchFramesMax) + 64,
    };
    if (curve !== undefined) {
      this.#domain = await enterZap((key) => Object.values(curve.peers).includes(key));
      const { secretKey: curveSecretKey } = curve;
      Object.assign(options, { curveServer: true, curveSecretKey, zapDomain: this.#domain, zapEnforceDomain: true });
    }
    if (this.#closing !== undefined) throw new TransportError('the transport was closed while it opened');
    const inbox = new Inbox(bind, options, this.#trouble);
    this.#self = self.id;
    this.#inbox = inbox;
    this.#sweeper = setInterval(() => this.#sweep(), peerIdleMs).unref();
    void inbox.receiveAll(deliver);
  }

  async #close(): Promise<void> {
    const ended = [...this.#links.values()].map((link) => link.close());
    if (this.#inbox !== undefined) ended.push(this.#inbox.close());
    this.#links.clear();
    this.#inbox = undefined;
    clearInterval(this.#sweeper);
    this.#trouble.close();
    await this.#opening?.catch(() => {});
    await allEnded(ended);
    await this.#leaveZap();
  }

  async #leaveZap(): Promise<void> {
    const domain = this.#domain;
    this.#domain = undefined;
    if (domain !== undefined) await leaveZap(domain);
  }

  #sendTo(receiver: NodeInfo, frame: Uint8Array): void {
    const { id } = receiver;
    if (id === this.#self) return;
    if (frame.byteLength > this.frameBytesMax) {
      this.#trouble.dropped(id, 1, `a frame of ${frame.byteLength} bytes is larger than frameBytesMax`);
      return;
    }
    const endpoint = this.#addressOf(receiver);
    const known = this.#links.get(id);
    if (endpoint === undefined) this.#trouble.dropped(id, 1, 'the peer has no address');
    else if (known?.endpoint === endpoint) known.send(frame);
    else this.#link(id, endpoint, known).send(frame);
  }

  #addressOf(receiver: NodeInfo): string | undefined {
    try {
      return this.#settings.addressOf(receiver);
    } catch {
      return undefined;
    }
  }

  #link(id: NodeId, endpoint: string, outdated: PeerLink | undefined): PeerLink {
    if (outdated !== undefined) this.#unlink(id, outdated);
    else if (this.#links.size >= this.#settings.peersMax) this.#dropOne();
    const link = new PeerLink(id, endpoint, () => this.#linkOptions(id, endpoint), this.#settings, this.#trouble);
    this.#links.set(id, link);
    return link;
  }

  #linkOptions(id: NodeId, endpoint: string): SocketOptions<Push> {
    const { curve, reconnectMs, reconnectMsMax, heartbeatMs, heartbeatMsMax } = this.#settings;
    const options: SocketOptions<Push> = {
      ...this.#common(endpoint),
      reconnectInterval: reconnectMs,
      reconnectMaxInterval: Math.max(reconnectMs, reconnectMsMax),
      connectTimeout: heartbeatMsMax,
      // Only this end probes, and tells the other for how long to wait: one that probes a lost connection of which it has not
      // read everything ends the process (libzmq issue 4364).
      heartbeatInterval: heartbeatMs,
      heartbeatTimeout: heartbeatMsMax,
      heartbeatTimeToLive: Math.min(heartbeatMsMax, heartbeatTimeToLiveMax),
    };
    if (curve === undefined) return options;
    const curveServerKey = Object.hasOwn(curve.peers, id) ? curve.peers[id] : undefined;
    if (curveServerKey === undefined) throw new TransportError(`curve.peers has no key of node "${id}"`);
    const { publicKey: curvePublicKey, secretKey: curveSecretKey } = curve;
    return { ...options, curveServerKey, curvePublicKey, curveSecretKey };
  }

  #common(endpoint: string) {
    const { heartbeatMsMax } = this.#settings;
    return {
      context: zmqContext(),
      linger: 0,
      ipv6: endpoint.includes('['),
      handshakeInterval: heartbeatMsMax,
    };
  }

  /** Drops the links that nobody used since the last time. */
  #sweep(): void {
    for (const [id, link] of this.#links) {
      if (link.used) link.used = false;
      else this.#unlink(id, link);
    }
  }

  #dropOne(): void {
    const links = [...this.#links];
    const [id, link] = links.find(([, { used }]) => !used) ?? links[0] ?? [];
    if (id !== undefined && link !== undefined) this.#unlink(id, link);
  }

  #unlink(id: NodeId, link: PeerLink): void {
    void link.close();
    this.#links.delete(id);
  }
}
