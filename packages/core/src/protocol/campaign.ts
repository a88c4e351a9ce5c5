import type {
  AbstentionMessage,
  IncarnationId,
  NodeId,
  NodeInfo,
  PromiseMessage,
  RoundNum,
} from '../contracts/index.ts';
import { nextCoordNum, sameCoordNum } from './coord-num.ts';
import type { Kernel } from './kernel.ts';
import { majorityOf } from './majority-of.ts';
import { Mandate } from './mandate.ts';
import type { Epoch } from './snapshot-image.ts';

/** Bids for leadership, and gets the promises that a mandate lacks where the cluster changes (rule P5). */
export class Campaign {
  readonly #kernel: Kernel;
  /** Called when the mandate holds for more rounds than before. */
  readonly #onProgress: (mandate: Mandate) => void;
  mandate: Mandate | undefined;
  #losses = 0;
  #notBefore = 0;

  constructor(kernel: Kernel, onProgress: (mandate: Mandate) => void) {
    this.#kernel = kernel;
    this.#onProgress = onProgress;
  }

  get leading(): boolean {
    return this.mandate?.established === true;
  }

  /** The earliest moment of the next bid, after lost ones. */
  get notBefore(): number {
    return this.#notBefore;
  }

  /** Whether this node is a member that may propose in rounds to come; `undefined` where the next round's cluster is not yet known. */
  eligible(): boolean | undefined {
    const { window, learner, self, incarnation } = this.#kernel;
    if (window.epochOf(learner.committed + 1) === undefined) return undefined;
    return window.epochs.some((epoch) => epoch.incarnations.get(self.id) === incarnation);
  }

  /** Starts a bid, unless one is under way, it is too early, or this node may not. */
  start(): void {
    const { acceptor, learner, settings, self, incarnation, now, outbox } = this.#kernel;
    if (this.mandate !== undefined || this.eligible() !== true) return;
    // With a disk that hangs, others had better lead (H47).
    if (outbox.pendingMs >= settings.tuning.persistMsMax) return;
    if (now < this.#notBefore) {
      outbox.wakeAt(this.#notBefore);
      return;
    }
    const number = nextCoordNum(acceptor.greatest, self.id, incarnation);
    const leader = acceptor.greatest?.node;
    acceptor.observe(number);
    // A crash must not lead to the same number being used once more (P4).
    const mandate = new Mandate(number, learner.committed + 1, now, outbox.persist([{ type: 'bid', number }]));
    mandate.leaderBefore = leader;
    this.mandate = mandate;
    this.pursue();
  }

  /**
   * Asks this node's own voter, not before it comes to its promise: until then it may accept what another leader proposes. One that
   * abstains is asked again after a while, as others are.
   */
  #ownVoterAgrees(mandate: Mandate): boolean {
    const { settings, self, now, outbox } = this.#kernel;
    const { from: round, number, leaderBefore: leader, abstentions } = mandate;
    if (now >= mandate.ownAskAt) {
      const vote = settings.voter.contemplateCandidate({ round, number, candidate: self.id, leader });
      const known = abstentions.findIndex(({ node }) => node === self.id);
      if (known >= 0) abstentions.splice(known, 1);
      if (vote.vote === 'yea') return true;
      abstentions.push({ node: self.id, data: vote.data });
      mandate.ownAskAt = now + settings.tuning.retransmitMs;
    }
    outbox.wakeAt(mandate.ownAskAt);
    return false;
  }

  /** The bid, or the mandate, is gone. `delayed`: somebody else got in between, so the next one waits. */
  end(delayed: boolean): void {
    this.mandate = undefined;
    if (!delayed) return;
    const { tuning, random } = this.#kernel.settings;
    const limit = Math.min(tuning.backoffMs * 2 ** this.#losses, tuning.backoffMsMax);
    this.#losses = Math.min(this.#losses + 1, 30);
    this.#notBefore = this.#kernel.now + limit * random();
  }

  /** An entry was committed under the mandate: duels are over. */
  won(): void {
    this.#losses = 0;
  }

  /** Asks, again where it is time, the voters whose promises are lacking in any round of the window. */
  pursue(): void {
    const { mandate } = this;
    const { window, learner, outbox } = this.#kernel;
    if (mandate === undefined || mandate.bidTicket > outbox.durable) return;
    const { epochs } = window;
    for (let index = 0; index < epochs.length; index += 1) {
      const epoch = epochs[index] as Epoch;
      const from = Math.max(epoch.from, learner.committed + 1, mandate.from);
      const to = Math.min((epochs[index + 1]?.from ?? window.reach + 1) - 1, window.reach);
      if (from > to) continue;
      const held = mandate.ledger.heldThrough(epoch, from, to);
      if (held < to) this.#ask(mandate, epoch, held + 1);
    }
    this.#extend(mandate);
  }

  #ask(mandate: Mandate, epoch: Epoch, round: RoundNum): void {
    const { self, incarnation } = this.#kernel;
    for (const member of epoch.members) {
      const voter = epoch.incarnations.get(member.id) as IncarnationId;
      const from = mandate.ledger.firstUncovered(member.id, voter, round);
      if (from !== round) continue;
      if (member.id !== self.id) this.#askPeer(mandate, epoch, member, round);
      else if (voter === incarnation) this.#askSelf(mandate, epoch, round);
    }
  }

