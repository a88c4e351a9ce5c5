import type { Entry, IncarnationId, NodeId, RejectionMessage, RoundNum } from '../contracts/index.ts';
import type { AppendBook } from './append-book.ts';
import type { Campaign } from './campaign.ts';
import { sameCoordNum } from './coord-num.ts';
import { invariant } from './invariant.ts';
import type { Kernel } from './kernel.ts';
import { majorityOf, votesIn } from './majority-of.ts';
import type { Mandate, OpenRound } from './mandate.ts';
import { splitRuns } from './runs.ts';
import type { Epoch } from './snapshot-image.ts';

/** Places entries while a mandate holds, counts the votes, and commits (Paxos Made Simple, sections 2.2 and 3). */
export class Leadership {
  readonly #kernel: Kernel;
  readonly #book: AppendBook;
  readonly #campaign: Campaign;
  /** Called for each round that becomes committed here. */
  readonly #onCommitted: (open: OpenRound, mandate: Mandate) => void;

  constructor(
    kernel: Kernel,
    book: AppendBook,
    campaign: Campaign,
    onCommitted: (open: OpenRound, mandate: Mandate) => void,
  ) {
    this.#kernel = kernel;
    this.#book = book;
    this.#campaign = campaign;
    this.#onCommitted = onCommitted;
  }

  /** Proposes everything that can be proposed now. */
  place(mandate: Mandate): void {
    const opened: OpenRound[] = [];
    this.#placeReported(mandate, opened);
    this.#placeWaiting(mandate, opened);
    this.#placeUpToChange(mandate, opened);
    if (opened.length > 0) this.#propose(mandate, opened);
  }

