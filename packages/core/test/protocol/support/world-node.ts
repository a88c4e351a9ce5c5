import type { IncarnationId, Message, NodeInfo, Proposal, RoundNum } from '../../../src/contracts/index.ts';
import {
  type DurableRecord,
  type Effect,
  type Input,
  type Origin,
  Replica,
  type ReplicaEvent,
  type ReplicaSettings,
  type Settlement,
  type SnapshotImage,
  type StateReport,
} from '../../../src/protocol/index.ts';
import { settingsOf } from './entries.ts';
import { TestState } from './test-state.ts';

/** How many records are replayed at a time. */
const replayBatch = 7;

/** What survives a crash. */
export interface Disk {
  incarnation: IncarnationId;
  snapshot: { readonly image: SnapshotImage; readonly report: StateReport } | undefined;
  records: DurableRecord[];
}

type Write =
  | {
      readonly type: 'records';
      readonly ticket: number;
      readonly records: readonly DurableRecord[];
      then: readonly Effect[];
    }
  | { readonly type: 'snapshot'; readonly image: SnapshotImage; readonly report: StateReport };

/** What a node needs of the world around it. */
export interface Surroundings {
  readonly now: number;
  onSend(node: WorldNode, to: readonly NodeInfo[], message: Message): void;
  onWritten(node: WorldNode, records: readonly DurableRecord[]): void;
  onSnapshot(node: WorldNode, image: SnapshotImage): void;
  onCommitted(node: WorldNode, proposals: readonly Proposal[]): void;
  onApplied(node: WorldNode, proposals: readonly Proposal[]): void;
  onSettle(node: WorldNode, key: number, settlement: Settlement): void;
  onEvent(node: WorldNode, event: ReplicaEvent): void;
  onStep(node: WorldNode): void;
}

/** One replica with the disk, the state and the timer that drive it, each under the test's control. */
export class WorldNode {
  readonly info: NodeInfo;
  readonly durable: boolean;
  readonly #world: Surroundings;
  readonly #settings: Partial<ReplicaSettings>;
  readonly #initial: ReplicaSettings['initial'];
  #life = 0;
  disk: Disk | undefined;
  replica: Replica | undefined;
  state: TestState;
  writes: Write[] = [];
  toApply: Proposal[] = [];
  wakeAt: number = Number.POSITIVE_INFINITY;
  /** Keeps writes from becoming durable, or entries from being applied, until the test says so. */
  holdWrites = false;
  holdApply = false;
  /** Rounds that the disk says are committed. */
  readonly #durablyCommitted = new Set<RoundNum>();
  readonly #history = new Map<RoundNum, Proposal>();
  #retained: RoundNum = 1;

  constructor(
    info: NodeInfo,
    durable: boolean,
    initial: ReplicaSettings['initial'],
    settings: Partial<ReplicaSettings>,
    world: Surroundings,
  ) {
    this.info = info;
    this.durable = durable;
    this.#initial = initial;
    this.#settings = settings;
    this.#world = world;
    this.state = new TestState(initial.members, initial.concurrency);
  }

  get id(): string {
    return this.info.id;
  }

  get up(): boolean {
    return this.replica !== undefined;
  }

  /** The replica of a node that is up. */
  get live(): Replica {
    if (this.replica === undefined) throw new Error(`${this.id} is down`);
    return this.replica;
  }

  /** The incarnation that this node has, or comes back with. */
  get incarnation(): IncarnationId | undefined {
    return this.replica?.kernel.incarnation ?? this.disk?.incarnation;
  }

