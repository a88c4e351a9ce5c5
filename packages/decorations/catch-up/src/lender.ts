import { type DecorationHost, InvalidError, isPaxakosError, type NodeId, type NodeInfo } from '@paxakos/core/contracts';
import { contentHash } from './content-hash.ts';
import { indexesMax, type Message, membersMax, type SnapshotName } from './message.ts';
import { sameName } from './same-name.ts';

/** How many snapshots are held, how many peers may wait for one, and how many chunks leave before other work has its turn. */
const heldMax = 2;
const borrowersMax = 32;
const chunksPerTurn = 4;

/** Says whether a snapshot may be given to peers; takes its time. */
export type Vet = (snapshot: { readonly round: number }) => boolean | Promise<boolean>;

/** What a lender is made of. */
export interface LenderParts {
  readonly host: DecorationHost;
  readonly chunkBytes: number;
  readonly snapshotBytesMax: number;
  readonly snapshotEveryMs: () => number;
  readonly holdMs: () => number;
  readonly send: (to: NodeInfo, message: Message) => void;
}

interface Held {
  readonly name: SnapshotName;
  readonly bytes: Uint8Array;
  readonly takenAt: number;
  usedAt: number;
}

interface Order {
  readonly peer: NodeInfo;
  readonly held: Held;
  readonly indexes: number[];
}

/** Gives snapshots to peers that need one: takes one for all of them, and sends chunks as they are asked for. */
export class Lender {
  readonly vets: Vet[] = [];
  readonly #parts: LenderParts;
  #held: Held[] = [];
  /** Who waits for the snapshot that is being made. */
  readonly #waiting = new Map<NodeId, { readonly peer: NodeInfo; readonly nonce: number }>();
  readonly #orders = new Map<NodeId, Order>();
  #isMaking = false;
  #madeAt = Number.NEGATIVE_INFINITY;
  #isSending = false;
  #cancelSending = (): void => {};
  #endTurn = (): void => {};
  #cancelExpiry: (() => void) | undefined;
  /** Counts the states that were given up: what is being made of one of them is not to be lent. */
  #era = 0;

  constructor(parts: LenderParts) {
    this.#parts = parts;
    parts.host.signal.addEventListener('abort', () => this.dropAll(), { once: true });
  }