  /** The last round to propose in for now: what lies further ahead than voters take would leave in vain. */
  #through(mandate: Mandate): RoundNum {
    const { learner, settings } = this.#kernel;
    return Math.min(mandate.horizon, learner.committed + settings.tuning.acceptAheadMax);
  }

  #free(mandate: Mandate, round: RoundNum): boolean {
    return !mandate.open.has(round) && !this.#kernel.learner.knows(round);
  }

  /** Moves `next` past what is placed or known. */
  #skip(mandate: Mandate): RoundNum {
    const { committed } = this.#kernel.learner;
    if (mandate.next <= committed) mandate.next = committed + 1;
    while (!this.#free(mandate, mandate.next)) mandate.next += 1;
    return mandate.next;
  }

  /** What the promises reported goes first, round by round, with no-ops only in true gaps (H14). */
  #placeReported(mandate: Mandate, opened: OpenRound[]): void {
    const { learner, settings, self } = this.#kernel;
    mandate.fillThrough ??= Math.max(learner.greatest, this.#book.placedThrough);
    const last = Math.max(mandate.reportedThrough, mandate.fillThrough);
    const through = this.#through(mandate);
    while (mandate.next <= last) {
      const round = this.#skip(mandate);
      if (round > last || round > through) return;
      const open = this.#open(mandate, round, this.#reported(mandate, round), opened);
      const vote = settings.voter.contemplateProposal(round, mandate.number, open.entry);
      if (vote.vote === 'nay') open.rejections = [{ node: self.id, data: vote.data }];
    }
  }

  /** What must be proposed; where nothing must, what was placed here before and is in doubt, so that it comes to an end. */
  #reported(mandate: Mandate, round: RoundNum): Entry {
    return mandate.takeReport(round) ?? this.#book.placedIn(round)?.entry ?? this.#kernel.settings.entries.noop;
  }

  #placeWaiting(mandate: Mandate, opened: OpenRound[]): void {
    if (mandate.next <= mandate.reportedThrough) return;
    const { voter, tuning } = this.#kernel.settings;
    const free = (round: RoundNum): boolean => this.#free(mandate, round);
    const place = { number: mandate.number, through: this.#through(mandate) };
    while (this.#book.waiting > 0 && (mandate.openBytes < tuning.openBytesMax || mandate.open.size === 0)) {
      const taken = this.#book.takeFor(this.#skip(mandate), place, free);
      if (taken === undefined) return;
      const [item, round] = taken;
      const vote = voter.contemplateProposal(round, mandate.number, item.entry);
      if (vote.vote === 'nay') this.#book.refuse(item, vote.data);
      else this.#open(mandate, round, item.entry, opened);
    }
  }

  /** A change of the cluster must not wait for traffic: no-ops use up the rounds before it. */
  #placeUpToChange(mandate: Mandate, opened: OpenRound[]): void {
    const { window } = this.#kernel;
    const change = window.changes ? window.reach + 1 : (window.latest?.from ?? 0);
    if (this.#book.waiting > 0) return;
    const through = this.#through(mandate);
    while (mandate.next < change) {
      const round = this.#skip(mandate);
      if (round >= change || round > through) return;
      this.#open(mandate, round, this.#kernel.settings.entries.noop, opened);
    }
  }

  #open(mandate: Mandate, round: RoundNum, entry: Entry, opened: OpenRound[]): OpenRound {
    const { now, settings, acceptor } = this.#kernel;
    invariant(
      !acceptor.contradicts(round, mandate.number, entry),
      'P4: a number is never used for two entries in one round',
    );
    const resendMs = settings.tuning.retransmitMs;
    const open: OpenRound = { round, entry, votes: [], openedAt: now, sentAt: now, resendMs, rejections: undefined };
    mandate.addOpen(open);
    opened.push(open);
    return open;
  }

  #propose(mandate: Mandate, opened: OpenRound[]): void {
    opened.sort((a, b) => a.round - b.round);
    const { outbox, settings, audience } = this.#kernel;
    const { number } = mandate;
    for (const run of splitRuns(opened, settings.tuning.messageEntryBytesMax)) {
      const entries = run.map((open) => open.entry);
      const from = (run[0] as OpenRound).round;
      this.#acceptOwn(mandate, run);
      outbox.send(audience, { type: 'propose', number, from, entries });
    }
    outbox.wakeAt(this.#kernel.now + settings.tuning.retransmitMs);
  }

  /** The leader's own acceptance is written while the proposals are on their way, and counts once it is durable (rule P7). */
  #acceptOwn(mandate: Mandate, run: readonly OpenRound[]): void {
    const { acceptor, outbox } = this.#kernel;
    if (acceptor.refuses(mandate.number)) return;
    const accepted = run.filter((open) => open.rejections === undefined && this.#kernel.mayVote(open.round));
    for (const part of splitRuns(accepted, Number.POSITIVE_INFINITY)) {
      const from = (part[0] as OpenRound).round;
      const record = acceptor.accept(
        mandate.number,
        from,
        part.map((open) => open.entry),
      );
      mandate.ownAcceptances.push({ ticket: outbox.persist([record]), from, to: from + part.length - 1 });
    }
  }

  persisted(mandate: Mandate): void {
    const { outbox, self, incarnation } = this.#kernel;
    const { ownAcceptances } = mandate;
    let counted = 0;
    for (const own of ownAcceptances) {
      if (own.ticket > outbox.durable) break;
      counted += 1;
      this.count(mandate, self.id, incarnation, own.from, own.to);
    }
    if (counted > 0) ownAcceptances.splice(0, counted);
  }

  /** Counts an acceptance of each round of the run, once per member of that round's cluster (rule P6). */
  count(mandate: Mandate, node: NodeId, incarnation: IncarnationId, from: RoundNum, to: RoundNum): void {
    const { window, learner } = this.#kernel;
    const committed: OpenRound[] = [];
    const last = Math.min(to, window.reach);
    let epoch: Epoch | undefined;
    for (let round = Math.max(from, learner.committed + 1); round <= last; round += 1) {
      const open = mandate.open.get(round);
      if (open === undefined) continue;
      epoch = window.epochOf(round);
      if (epoch === undefined || !votesIn(epoch, node, incarnation) || open.votes.includes(node)) continue;
      open.votes.push(node);
      if (open.votes.length >= majorityOf(epoch.members.length)) committed.push(open);
    }
    if (committed.length > 0) this.#commit(mandate, committed);
  }

  #commit(mandate: Mandate, committed: readonly OpenRound[]): void {
    const { outbox, learner, audience, settings } = this.#kernel;
    const { number } = mandate;
    this.#campaign.won();
    for (const run of splitRuns(committed, settings.tuning.messageEntryBytesMax)) {
      const from = (run[0] as OpenRound).round;
      outbox.note({ type: 'commit', number, from, to: from + run.length - 1 });
      outbox.send(audience, { type: 'commit', number, from, ids: run.map((open) => open.entry.id) });
      for (const open of run) {
        mandate.removeOpen(open.round);
        learner.learn(open.round, number, open.entry);
        this.#onCommitted(open, mandate);
      }
    }
  }

  rejected(mandate: Mandate, node: NodeId, message: RejectionMessage): void {
    if (!sameCoordNum(message.number, mandate.number)) return;
    const open = mandate.open.get(message.round);
    if (open === undefined) return;
    open.rejections ??= [];
    if (!open.rejections.some((rejection) => rejection.node === node))
      open.rejections.push({ node, data: message.data });
  }

  /** Whether the members of the round's cluster that rejected leave no majority, for now. */
  hopeless(mandate: Mandate, round: RoundNum): boolean {
    const rejections = mandate.open.get(round)?.rejections ?? [];
    const epoch = this.#kernel.window.epochOf(round);
    if (epoch === undefined || rejections.length === 0) return false;
    const against = rejections.filter((rejection) => epoch.incarnations.has(rejection.node)).length;
    return epoch.members.length - against < majorityOf(epoch.members.length);
  }

  /** Proposes again, to whoever has not voted, what has waited long enough. */
  retransmit(mandate: Mandate): void {
    const { now, outbox, settings, audience } = this.#kernel;
    const { retransmitMsMax, messageEntryBytesMax } = settings.tuning;
    const due: OpenRound[] = [];
    let next = Number.POSITIVE_INFINITY;
    for (const open of mandate.open.values()) {
      if (now >= open.sentAt + open.resendMs) due.push(open);
      else next = Math.min(next, open.sentAt + open.resendMs);
    }
    due.sort((a, b) => a.round - b.round);
    const sent = new Set<OpenRound>();
    for (const node of audience) {
      const lacking = due.filter((open) => !open.votes.includes(node.id));
      let bytes = 0;
      for (const run of splitRuns(lacking, messageEntryBytesMax)) {
        const from = (run[0] as OpenRound).round;
        const entries = run.map((open) => open.entry);
        for (const entry of entries) bytes += entry.bytes.length;
        if (bytes > messageEntryBytesMax && bytes > (entries[0] as Entry).bytes.length) break;
        outbox.send([node], { type: 'propose', number: mandate.number, from, entries });
        for (const open of run) sent.add(open);
      }
    }
    for (const open of due) {
      open.sentAt = now;
      if (sent.has(open)) open.resendMs = Math.min(open.resendMs * 2, retransmitMsMax);
      next = Math.min(next, now + open.resendMs);
    }
    if (next !== Number.POSITIVE_INFINITY) outbox.wakeAt(next);
  }
}
