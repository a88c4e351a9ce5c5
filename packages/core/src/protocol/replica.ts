import type { CoordNum, Entry, Message, NodeInfo, RoundNum, SeenVote } from '../contracts/index.ts';
import { Admission } from './admission.ts';
import { AppendBook, effectOf } from './append-book.ts';
import { Campaign } from './campaign.ts';
import { Chronicle } from './chronicle.ts';
import { compareCoordNums, sameCoordNum } from './coord-num.ts';
import type { DurableRecord } from './durable-record.ts';
import type { Effect } from './effect.ts';
import { Fetcher } from './fetcher.ts';
import { Founding } from './founding.ts';
import { Greeter } from './greeter.ts';
import type { Input, StateReport } from './input.ts';
import { Inquiries } from './inquiries.ts';
import { Kernel } from './kernel.ts';
import { Leadership } from './leadership.ts';
import type { Mandate } from './mandate.ts';
import { noQuorum } from './no-quorum.ts';
import { Nudger } from './nudger.ts';
import { Rejoining } from './rejoining.ts';
import { Revival } from './revival.ts';
import type { ReplicaSettings } from './settings.ts';
import type { SnapshotImage } from './snapshot-image.ts';
import { Voting } from './voting.ts';

type VoteMessage = Extract<Message, { type: 'promise' | 'abstention' | 'acceptance' | 'rejection' }>;

/** What a replica is doing, for its status. */
export type Standing = 'disoriented' | 'following' | 'lagging' | 'leading';

/**
 * One node's part of the protocol, pure: inputs in, effects out, the same for the same inputs. It has no clock, no
 * randomness and no I/O of its own.
 */
export class Replica {
  readonly #kernel: Kernel;
  readonly #book: AppendBook;
  readonly #campaign: Campaign;
  readonly #admission: Admission;
  readonly #leadership: Leadership;
  readonly #chronicle: Chronicle;
  readonly #voting: Voting;
  readonly #fetcher: Fetcher;
  readonly #nudger: Nudger;
  readonly #founding: Founding;
  readonly #rejoining: Rejoining;
  readonly #inquiries: Inquiries;
  readonly #greeter: Greeter;
  readonly #revival: Revival;
  #pressing = false;
  #committedBefore: RoundNum = 0;
  #stopped = false;