  /** Lends nothing of a state that was given up. */
  dropAll(): void {
    this.#era += 1;
    this.#held = [];
    this.#orders.clear();
    this.#cancelSending();
    this.#isSending = false;
    this.#endTurn();
    this.#cancelExpiry?.();
    this.#cancelExpiry = undefined;
    for (const { peer, nonce } of this.#waiting.values()) this.#refuse(peer, nonce);
    this.#waiting.clear();
  }

  find(peer: NodeInfo, { nonce, atLeast }: Extract<Message, { type: 'find' }>): void {
    const { host, send } = this.#parts;
    if (this.#canLend(atLeast))
      send(peer, { type: 'have', nonce, round: host.node.round, held: this.#held.at(-1)?.name });
    else this.#refuse(peer, nonce);
  }

  open(peer: NodeInfo, { nonce, atLeast, resume }: Extract<Message, { type: 'open' }>): void {
    const { host, send } = this.#parts;
    if (!this.#canLend(atLeast)) return this.#refuse(peer, nonce);
    const held = this.#suitable(atLeast, resume);
    if (held !== undefined) return this.#opened(peer, nonce, held);
    // Whoever waits may be gone by now: so one is made also where there is no more room.
    if (this.#waiting.size >= borrowersMax && !this.#waiting.has(peer.id)) this.#refuse(peer, nonce);
    else {
      this.#waiting.set(peer.id, { peer, nonce });
      send(peer, { type: 'pending', nonce });
    }
    if (this.#isMaking || host.clock.now() < this.#madeAt + this.#parts.snapshotEveryMs()) return;
    void this.#make();
  }

  want(peer: NodeInfo, { name, indexes }: Extract<Message, { type: 'want' }>): void {
    const held = this.#held.find((other) => sameName(other.name, name));
    if (held === undefined) return this.#parts.send(peer, { type: 'gone', name });
    this.#use(held);
    if (this.#orders.size >= borrowersMax && !this.#orders.has(peer.id)) return;
    const before = this.#orders.get(peer.id);
    const ordered = before?.held === held ? before.indexes.filter((index) => !indexes.includes(index)) : [];
    this.#orders.set(peer.id, { peer, held, indexes: [...ordered, ...indexes].slice(0, indexesMax) });
    this.#startSending();
  }

  /** Only a node that is level with what it has heard lends. */
  #canLend(atLeast: number): boolean {
    const { node, signal } = this.#parts.host;
    const isLevel = node.status === 'following' || node.status === 'leading';
    return isLevel && node.round >= atLeast && !signal.aborted;
  }

  #suitable(atLeast: number, resume: SnapshotName | undefined): Held | undefined {
    const { host, snapshotEveryMs } = this.#parts;
    const started = this.#held.find(({ name }) => name.round >= atLeast && sameName(name, resume));
    if (started !== undefined) return started;
    const last = this.#held.at(-1);
    if (last === undefined || last.name.round < atLeast) return undefined;
    const isFresh = last.name.round >= host.node.round || host.clock.now() < last.takenAt + snapshotEveryMs();
    return isFresh ? last : undefined;
  }

  #opened(peer: NodeInfo, nonce: number, held: Held): void {
    this.#use(held);
    this.#parts.send(peer, { type: 'opened', nonce, name: held.name, chunkBytes: this.#parts.chunkBytes });
  }

  #refuse(peer: NodeInfo, nonce: number): void {
    const members = this.#parts.host.node.cluster.slice(0, membersMax);
    this.#parts.send(peer, { type: 'none', nonce, members });
  }

  async #make(): Promise<void> {
    const { host } = this.#parts;
    this.#isMaking = true;
    this.#madeAt = host.clock.now();
    const era = this.#era;
    const held = await this.#taken(() => era === this.#era && !host.signal.aborted).catch((error: unknown) => {
      // That the state is behind the log just now, or that the node stops, is nobody's fault.
      const isFault = !isPaxakosError(error) || error.cause !== undefined || isPaxakosError(error, 'PAXAKOS_INVALID');
      if (isFault && !host.signal.aborted) host.reportError('takeSnapshot', error);
      return undefined;
    });
    this.#isMaking = false;
    if (held !== undefined && era === this.#era) {
      this.#held = [...this.#held, held].slice(-heldMax);
      this.#expire();
    }
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { peer, nonce } of waiting)
      if (held === undefined || era !== this.#era) this.#refuse(peer, nonce);
      else this.#opened(peer, nonce, held);
  }

  /** A snapshot that has been taken now, and that nobody objects to. */
  async #taken(goesOn: () => boolean): Promise<Held | undefined> {
    const { host, snapshotBytesMax } = this.#parts;
    const takenAt = host.clock.now();
    const { round, bytes } = await host.node.takeSnapshot();
    if (bytes.length > snapshotBytesMax)
      throw new InvalidError(
        'snapshotBytesMax',
        snapshotBytesMax,
        `a snapshot takes ${bytes.length} bytes: raise it on all nodes`,
      );
    const hash = await contentHash(bytes, () => this.#turn().then(goesOn));
    for (const vet of this.vets) if (!goesOn() || !(await vet({ round }))) return undefined;
    if (hash === undefined || !goesOn()) return undefined;
    return { name: { round, length: bytes.length, ...hash }, bytes, takenAt, usedAt: host.clock.now() };
  }

  /** Lets other work go first. */
  #turn(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#parts.host.clock.after(0, resolve);
      this.#endTurn = () => {
        cancel();
        resolve();
      };
    });
  }

  #use(held: Held): void {
    held.usedAt = this.#parts.host.clock.now();
  }

  /** Forgets what nobody has asked for for a while, so that an idle node holds no snapshot. */
  #expire(): void {
    const { host, holdMs } = this.#parts;
    this.#cancelExpiry?.();
    this.#cancelExpiry = undefined;
    const oldest = Math.min(...this.#held.map(({ usedAt }) => usedAt));
    if (this.#held.length === 0) return;
    this.#cancelExpiry = host.clock.after(Math.max(1, oldest + holdMs() - host.clock.now()), () => {
      const now = host.clock.now();
      this.#held = this.#held.filter(({ usedAt }) => now < usedAt + holdMs());
      this.#expire();
    });
  }

  #startSending(): void {
    if (this.#isSending) return;
    this.#isSending = true;
    this.#sendSome();
  }

  /** A few chunks, to each peer in its turn; then other work first. */
  #sendSome(): void {
    const { host, chunkBytes, send } = this.#parts;
    for (let left = chunksPerTurn; left > 0 && this.#orders.size > 0; left -= 1) {
      const [[id, order]] = this.#orders as unknown as [[NodeId, Order]];
      const index = order.indexes.shift();
      this.#orders.delete(id);
      if (order.indexes.length > 0) this.#orders.set(id, order);
      if (index === undefined || index * chunkBytes >= order.held.bytes.length) continue;
      const bytes = order.held.bytes.subarray(index * chunkBytes, (index + 1) * chunkBytes);
      send(order.peer, { type: 'chunk', name: order.held.name, index, bytes });
    }
    // Also where nothing is left just now: a peer that asks again at once must not keep this node from its other work.
    this.#cancelSending = host.clock.after(0, () => {
      this.#isSending = false;
      if (this.#orders.size > 0) this.#startSending();
    });
  }
}