  #askPeer(mandate: Mandate, epoch: Epoch, member: NodeInfo, round: RoundNum): void {
    const { outbox, now, settings } = this.#kernel;
    const { retransmitMs, retransmitMsMax } = settings.tuning;
    const key = `${epoch.from}/${member.id}`;
    const asked = mandate.asked.get(key);
    const again = asked !== undefined && asked.from === round;
    if (again && now < asked.sentAt + asked.resendMs) {
      outbox.wakeAt(asked.sentAt + asked.resendMs);
      return;
    }
    const resendMs = again ? Math.min(asked.resendMs * 2, retransmitMsMax) : retransmitMs;
    mandate.asked.set(key, { node: member.id, from: round, sentAt: now, resendMs });
    outbox.wakeAt(now + resendMs);
    outbox.send([member], { type: 'prepare', number: mandate.number, from: round });
  }

  /**
   * This node promises itself last, when no more than its own promise is lacking: a bid that comes to nothing must not make
   * it refuse a healthy leader (H56).
   */
  #askSelf(mandate: Mandate, epoch: Epoch, round: RoundNum): void {
    const { acceptor, outbox } = this.#kernel;
    if (mandate.ownPromise !== undefined || !this.#kernel.mayVote(round)) return;
    if (mandate.ledger.votes(epoch, round) + 1 < majorityOf(epoch.members.length)) return;
    if (acceptor.refuses(mandate.number)) return;
    if (!mandate.ownPromised && !this.#ownVoterAgrees(mandate)) return;
    mandate.ownPromised = true;
    const record = acceptor.promise(mandate.number);
    mandate.ownPromise = { ticket: outbox.persist(record === undefined ? [] : [record]), from: round };
  }

  /** What was recorded up to here is durable: an own promise counts from now on. */
  persisted(): void {
    const { mandate } = this;
    const { acceptor, outbox, self, incarnation } = this.#kernel;
    if (mandate === undefined) return;
    const own = mandate.ownPromise;
    if (own === undefined) {
      if (mandate.asked.size === 0) this.pursue();
      return;
    }
    if (own.ticket > outbox.durable) return;
    mandate.ownPromise = undefined;
    if (!sameCoordNum(acceptor.promised, mandate.number)) return;
    const { accepted } = acceptor.report(own.from, Number.POSITIVE_INFINITY);
    this.#covered(mandate, self.id, incarnation, own.from, Number.MAX_SAFE_INTEGER, accepted);
  }

  promised(voter: NodeInfo, message: PromiseMessage): void {
    const { mandate } = this;
    if (mandate === undefined || !sameCoordNum(message.number, mandate.number)) return;
    mandate.heardAt = this.#kernel.now;
    this.#covered(mandate, voter.id, message.incarnation, message.from, message.through, message.accepted);
  }

  #covered(
    mandate: Mandate,
    node: NodeId,
    incarnation: IncarnationId,
    from: RoundNum,
    through: RoundNum,
    accepted: PromiseMessage['accepted'],
  ): void {
    mandate.report(accepted);
    mandate.ledger.add(node, incarnation, from, through);
    this.pursue();
  }

  abstained(voter: NodeInfo, message: AbstentionMessage): void {
    const { mandate } = this;
    if (mandate === undefined || !sameCoordNum(message.number, mandate.number)) return;
    mandate.heardAt = this.#kernel.now;
    if (mandate.abstentions.some((abstention) => abstention.node === voter.id)) return;
    mandate.abstentions.push({ node: voter.id, data: message.data });
  }

  /** Whether so many abstain that no majority is left for the first round. */
  hopeless(): boolean {
    const { mandate } = this;
    if (mandate === undefined || mandate.established) return false;
    const { window, learner } = this.#kernel;
    const epoch = window.epochOf(learner.committed + 1);
    if (epoch === undefined) return false;
    const against = mandate.abstentions.filter((abstention) => epoch.incarnations.has(abstention.node)).length;
    return epoch.members.length - against < majorityOf(epoch.members.length);
  }

  /** Sees how far the mandate holds now, without a break, from the first round not committed. */
  #extend(mandate: Mandate): void {
    const { window, learner } = this.#kernel;
    let horizon = learner.committed;
    const { epochs } = window;
    for (let index = 0; index < epochs.length; index += 1) {
      const epoch = epochs[index] as Epoch;
      const to = Math.min((epochs[index + 1]?.from ?? window.reach + 1) - 1, window.reach);
      if (to <= horizon) continue;
      horizon = mandate.ledger.heldThrough(epoch, horizon + 1, to);
      if (horizon < to) break;
    }
    const held = horizon > learner.committed;
    if (horizon <= mandate.horizon && (mandate.established || !held)) return;
    if (horizon > mandate.horizon) mandate.movedAt = this.#kernel.now;
    mandate.horizon = Math.max(horizon, mandate.horizon);
    if (held) mandate.established = true;
    if (mandate.established) this.#onProgress(mandate);
  }
}
