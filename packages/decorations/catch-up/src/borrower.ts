import {
  type DecorationHost,
  isPaxakosError,
  type NodeId,
  type NodeInfo,
  type RoundNum,
} from '@paxakos/core/contracts';
import type { Acquaintances } from './acquaintances.ts';
import { IncomingSnapshot } from './incoming-snapshot.ts';
import type { Mailbox } from './mailbox.ts';
import type { Message, SnapshotName } from './message.ts';
import { sameName } from './same-name.ts';

/** How many answers in a row a peer may owe, or say that it is not ready, before another one is asked. */
const silencesMax = 4;
const pendingMax = 30;

/** How far a snapshot has come. */
export interface CatchUpProgress {
  /** Who gives it. */
  readonly peer: NodeId;
  /** After which round it stands. */
  readonly round: RoundNum;
  readonly bytesReceived: number;
  readonly bytesTotal: number;
}

/** What a borrower is made of. */
export interface BorrowerParts {
  readonly host: DecorationHost;
  readonly mailbox: Mailbox;
  readonly acquaintances: Acquaintances;
  readonly snapshotBytesMax: number;
  readonly chunksInFlightMax: number;
  readonly answerMs: () => number;
  /** The round after which a snapshot must stand to be of use; `undefined` where none is needed any more. */
  readonly needed: () => RoundNum | undefined;
  readonly send: (to: readonly NodeInfo[], message: Message) => void;
  readonly onProgress: (progress: CatchUpProgress | undefined) => void;
}

interface Offer {
  readonly peer: NodeInfo;
  readonly round: RoundNum;
  readonly held: SnapshotName | undefined;
}

/** Gets a snapshot from a peer, chunk by chunk, and installs it. */
export class Borrower {
  readonly #parts: BorrowerParts;
  #incoming: IncomingSnapshot | undefined;
  /** Whose snapshot turned out to be no good; they are asked again when nobody else is left. */
  readonly #blamed = new Set<NodeId>();
  #nonce = 0;

  constructor(parts: BorrowerParts) {
    this.#parts = parts;
    this.#nonce = Math.floor(parts.host.random() * 0x40000000);
  }

  /** Keeps nothing of a snapshot that is here in part. */
  forget(): void {
    this.#incoming = undefined;
    this.#blamed.clear();
    this.#parts.onProgress(undefined);
  }