  /** Comes to life: from its disk where it has one, else with a new memory. */
  start(origin: Origin): void {
    const found = this.durable ? this.disk : undefined;
    if (found === undefined) this.#life += 1;
    const incarnation = found?.incarnation ?? `${this.id}${this.#life}`;
    this.state = new TestState(this.#initial.members, this.#initial.concurrency);
    this.#history.clear();
    this.#retained = this.durable ? 1 : Number.MAX_SAFE_INTEGER;
    const settings = settingsOf({ ...this.#settings, self: this.info, incarnation, origin, initial: this.#initial });
    this.replica = new Replica(settings, () => this.#retained);
    if (found !== undefined) this.#revive(this.replica, found);
    else if (this.durable) this.disk = { incarnation, snapshot: undefined, records: [] };
    this.#carryOut(this.replica.start(this.#world.now));
  }

  #revive(replica: Replica, disk: Disk): void {
    if (disk.snapshot !== undefined) {
      const { image, report } = disk.snapshot;
      this.state = TestState.thaw(image.state);
      this.#retained = image.round + 1;
      replica.restore(image, report);
    }
    for (let at = 0; at < disk.records.length; at += replayBatch) {
      const reports: StateReport[] = [];
      const before = this.state.round;
      for (const effect of replica.replay(disk.records.slice(at, at + replayBatch))) {
        if (effect.type === 'apply') for (const proposal of effect.proposals) this.#applyOne(proposal, reports);
        else if (effect.type !== 'emit') throw new Error(`${effect.type} while the log is replayed`);
      }
      if (this.state.round > before) replica.replayApplied(this.state.round, reports);
    }
  }

  /** All that is not durable is gone. */
  crash(): void {
    this.replica = undefined;
    this.writes = [];
    this.toApply = [];
    this.wakeAt = Number.POSITIVE_INFINITY;
  }

  /** The disk is gone as well. */
  loseMemory(): void {
    this.crash();
    this.disk = undefined;
    this.#durablyCommitted.clear();
  }

  /** Every round up to this one is known here as committed, and stays so over a crash. */
  get safelyCommitted(): RoundNum {
    if (!this.durable) return this.replica?.kernel.learner.committed ?? 0;
    let committed = this.disk?.snapshot?.image.round ?? 0;
    while (this.#durablyCommitted.has(committed + 1)) committed += 1;
    return committed;
  }

  #noteCommitted(record: DurableRecord): void {
    if (record.type === 'entries') for (const { round } of record.entries) this.#durablyCommitted.add(round);
    if (record.type !== 'commit') return;
    for (let round = record.from; round <= record.to; round += 1) this.#durablyCommitted.add(round);
  }

  feed(input: Input): void {
    this.#carryOut(this.live.step(input, this.#world.now));
  }

  #carryOut(effects: readonly Effect[]): void {
    for (const effect of effects) this.#perform(effect);
    this.#world.onStep(this);
    while (!this.holdWrites && this.writes.length > 0) this.completeWrite();
    while (!this.holdApply && this.toApply.length > 0) this.applySome(this.toApply.length);
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case 'persist':
        this.writes.push({ ...effect, type: 'records' });
        return;
      case 'send':
        return this.#world.onSend(this, effect.to, effect.message);
      case 'apply':
        for (const proposal of effect.proposals) this.#history.set(proposal.round, proposal);
        this.toApply.push(...effect.proposals);
        return this.#world.onCommitted(this, effect.proposals);
      case 'serve':
        return this.#serve(effect);
      case 'settle':
        return this.#world.onSettle(this, effect.key, effect.settlement);
      case 'emit':
        return this.#world.onEvent(this, effect.event);
      case 'wakeAt':
        this.wakeAt = effect.at;
        return;
    }
  }

  #serve({ to, rounds, committed }: Extract<Effect, { type: 'serve' }>): void {
    const entries: Proposal[] = [];
    for (let round = rounds.from; round <= rounds.to && entries.length < 8; round += 1) {
      const proposal = this.#history.get(round);
      if (proposal === undefined || round < this.#retained) break;
      entries.push(proposal);
    }
    const retained = rounds.from + 1;
    if (entries.length > 0) this.#world.onSend(this, [to], { type: 'entries', entries, committed });
    else this.#world.onSend(this, [to], { type: 'progress', committed, retained, reply: false });
  }

  /** The first write under way becomes durable. */
  completeWrite(): void {
    const write = this.writes.shift();
    if (write === undefined) return;
    if (write.type === 'snapshot') {
      if (this.disk !== undefined) this.disk = { incarnation: write.image.incarnation, snapshot: write, records: [] };
      this.#retained = Math.max(this.#retained, write.image.round + 1);
      return;
    }
    for (const record of write.records) {
      if (record.type === 'identity' && this.disk !== undefined) this.disk.incarnation = record.incarnation;
      this.#noteCommitted(record);
    }
    this.disk?.records.push(...write.records);
    this.#world.onWritten(this, write.records);
    for (const effect of write.then) this.#perform(effect);
    this.feed({ type: 'persisted', ticket: write.ticket });
  }

  /** Applies the next entries, and tells the replica. */
  applySome(count: number): void {
    const proposals = this.toApply.splice(0, count);
    if (proposals.length === 0) return;
    const reports: StateReport[] = [];
    for (const proposal of proposals) this.#applyOne(proposal, reports);
    this.#world.onApplied(this, proposals);
    this.feed({ type: 'applied', through: this.state.round, reports });
  }

  #applyOne(proposal: Proposal, reports: StateReport[]): void {
    this.#history.set(proposal.round, proposal);
    const report = this.state.apply(proposal.round, proposal.entry);
    if (report !== undefined) reports.push(report);
  }

  /** Takes a snapshot and begins to write it. */
  takeSnapshot(): SnapshotImage | undefined {
    const taken = this.live.image(this.state.freeze(), this.state.round, false);
    if (taken === undefined) return undefined;
    for (const effect of taken.effects) this.#perform(effect);
    this.writes.push({ type: 'snapshot', image: taken.image, report: this.state.report });
    this.#world.onSnapshot(this, taken.image);
    this.#carryOut([]);
    return taken.image;
  }

  /** Takes over the state of another node's snapshot, and keeps one of its own. */
  install(image: SnapshotImage): void {
    this.state = TestState.thaw(image.state);
    this.toApply = [];
    this.#world.onSnapshot(this, image);
    this.feed({ type: 'installed', image, report: this.state.report });
    this.takeSnapshot();
  }
}
