import type { CoordNum, Founding, RoundNum } from '../contracts/index.ts';
import { sameCoordNum } from './coord-num.ts';
import type { DurableRecord } from './durable-record.ts';
import type { Effect } from './effect.ts';
import type { StateReport } from './input.ts';
import type { Kernel } from './kernel.ts';
import type { Rejoin } from './settings.ts';
import type { SnapshotImage } from './snapshot-image.ts';

/** What the applied log, the storage and snapshots say of the cluster, brought into the kernel. */
export class Chronicle {
  readonly #kernel: Kernel;
  /** Incarnations in committed entries that are not yet applied. */
  readonly #rejoins = new Map<RoundNum, Rejoin>();
  /** The last round whose accepted proposal has been dropped as settled. */
  #settled: RoundNum = 0;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** Takes a snapshot of its own up: from its storage, or from a clean shutdown. Before `start`. */
  restore(image: SnapshotImage, report: StateReport): void {
    const { acceptor, learner, window } = this.#kernel;
    this.#kernel.founding = image.founding;
    window.install(image.round, image.reach, image.epochs, image.incarnations, report);
    learner.orient(image.round);
    if (image.greatest !== undefined) acceptor.observe(image.greatest);
    if (image.incarnation === this.#kernel.incarnation)
      acceptor.restore(image.promised, image.greatest, image.accepted);
    this.#settled = image.round;
  }

  /** Takes back what records of its storage say, in their order. Before `start`. Gives what to apply. */
  replay(records: readonly DurableRecord[]): readonly Effect[] {
    const { acceptor, learner, outbox } = this.#kernel;
    for (const record of records) {
      acceptor.replay(record, learner.committed);
      if (record.type === 'founding' && this.#kernel.founding === undefined) this.founded(record.founding, false);
      if (record.type === 'identity') this.#kernel.incarnation = record.incarnation;
      if (record.type === 'commit') this.#replayCommit(record.number, record.from, record.to);
      if (record.type === 'entries') {
        for (const { round, number, entry } of record.entries) {
          acceptor.observe(number);
          learner.learn(round, number, entry);
        }
      }
    }
    this.forgetAccepted();
    this.flush();
    return outbox.end();
  }

  #replayCommit(number: CoordNum, from: RoundNum, to: RoundNum): void {
    const { acceptor, learner } = this.#kernel;
    for (let round = Math.max(from, learner.committed + 1); round <= to; round += 1) {
      const held = acceptor.acceptedIn(round);
      if (held === undefined || !sameCoordNum(held.number, number)) continue;
      learner.learn(round, number, held.entry);
    }
  }

  /** A snapshot of what is applied, around the state as frozen then, and what must be recorded before it is kept. */
  image(
    state: Uint8Array,
    stateRound: RoundNum,
    final: boolean,
  ): { readonly image: SnapshotImage; readonly effects: readonly Effect[] } | undefined {
    const { acceptor, founding, learner, incarnation, outbox, participation, self, settings, window } = this.#kernel;
    const round = window.applied;
    // Accepted proposals beyond this state have been dropped: it must catch up before it can stand for the log (P3).
    // Nor may a state be taken for one of another round, while a snapshot is being installed.
    const isOwed = round < this.#settled || round !== stateRound;
    if (founding === undefined || learner.disoriented || isOwed) return undefined;
    outbox.flushNotes(true);
    const image: SnapshotImage = {
      cluster: settings.cluster,
      node: self.id,
      incarnation,
      round,
      final,
      state,
      founding,
      incarnations: window.incarnations,
      reach: window.reach,
      epochs: [...window.epochs],
      participation,
      promised: acceptor.promised,
      greatest: acceptor.greatest,
      // With what is committed and not yet applied: a promise must report that until the state holds it.
      accepted: acceptor.accepted.filter((proposal) => proposal.round > round),
    };
    return { image, effects: outbox.end() };
  }

  /** Hands on what can be applied, and notes the incarnations that it names: they count from when it is applied. */
  flush(): void {
    const { founding, learner, outbox, settings, window } = this.#kernel;
    // Before the founding is known nothing can be derived from the log.
    if (founding === undefined) return;
    for (const { round, entry } of learner.flush(outbox, window.applied)) {
      const rejoin = entry.kind === 'rejoin' ? settings.entries.rejoinOf(entry) : undefined;
      if (rejoin !== undefined) this.#rejoins.set(round, rejoin);
    }
  }

  /** The state has applied all rounds up to `through`. */
  applied(through: RoundNum, reports: readonly StateReport[]): void {
    const { window } = this.#kernel;
    const changes = new Map<RoundNum, StateReport | undefined>(reports.map((report) => [report.round, report]));
    for (const round of this.#rejoins.keys())
      if (round <= through && !changes.has(round)) changes.set(round, undefined);
    for (const round of [...changes.keys()].sort((a, b) => a - b)) {
      if (round - 1 > window.applied) window.advance(round - 1, undefined);
      const rejoin = this.#rejoins.get(round);
      if (rejoin !== undefined) window.rejoin(rejoin.node.id, rejoin.incarnation, rejoin.replaces);
      this.#rejoins.delete(round);
      window.advance(round, changes.get(round));
    }
    if (through > window.applied) window.advance(through, undefined);
    if (changes.size > 0) this.#kernel.refreshAudience();
    this.#kernel.refreshParticipation();
  }

  /** The cluster has been founded like this. `news`: it is not yet in the storage. */
  founded(founding: Founding, news: boolean): void {
    const { learner, outbox, settings, window } = this.#kernel;
    this.#kernel.founding = founding;
    if (news) outbox.persist([{ type: 'founding', founding }]);
    const ids = new Set(founding.members.map((member) => member.id));
    const same =
      ids.size === settings.initial.members.length && settings.initial.members.every(({ id }) => ids.has(id));
    if (!same && window.applied === 0) {
      // Another initial state than that of the founders must never be applied to.
      outbox.emit({ type: 'violation', peer: settings.self.id, reason: 'the cluster was founded with other members' });
      learner.disorient();
    }
    if (window.applied === 0) window.found(founding, settings.initial.concurrency);
    this.#kernel.refreshAudience();
    this.#kernel.refreshParticipation();
  }

  /** A state that stands after a later round takes the place of what was here; the acceptor keeps all of its own (rule P3). */
  installed(image: SnapshotImage, report: StateReport): void {
    const { acceptor, learner, outbox, window } = this.#kernel;
    if (this.#kernel.founding === undefined) {
      this.#kernel.founding = image.founding;
      outbox.persist([{ type: 'founding', founding: image.founding }]);
    }
    if (image.greatest !== undefined) acceptor.observe(image.greatest);
    window.install(image.round, image.reach, image.epochs, image.incarnations, report);
    learner.orient(image.round);
    // All that follows is handed on once more.
    this.#rejoins.clear();
    this.#kernel.refreshAudience();
    this.#kernel.refreshParticipation();
  }

  /** Takes up the incarnation that the log knows of this node, though what it promised is lost. */
  forceActive(): void {
    const { acceptor, outbox, self, settings, window } = this.#kernel;
    const incarnation = window.incarnationOf(self.id);
    if (incarnation === undefined || incarnation === this.#kernel.incarnation) return;
    this.#kernel.incarnation = incarnation;
    // Numbers of the lost memory must not be used again, and whatever it promised must not be broken, nor held against this node
    // (H9): this leaves them far behind, for good. The incarnation comes last, lest a write that is torn keeps it alone.
    const number = { counter: (acceptor.greatest?.counter ?? 0) + 1_000_000, node: self.id, incarnation };
    const promise = acceptor.promise(number);
    outbox.persist([
      { type: 'bid', number },
      ...(promise === undefined ? [] : [promise]),
      { type: 'identity', cluster: settings.cluster, node: self.id, incarnation },
    ]);
    this.#kernel.refreshParticipation();
  }

  /** Drops accepted proposals that are settled: committed, and applied where there is a state. */
  forgetAccepted(): void {
    const { acceptor, learner, window } = this.#kernel;
    const through = learner.disoriented ? learner.committed : Math.min(learner.committed, window.applied);
    if (through <= this.#settled) return;
    acceptor.forgetThrough(this.#settled, through);
    this.#settled = through;
  }
}