  /** Asks around once, and takes what it can get. Gives whether a snapshot was installed. */
  async attempt(): Promise<boolean> {
    const offers = await this.#offers();
    for (const offer of offers.slice(0, 3)) {
      const atLeast = this.#parts.needed();
      if (atLeast === undefined) return false;
      this.#parts.mailbox.clear();
      if (!(await this.#open(offer.peer, atLeast))) continue;
      if (!(await this.#fetch(offer.peer))) continue;
      if (await this.#install(offer.peer)) return true;
    }
    return false;
  }

  /** Who can give one, the best first: who holds what is here in part, then whoever has got furthest. */
  async #offers(): Promise<readonly Offer[]> {
    const { acquaintances, answerMs, host, mailbox, needed, send } = this.#parts;
    const atLeast = needed();
    if (atLeast === undefined) return [];
    const nonce = this.#nextNonce();
    const asked = acquaintances.all();
    const answered = new Set<NodeId>();
    const offers: Offer[] = [];
    mailbox.clear();
    send(asked, { type: 'find', nonce, atLeast });
    const waitMs = answerMs();
    let until = host.clock.now() + waitMs;
    while (asked.some(({ id }) => !answered.has(id)) && needed() !== undefined) {
      const leftMs = until - host.clock.now();
      if (leftMs <= 0 || host.signal.aborted) break;
      const mail = await mailbox.next(leftMs);
      if (mail === undefined) continue;
      const { message, sender } = mail;
      if (!('nonce' in message) || message.nonce !== nonce || answered.has(sender.id)) continue;
      answered.add(sender.id);
      if (message.type === 'none') for (const member of message.members) acquaintances.meet(member);
      if (message.type !== 'have' || message.round < atLeast) continue;
      offers.push({ peer: sender, round: message.round, held: message.held });
      // Those that are there answer soon; the others are not worth much of a wait.
      until = Math.min(until, host.clock.now() + waitMs / 5);
    }
    return this.#ranked(offers);
  }

  #ranked(offers: readonly Offer[]): readonly Offer[] {
    const fit = offers.filter(({ peer }) => !this.#blamed.has(peer.id));
    if (fit.length === 0) this.#blamed.clear();
    const name = this.#incoming?.name;
    return (fit.length > 0 ? fit : offers)
      .map((offer) => ({ ...offer, has: sameName(offer.held, name), lot: this.#parts.host.random() }))
      .sort((a, b) => Number(b.has) - Number(a.has) || b.round - a.round || a.lot - b.lot);
  }

  /** Has a peer make a snapshot ready. */
  async #open(peer: NodeInfo, atLeast: RoundNum): Promise<boolean> {
    const { answerMs, mailbox, needed, send } = this.#parts;
    const nonce = this.#nextNonce();
    let silences = 0;
    for (let pending = 0; pending < pendingMax && silences < silencesMax; ) {
      send([peer], { type: 'open', nonce, atLeast, resume: this.#incoming?.name });
      const answer = await this.#answer(peer, (message) => 'nonce' in message && message.nonce === nonce, answerMs());
      if (needed() === undefined || this.#parts.host.signal.aborted) return false;
      if (answer === undefined) silences += 1;
      else if (answer.type === 'opened') return this.#take(peer, answer.name, answer.chunkBytes, atLeast);
      else if (answer.type !== 'pending') return false;
      else {
        // What is made ready is said unasked, too.
        silences = 0;
        pending += 1;
        const later = await this.#answer(peer, ({ type }) => type === 'opened' || type === 'none', answerMs());
        if (later?.type === 'opened') return this.#take(peer, later.name, later.chunkBytes, atLeast);
        if (later?.type === 'none') return false;
      }
      mailbox.clear();
    }
    return false;
  }

  /** Checks what is offered, and makes room for it, unless a part of it is here. */
  #take(peer: NodeInfo, name: SnapshotName, chunkBytes: number, atLeast: RoundNum): boolean {
    const { host, snapshotBytesMax } = this.#parts;
    const { length } = name;
    if (name.round < atLeast || length === 0 || chunkBytes < 1_024 || chunkBytes > 1_024 ** 2 * 16) return false;
    if (sameName(this.#incoming?.name, name) && this.#incoming?.chunkBytes === chunkBytes) return true;
    this.#incoming = undefined;
    try {
      if (length > snapshotBytesMax)
        throw new RangeError(`${length} bytes are more than snapshotBytesMax: raise it on all nodes`);
      this.#incoming = new IncomingSnapshot(name, chunkBytes);
    } catch (error) {
      this.#blamed.add(peer.id);
      host.reportError(`snapshot of ${peer.id}`, error);
    }
    return this.#incoming !== undefined;
  }

  /** The node may come forward by itself meanwhile. */
  #isOfUse({ round }: SnapshotName): boolean {
    const { host, needed } = this.#parts;
    return needed() !== undefined && (host.node.status === 'disoriented' || round > host.node.round);
  }

  /** Gets the chunks that are lacking. What has come stays, also where the rest does not come. */
  async #fetch(peer: NodeInfo): Promise<boolean> {
    const { answerMs, chunksInFlightMax, host, onProgress, send } = this.#parts;
    const incoming = this.#incoming;
    if (incoming === undefined) return false;
    const { name } = incoming;
    const asked = new Set<number>();
    const isOurs = (message: Message): boolean =>
      (message.type === 'chunk' || message.type === 'gone') && sameName(message.name, name);
    const report = (): void =>
      onProgress({ peer: peer.id, round: name.round, bytesReceived: incoming.received, bytesTotal: name.length });
    report();
    for (let silences = 0; !incoming.isComplete && silences < silencesMax; ) {
      if (asked.size <= chunksInFlightMax / 2) {
        const indexes = incoming.missing(chunksInFlightMax - asked.size, asked);
        for (const index of indexes) asked.add(index);
        if (indexes.length > 0) send([peer], { type: 'want', name, indexes });
      }
      const answer = await this.#answer(peer, isOurs, answerMs());
      if (!this.#isOfUse(name) || host.signal.aborted || answer?.type === 'gone') return false;
      if (answer?.type !== 'chunk') {
        silences += 1;
        asked.clear();
      } else if (incoming.add(answer.index, answer.bytes)) {
        silences = 0;
        asked.delete(answer.index);
        report();
      }
    }
    return incoming.isComplete;
  }

  async #install(peer: NodeInfo): Promise<boolean> {
    const { host } = this.#parts;
    const incoming = this.#incoming;
    this.#incoming = undefined;
    if (incoming === undefined || !this.#isOfUse(incoming.name)) return false;
    try {
      await host.node.installSnapshot({ round: incoming.name.round, bytes: incoming.bytes });
      return true;
    } catch (error) {
      // Where it is of no use any more, nothing is wrong with it.
      if (host.signal.aborted || !this.#isOfUse(incoming.name) || !isPaxakosError(error, 'PAXAKOS_SNAPSHOT'))
        return false;
      this.#blamed.add(peer.id);
      host.reportError(`snapshot of ${peer.id}`, error);
      return false;
    }
  }

  /** The next message of a peer that is such, or `undefined` where none comes in time. */
  async #answer(
    peer: NodeInfo,
    isSuch: (message: Message) => boolean,
    timeoutMs: number,
  ): Promise<Message | undefined> {
    const { host, mailbox, needed } = this.#parts;
    const until = host.clock.now() + timeoutMs;
    for (;;) {
      const leftMs = until - host.clock.now();
      if (leftMs <= 0 || host.signal.aborted || needed() === undefined) return undefined;
      const mail = await mailbox.next(leftMs);
      if (mail !== undefined && mail.sender.id === peer.id && isSuch(mail.message)) return mail.message;
    }
  }

  #nextNonce(): number {
    this.#nonce = (this.#nonce + 1) >>> 0;
    return this.#nonce;
  }
}
