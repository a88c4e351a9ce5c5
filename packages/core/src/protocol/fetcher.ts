import type {
  EntriesMessage,
  FetchMessage,
  Message,
  NodeId,
  NodeInfo,
  ProgressMessage,
  RoundNum,
} from '../contracts/index.ts';
import type { Kernel } from './kernel.ts';
import type { Peer } from './peers.ts';

/** How many rounds are asked for at once. */
const roundsPerFetch = 16_384;

/** The node remembers this many peers that did not answer. */
const skippedMax = 256;

/** Gets committed entries that this node lacks from nodes that have them, one request at a time, and gives them to others. */
export class Fetcher {
  readonly #kernel: Kernel;
  readonly #stored: () => RoundNum;
  #asked: { readonly peer: NodeId; readonly from: RoundNum; readonly until: number } | undefined;
  #skipped = new Set<NodeId>();
  #stranded: RoundNum | undefined;
  /** The greatest round that a commit named and that is lacking. */
  #wanted: RoundNum = 0;
  /** The gap that was last asked about because of a commit beyond it, and when. */
  #gap: RoundNum = 0;
  #gapAskedAt = 0;

  /** `stored`: the first round that the storage can give. */
  constructor(kernel: Kernel, stored: () => RoundNum) {
    this.#kernel = kernel;
    this.#stored = stored;
  }

  get #retained(): RoundNum {
    return Math.min(this.#stored(), this.#kernel.learner.atHandFrom);
  }

  /** Whether some node is known to have committed entries that this one lacks. */
  get behind(): boolean {
    const { learner } = this.#kernel;
    const { missing } = learner;
    if (this.#wanted >= missing) return true;
    for (const peer of this.#kernel.peers.all()) if (peer.committed >= missing) return true;
    return false;
  }

  /**
   * A peer names a round as committed whose entry is not here: this node asks that peer. Beyond the window that is no proof that the
   * round is committed, so the node does not count as lagging for it (H78).
   */
  missing(sender: NodeInfo, round: RoundNum): void {
    if (round <= this.#kernel.window.reach) this.#wanted = Math.max(this.#wanted, round);
    const peer = this.#kernel.peers.heard(sender, this.#kernel.now);
    peer.committed = Math.max(peer.committed, round);
  }

  /** A commit left a gap below it: its sender may know what stands there, and says so if it does not (H57). */
  gap(sender: NodeInfo): void {
    const { learner, now, peers, settings } = this.#kernel;
    const { missing } = learner;
    if (this.#gap === missing && now < this.#gapAskedAt + settings.tuning.retransmitMs) return;
    this.#gap = missing;
    this.#gapAskedAt = now;
    const peer = peers.heard(sender, now);
    peer.committed = Math.max(peer.committed, missing);
  }

  /** Asks for what is lacking, if anything is, and nothing has been asked. */
  pump(): void {
    const { learner, outbox, now, settings } = this.#kernel;
    if (learner.disoriented || this.#kernel.founding === undefined) return;
    const { missing } = learner;
    if (this.#asked !== undefined) {
      if (now < this.#asked.until) {
        outbox.wakeAt(this.#asked.until);
        return;
      }
      if (this.#skipped.size >= skippedMax) this.#skipped.clear();
      this.#skipped.add(this.#asked.peer);
      this.#asked = undefined;
    }
    const peer = this.#source(missing);
    if (peer === undefined) return;
    const until = now + settings.tuning.retransmitMs * 4;
    const to = Math.min(peer.committed, missing + roundsPerFetch - 1);
    this.#asked = { peer: peer.info.id, from: missing, until };
    outbox.send([peer.info], { type: 'fetch', from: missing, to });
    outbox.wakeAt(until);
  }

  /** Returns the peer to ask: a member that has the round, then a stranger, and those that did not answer last. */
  #source(round: RoundNum): Peer | undefined {
    let second: Peer | undefined;
    let stranger: Peer | undefined;
    let retained = Number.POSITIVE_INFINITY;
    for (const peer of this.#kernel.peers.all()) {
      if (peer.committed < round) continue;
      retained = Math.min(retained, peer.retained);
      if (peer.retained > round) continue;
      if (this.#skipped.has(peer.info.id)) second ??= peer;
      else if (this.#kernel.knows(peer.info.id)) return peer;
      else stranger ??= peer;
    }
    if (stranger !== undefined) return stranger;
    if (second !== undefined) this.#skipped.clear();
    else if (retained !== Number.POSITIVE_INFINITY && this.#stranded !== round) {
      this.#stranded = round;
      this.#kernel.outbox.emit({ type: 'stranded', round, retained });
    }
    return second;
  }

  /** Returns whether a message answers this node's own request. Fetched entries may raise the counter by any amount. */
  isAnswer(sender: NodeInfo, message: Message): boolean {
    return message.type === 'entries' && this.#asked?.peer === sender.id;
  }

  /** Entries came in. Only those that were asked for make room for the next request: a repeated answer changes nothing (P11). */
  answered(sender: NodeInfo, { committed, entries }: EntriesMessage): void {
    const peer = this.#kernel.peers.heard(sender, this.#kernel.now);
    peer.committed = Math.max(peer.committed, committed);
    const asked = this.#asked;
    if (asked?.peer !== sender.id || !entries.some(({ round }) => round === asked.from)) return;
    this.#asked = undefined;
    this.#skipped.delete(sender.id);
  }

  progress(sender: NodeInfo, { committed, retained, reply, seen }: ProgressMessage): void {
    if (seen !== undefined) this.#kernel.checkVote(seen);
    const peer = this.#kernel.peers.moved(sender, committed, undefined, this.#kernel.now);
    peer.retained = retained;
    if (reply) this.tell([sender], false);
    if (this.#asked?.peer === sender.id && retained > this.#asked.from) this.#asked = undefined;
  }

  /** Says how far this node is. */
  tell(to: readonly NodeInfo[], reply: boolean): void {
    const { outbox, learner, peers } = this.#kernel;
    const progress = { type: 'progress', committed: learner.committed, retained: this.#retained, reply } as const;
    // Whoever asks may have come back, from a storage that was put back to what it held before it voted.
    const [only] = to;
    const seen = to.length === 1 && only !== undefined ? peers.get(only.id)?.seen : undefined;
    outbox.send(to, seen === undefined ? progress : { ...progress, seen });
  }

  /** Gives what another node lacks, from memory or from the storage. */
  fetch(sender: NodeInfo, { from, to }: FetchMessage): void {
    const { learner, outbox, settings } = this.#kernel;
    const last = Math.min(to, learner.committed);
    if (from > last) return this.tell([sender], false);
    const entries = learner.slice(from, last, settings.tuning.messageEntryBytesMax);
    if (entries.length > 0) outbox.send([sender], { type: 'entries', entries, committed: learner.committed });
    else if (from >= this.#stored()) outbox.serve(sender, from, last, learner.committed);
    else this.tell([sender], false);
  }
}