  constructor(settings: ReplicaSettings, retained: () => RoundNum) {
    const kernel = new Kernel(settings);
    this.#kernel = kernel;
    this.#book = new AppendBook(kernel);
    this.#campaign = new Campaign(kernel, (mandate) => this.#leadership.place(mandate));
    this.#leadership = new Leadership(kernel, this.#book, this.#campaign, (open, mandate) =>
      this.#learned(open.round, mandate.number, open.entry),
    );
    this.#chronicle = new Chronicle(kernel);
    this.#fetcher = new Fetcher(kernel, retained);
    this.#greeter = new Greeter(kernel, this.#fetcher);
    this.#revival = new Revival(kernel);
    this.#voting = new Voting(
      kernel,
      (number) => this.#promisedTo(number),
      (round, number, entry) => this.#learned(round, number, entry),
      (sender, round) => this.#fetcher.missing(sender, round),
      (sender) => this.#fetcher.gap(sender),
    );
    this.#nudger = new Nudger(kernel, this.#fetcher);
    this.#founding = new Founding(kernel, (founding) => this.#chronicle.founded(founding, true));
    this.#rejoining = new Rejoining(
      kernel,
      () => this.#campaign.leading,
      (rejoin) => this.#admission.admitOwn(settings.entries.rejoin(rejoin)),
    );
    this.#inquiries = new Inquiries(kernel);
    this.#admission = new Admission(kernel, this.#book, this.#campaign, this.#inquiries);
  }

  get standing(): Standing {
    if (this.#kernel.learner.disoriented) return 'disoriented';
    if (this.#campaign.leading) return 'leading';
    return this.#fetcher.behind ? 'lagging' : 'following';
  }

  /** What may be looked at from outside, and not changed. */
  get kernel(): Kernel {
    return this.#kernel;
  }

  /** The leadership that it holds now, if any. */
  get mandate(): Mandate | undefined {
    return this.#campaign.leading ? this.#campaign.mandate : undefined;
  }

  /** Takes a snapshot of its own up: from its storage, or from a clean shutdown. Before `start`. */
  restore(image: SnapshotImage, report: StateReport): void {
    this.#chronicle.restore(image, report);
  }

  /** Takes back what records of its storage say, in their order. Before `start`. Gives what to apply. */
  replay(records: readonly DurableRecord[]): readonly Effect[] {
    for (const record of records) if (record.type === 'bind') this.#founding.restore(record.incarnations);
    return this.#chronicle.replay(records);
  }

  /** The state has applied what was replayed. Before `start`. */
  replayApplied(through: RoundNum, reports: readonly StateReport[]): void {
    this.#chronicle.applied(through, reports);
  }

  /** A snapshot of what is applied, around the state as frozen then, and what must be recorded before it is kept. */
  image(
    state: Uint8Array,
    stateRound: RoundNum,
    final: boolean,
  ): { readonly image: SnapshotImage; readonly effects: readonly Effect[] } | undefined {
    return this.#chronicle.image(state, stateRound, final);
  }

  /** There is no state, and none to start from: a snapshot must be installed. Before `start`. */
  disorient(): void {
    this.#kernel.learner.disorient();
  }

  /** Begins to take part. */
  start(now: number): readonly Effect[] {
    this.#kernel.outbox.begin(now, true);
    this.#kernel.refreshAudience();
    this.#kernel.refreshParticipation();
    this.#founding.tell(true);
    this.#revival.arm();
    return this.#settleUp();
  }

  /** Takes one input and returns the effects. Throws only if an invariant is broken. */
  step(input: Input, now: number): readonly Effect[] {
    this.#kernel.outbox.begin(now, input.type === 'time');
    if (this.#stopped && input.type !== 'persisted' && input.type !== 'applied') return this.#whileStopped(input);
    switch (input.type) {
      case 'message':
        this.#message(input.sender, input.message);
        break;
      case 'append':
        for (const request of input.requests) this.#admission.admit(request);
        break;
      case 'retry':
        this.#pressing = this.#book.retry(input.key) || this.#pressing;
        break;
      case 'abandon':
        if (!this.#inquiries.abandon(input.key)) this.#book.abandon(input.key);
        break;
      case 'persisted':
        this.#persisted(input.ticket);
        break;
      case 'applied':
        this.#chronicle.applied(input.through, input.reports);
        this.#campaign.pursue();
        break;
      case 'installed':
        if (this.#campaign.mandate !== undefined) this.#stepDown(false);
        this.#chronicle.installed(input.image, input.report);
        this.#book.jumped(input.image.round);
        break;
      case 'ejected':
        this.#kernel.learner.disorient();
        this.#stepDown(false);
        break;
      case 'forceActive':
        this.#stepDown(false);
        this.#chronicle.forceActive();
        break;
      case 'time':
        this.#time();
        break;
      case 'stop':
        return this.#stop();
    }
    return this.#settleUp();
  }

  #whileStopped(input: Input): readonly Effect[] {
    if (input.type === 'append') {
      for (const { key } of input.requests) this.#admission.refuse(key, { code: 'shutDown', effect: 'none' });
    }
    return this.#kernel.outbox.end();
  }

  #message(sender: NodeInfo, message: Message): void {
    if (!this.#fetcher.isAnswer(sender, message) && this.#kernel.distrusts(sender, message)) return;
    switch (message.type) {
      case 'prepare':
        return this.#voting.prepare(sender, message);
      case 'propose':
        return this.#voting.propose(sender, message);
      case 'commit':
        return this.#voting.commit(sender, message);
      case 'promise':
        this.#heard(sender, message.committed, message);
        this.#vote(sender, message, message.from, undefined);
        return this.#campaign.promised(sender, message);
      case 'abstention':
        this.#vote(sender, message, 0, message.data);
        return this.#campaign.abstained(sender, message);
      case 'acceptance':
      case 'rejection':
        return this.#answerToProposal(sender, message);
      case 'supplanted':
        return this.#supplanted(message.refused, message.greatest);
      case 'converged':
        this.#kernel.acceptor.observe(message.greatest);
        this.#heard(sender, message.committed);
        return this.#inquiries.answered(sender, message.committed);
      default:
        return this.#news(sender, message);
    }
  }

  #news(sender: NodeInfo, message: Message): void {
    switch (message.type) {
      case 'entries':
        this.#voting.entries(sender, message.entries);
        return this.#fetcher.answered(sender, message);
      case 'fetch':
        return this.#fetcher.fetch(sender, message);
      case 'progress':
        this.#fetcher.progress(sender, message);
        return this.#inquiries.answered(sender, message.committed);
      case 'inquire':
        return this.#fetcher.tell([sender], false);
      case 'meet':
        return this.#founding.met(sender, message);
      case 'founded':
        this.#founding.founded(message);
        this.#rejoining.told(message.incarnation);
        return this.#heard(sender, message.committed);
      case 'rejoin':
        return this.#rejoining.asked(sender, message);
    }
  }

  #heard(sender: NodeInfo, committed: RoundNum, vote?: SeenVote): void {
    this.#kernel.peers.moved(sender, committed, vote, this.#kernel.now);
  }

  #answerToProposal(sender: NodeInfo, message: Extract<Message, { type: 'acceptance' | 'rejection' }>): void {
    const { mandate } = this.#campaign;
    if (message.type === 'acceptance') {
      this.#heard(sender, message.committed, message);
      for (let index = 0; index < Math.max(message.data.length, 1); index += 1) {
        this.#vote(sender, message, message.from + index, message.data[index]);
      }
    } else {
      this.#vote(sender, message, message.round, message.data);
    }
    if (mandate === undefined || !sameCoordNum(message.number, mandate.number)) return;
    mandate.heardAt = this.#kernel.now;
    if (message.type === 'acceptance') {
      this.#leadership.count(mandate, sender.id, message.incarnation, message.from, message.to);
      return;
    }
    this.#leadership.rejected(mandate, sender.id, message);
    if (!this.#leadership.hopeless(mandate, message.round)) return;
    const item = this.#book.placedIn(message.round);
    if (item !== undefined) this.#book.fail(item, noQuorum(this.#kernel, mandate, message.round));
  }

  #vote(
    { id: voter }: NodeInfo,
    { type: kind, incarnation, number }: VoteMessage,
    round: RoundNum,
    data: Uint8Array = new Uint8Array(),
  ): void {
    if (!this.#kernel.settings.votesWanted()) return;
    const { mandate } = this.#campaign;
    if (mandate === undefined || !sameCoordNum(number, mandate.number)) return;
    // Of what was asked more than once, or is over, only the first moment is safe to say.
    const requestedAt = mandate.open.get(round)?.openedAt ?? mandate.startedAt;
    this.#kernel.outbox.emit({ type: 'vote', kind, voter, incarnation, number, round, data, requestedAt });
  }

  #supplanted(refused: CoordNum, greatest: CoordNum): void {
    this.#kernel.acceptor.observe(greatest);
    const { mandate } = this.#campaign;
    if (mandate !== undefined && sameCoordNum(refused, mandate.number)) this.#stepDown(true);
  }

  /** This node's own acceptor is bound to a number: a mandate under a lesser one is gone. */
  #promisedTo(number: CoordNum): void {
    const { mandate } = this.#campaign;
    if (mandate !== undefined && compareCoordNums(number, mandate.number) > 0) this.#stepDown(true);
  }

  #stepDown(delayed: boolean): void {
    this.#campaign.end(delayed);
    this.#pressing = false;
    this.#book.failWaiting(() => this.#admission.lost('none'));
  }

  #persisted(ticket: number): void {
    this.#kernel.outbox.persisted(ticket);
    this.#founding.persisted();
    this.#campaign.persisted();
    if (this.#campaign.mandate !== undefined) this.#leadership.persisted(this.#campaign.mandate);
  }

  #learned(round: RoundNum, number: CoordNum, entry: Entry): void {
    const { outbox, settings } = this.#kernel;
    this.#campaign.mandate?.removeOpen(round);
    settings.voter.observeCommit(round, number);
    outbox.emit({ type: 'commit', round, number });
    this.#book.learned(round, number, entry);
  }

  #time(): void {
    const { mandate } = this.#campaign;
    const { now, outbox, settings, window } = this.#kernel;
    const { attemptMs, persistMsMax } = settings.tuning;
    if (mandate !== undefined) {
      const since = mandate.established ? mandate.heardAt + attemptMs * 2 : mandate.startedAt + attemptMs;
      const silent = !mandate.established || (mandate.open.size > 0 && this.#oldestOpen() + attemptMs * 2 <= now);
      // Where the cluster changes, promises may be lacking for good, with nothing open that would tell.
      const halted = this.#book.waiting > 0 && mandate.next > mandate.horizon && mandate.horizon < window.reach;
      if (outbox.pendingMs >= persistMsMax) this.#stepDown(true);
      else if (silent && now >= since) this.#giveUp();
      else if (mandate.established && halted && now >= mandate.movedAt + attemptMs * 2) this.#giveUp();
      else this.#leadership.retransmit(mandate);
      this.#campaign.pursue();
    }
    this.#book.failOverdue((item) => this.#admission.overdue(item));
    this.#inquiries.check();
  }

  #oldestOpen(): number {
    for (const open of this.#campaign.mandate?.open.values() ?? []) return open.openedAt;
    return this.#kernel.now;
  }

  /** No majority answers: the bid, or the mandate, is over. */
  #giveUp(): void {
    const { mandate } = this.#campaign;
    this.#book.failWaiting((item) => noQuorum(this.#kernel, mandate, item.placed));
    this.#stepDown(true);
  }

  #stop(): readonly Effect[] {
    const { outbox } = this.#kernel;
    this.#stopped = true;
    this.#campaign.end(false);
    this.#book.failAll((item) => ({ code: 'shutDown', effect: effectOf(item) }));
    this.#inquiries.stop();
    outbox.flushNotes(true);
    return outbox.end();
  }

  /** What follows from any input, once at its end. */
  #settleUp(): readonly Effect[] {
    const { learner, outbox } = this.#kernel;
    if (learner.committed !== this.#committedBefore) {
      this.#committedBefore = learner.committed;
      if (this.#kernel.participation.type === 'partiallyActive') this.#kernel.refreshParticipation();
      if (!this.#campaign.leading) this.#campaign.pursue();
    }
    this.#lead();
    this.#chronicle.forgetAccepted();
    this.#chronicle.flush();
    learner.reportGaps(outbox);
    this.#fetcher.pump();
    this.#founding.tell(false);
    this.#rejoining.ask();
    this.#greeter.greet(this.#kernel.member === false || this.#kernel.participation.type === 'passive');
    if (this.#book.busy) outbox.wakeAt(this.#book.deadline);
    outbox.flushNotes(false);
    return outbox.end();
  }

  #lead(): void {
    const { outbox, settings, now } = this.#kernel;
    if (this.#stopped) return;
    if (this.#revival.due()) this.#pressing = true;
    if (this.#campaign.mandate === undefined && (this.#book.waiting > 0 || this.#pressing)) {
      this.#campaign.start();
      if (this.#campaign.mandate !== undefined) this.#pressing = false;
    }
    const { mandate } = this.#campaign;
    if (mandate === undefined) return;
    if (this.#campaign.eligible() === false) return this.#stepDown(false);
    if (this.#campaign.hopeless()) return this.#giveUp();
    if (mandate.established) {
      this.#leadership.place(mandate);
      this.#nudger.nudge();
    } else {
      outbox.wakeAt(mandate.startedAt + settings.tuning.attemptMs);
    }
    if (outbox.pendingMs > 0) outbox.wakeAt(now + settings.tuning.persistMsMax);
  }
}
