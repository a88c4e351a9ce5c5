import type { CoordNum, Entry, Message, NodeId, NodeInfo, Proposal, RoundNum } from '@paxakos/core/contracts';
import {
  type DurableRecord,
  defaultTuning,
  type Effect,
  type Input,
  type Origin,
  Replica,
  type SnapshotImage,
  type StateReport,
} from '@paxakos/core/protocol';
import { canonical } from './canonical.ts';
import { entryOf, systemEntries, textOf, willingVoter } from './entry-of.ts';
import type { Fact } from './fact.ts';
import { LogState } from './log-state.ts';
import { nameOf } from './name-of.ts';
import { orderOf } from './order-of.ts';
import { must, VoteWatch } from './vote-watch.ts';
import { mayWake, type World } from './world.ts';

/** What can happen at one node. */
export type LocalEvent =
  | { readonly type: 'deliver'; readonly sender: NodeInfo; readonly message: Message }
  | { readonly type: 'write' | 'crash' | 'lose' | 'append' | 'snapshot' | 'wake' }
  /** Before exploration begins, while nothing is lost and nothing takes its time. */
  | { readonly type: 'prepend'; readonly texts: readonly string[] }
  /** Exploration begins. */
  | { readonly type: 'begin' };

/** What survives a crash. */
export interface Disk {
  readonly incarnation: CoordNum['incarnation'];
  readonly snapshot: { readonly image: SnapshotImage; readonly report: StateReport } | undefined;
  readonly records: readonly DurableRecord[];
}

/** What a life begins with. */
export interface Birth {
  readonly disk: Disk | undefined;
  readonly origin: Origin;
  readonly life: number;
  /** How much of what it is to append it has. */
  readonly appended: number;
  /** The greatest number it voted under, as this memory. */
  readonly voted: CoordNum | undefined;
  /** Whether exploration has begun. */
  readonly isExplored: boolean;
}

/** How far a node has come. */
export interface Progress {
  readonly promised: CoordNum | undefined;
  /** What it promised and a crash does not undo. */
  readonly durablyPromised: CoordNum | undefined;
  readonly greatest: CoordNum | undefined;
  readonly committed: RoundNum;
  /** The number that it bids or leads under. */
  readonly bid: CoordNum | undefined;
}

/** The bid or mandate of a replica whose private names have been made readable. */
function mandateOf(replica: Replica): { readonly number: CoordNum } | undefined {
  const { $campaign } = replica as unknown as { $campaign?: { mandate: { number: CoordNum } | undefined } };
  if ($campaign === undefined) throw new Error('the protocol was loaded before its names were made readable');
  return $campaign.mandate;
}

type Write =
  | Extract<Effect, { type: 'persist' }>
  | { readonly type: 'snapshot'; readonly image: SnapshotImage; readonly report: StateReport };

const nowhere = Number.POSITIVE_INFINITY;
const writesMax = 3;

/** One replica with its disk and its state, and what has come of the last event. */
export class LocalNode {
  readonly #world: World;
  readonly #id: NodeId;
  readonly #birth: Birth;
  readonly #replica: Replica;
  readonly #incarnation: CoordNum['incarnation'];
  #snapshot: Disk['snapshot'];
  readonly #records: DurableRecord[];
  #state: LogState;
  #writes: Write[] = [];
  #toApply: Proposal[] = [];
  #appended: number;
  #isExplored: boolean;
  #now = 0;
  #wakeAt: number = nowhere;
  #facts: Fact[] = [];
  readonly #watch: VoteWatch;

  constructor(world: World, id: NodeId, birth: Birth) {
    this.#world = world;
    this.#id = id;
    this.#birth = birth;
    this.#incarnation = birth.disk?.incarnation ?? `${id}${birth.life}`;
    this.#snapshot = birth.disk?.snapshot;
    this.#records = [...(birth.disk?.records ?? [])];
    this.#appended = birth.appended;
    this.#isExplored = birth.isExplored;
    this.#watch = new VoteWatch(id, this.#incarnation, birth.voted);
    const members = world.founders.split('').map((founder) => ({ id: founder }));
    const initial = { members, concurrency: world.concurrency };
    this.#state = new LogState(members, world.concurrency);
    this.#replica = new Replica(
      {
        cluster: 'explored',
        self: { id },
        incarnation: this.#incarnation,
        origin: birth.origin,
        initial,
        random: () => 0,
        voter: willingVoter,
        entries: systemEntries,
        tuning: defaultTuning,
        votesWanted: () => false,
      },
      () => Number.MAX_SAFE_INTEGER,
    );
    this.#revive();
    this.#carryOut(this.#replica.start(0));
  }

  get mayWrite(): boolean {
    return this.#writes.length > 0;
  }

  /** So many writes are under way that nothing arrives before one of them is done: a bound, for copies would add to them for ever. */
  get isBusy(): boolean {
    return this.#writes.length >= writesMax;
  }

  get mayAppend(): boolean {
    return this.#appended < (this.#world.appends[this.#id]?.length ?? 0);
  }

  get mayWake(): boolean {
    return this.#wakeAt !== nowhere && mayWake(this.#world, this.#id);
  }

  get isFounded(): boolean {
    return this.#replica.kernel.founding !== undefined;
  }

  /** How far the node has come, for what can still make a difference to it. */
  get progress(): Progress {
    const { acceptor, learner } = this.#replica.kernel;
    return {
      promised: acceptor.promised,
      durablyPromised: this.#watch.promised,
      greatest: acceptor.greatest,
      committed: learner.committed,
      bid: mandateOf(this.#replica)?.number,
    };
  }

  /** What the node is, in one text. */
  get fingerprint(): string {
    const { durable } = this.#replica.kernel.outbox;
    const timer = mayWake(this.#world, this.#id) ? `${this.#now}/${this.#wakeAt}` : '';
    const writes = this.#writes.map((write) => canonical(write, durable)).join();
    const rest = [
      this.#isExplored,
      writes,
      canonical(this.#toApply),
      canonical(this.#state),
      timer,
      this.#appended,
      this.#birth.life,
    ];
    const { voted } = this.#watch;
    const replica = canonical(this.#replica, durable, !this.#world.lost.includes('fetch'));
    return `${replica}|${this.#remembered}|${rest.join('|')}|${canonical(voted)}`;
  }

  /** The disk, as far as it makes a difference after a crash. */
  get #remembered(): string {
    if ((this.#world.crashes ?? 0) === 0) return '';
    const bids = this.#records.flatMap((record) => (record.type === 'bid' ? [record.number] : []));
    const bid = bids.reduce<CoordNum | undefined>(
      (greatest, number) => (greatest === undefined || orderOf(number, greatest) > 0 ? number : greatest),
      undefined,
    );
    const others = this.#records.filter(({ type }) => type !== 'bid' && type !== 'promise');
    return canonical([bid, this.#watch.promised, this.#snapshot, others]);
  }

  /** What is left of the node for its next life. */
  left(losesMemory: boolean): Birth {
    const { life } = this.#birth;
    const appended = this.#appended;
    const isExplored = this.#isExplored;
    if (losesMemory)
      return { disk: undefined, origin: 'newcomer', life: life + 1, appended, voted: undefined, isExplored };
    const disk = { incarnation: this.#incarnation, snapshot: this.#snapshot, records: this.#records };
    return { disk, origin: this.#birth.origin, life, appended, voted: this.#watch.voted, isExplored };
  }

  /** How this life ended, if that is what is left of it. */
  endedAs({ disk }: Birth): Fact {
    const { promised } = this.#watch;
    const keeps = disk === undefined ? 'nothing' : disk.snapshot === undefined ? 'log' : 'snapshot';
    return { type: 'ended', node: this.#id, promised: promised === undefined ? undefined : nameOf(promised), keeps };
  }

  /** What has happened since this was last asked. */
  takeFacts(): Fact[] {
    const facts = this.#facts;
    this.#facts = [];
    return facts;
  }

  happen(event: LocalEvent): void {
    switch (event.type) {
      case 'deliver':
        return this.#feed({ type: 'message', sender: event.sender, message: event.message });
      case 'write':
        return this.#write();
      case 'append':
        return this.#append();
      case 'begin':
        this.#isExplored = true;
        return;
      case 'prepend':
        return this.#appendAll(event.texts);
      case 'snapshot':
        return this.#takeSnapshot();
      case 'wake':
        this.#now = Math.max(this.#now, this.#wakeAt);
        this.#wakeAt = nowhere;
        return this.#feed({ type: 'time' });
      default:
        throw new Error(`${event.type} ends a life`);
    }
  }

  #revive(): void {
    if (this.#birth.disk === undefined) return;
    const replica = this.#replica;
    if (this.#snapshot !== undefined) {
      const { image, report } = this.#snapshot;
      this.#state = LogState.thaw(image.state);
      replica.restore(image, report);
      this.#watch.restore(image.promised, image.accepted);
    }
    for (const record of this.#records) this.#watch.remember(record);
    const reports: StateReport[] = [];
    const before = this.#state.round;
    for (const effect of replica.replay(this.#records)) {
      if (effect.type !== 'apply') continue;
      for (const proposal of effect.proposals) this.#applyOne(proposal, reports);
    }
    if (this.#state.round > before) replica.replayApplied(this.#state.round, reports);
    this.#watch.revived(replica.kernel);
  }

  #append(): void {
    const texts = this.#world.appends[this.#id]?.[this.#appended]?.split(' ') ?? [];
    this.#appended += 1;
    this.#appendAll(texts);
  }

  /** Appends entries in one turn. */
  #appendAll(texts: readonly string[]): void {
    const requests = texts.map((text) => ({
      key: this.#keyOf(text),
      entry: entryOf(text),
      rounds: undefined,
      leadership: 'acquire' as const,
    }));
    this.#feed({ type: 'append', requests });
  }

  readonly #keys: string[] = [];

  #keyOf(text: string): number {
    this.#keys.push(text);
    return this.#keys.length;
  }

  #feed(input: Input): void {
    this.#carryOut(this.#replica.step(input, this.#now));
  }

  #carryOut(effects: readonly Effect[]): void {
    for (const effect of effects) this.#perform(effect);
    const isSlow = this.#isExplored && (this.#world.slow ?? '').includes(this.#id);
    while (!isSlow && this.#writes.length > 0) this.#write();
    while (this.#toApply.length > 0) this.#applyNext();
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case 'persist':
        this.#writes.push(effect);
        return;
      case 'send':
        return this.#send(effect.to, effect.message);
      case 'apply':
        this.#toApply.push(...effect.proposals);
        for (const { round, entry } of effect.proposals)
          this.#facts.push({ type: 'known', round, text: textOf(entry) });
        return;
      case 'settle':
        return this.#settle(effect);
      case 'emit':
        if (effect.event.type === 'violation' || effect.event.type === 'distrust') must(false, effect.event.reason);
        return;
      case 'wakeAt':
        this.#wakeAt = effect.at;
        return;
      case 'serve':
        return;
    }
  }

  #settle({ key, settlement }: Extract<Effect, { type: 'settle' }>): void {
    const text = this.#keys[key - 1];
    if (text === undefined) return;
    if (settlement.type === 'committed') this.#facts.push({ type: 'known', round: settlement.round, text });
    else if (settlement.failure.effect === 'none') this.#facts.push({ type: 'denied', text });
  }

  #send(to: readonly NodeInfo[], message: Message): void {
    const { type } = message;
    if (type === 'promise') this.#watch.votes(message.incarnation, message.number);
    if (type === 'acceptance') this.#watch.accepts(message.incarnation, message.number, message.from, message.to);
    if (message.type === 'prepare' || message.type === 'propose') {
      const { node, incarnation } = message.number;
      must(node === this.#id && incarnation === this.#incarnation, `H69: ${this.#id} uses ${nameOf(message.number)}`);
    }
    if (this.#isExplored && this.#world.lost.includes(message.type)) return;
    const receivers = to
      .map(({ id }) => id)
      .sort()
      .join('');
    this.#facts.push({ type: 'sent', from: this.#id, to: receivers, message });
  }

  #write(): void {
    const write = this.#writes.shift();
    if (write === undefined) return;
    if (write.type === 'snapshot') {
      this.#watch.replacedBy(write.image);
      this.#snapshot = { image: write.image, report: write.report };
      this.#records.length = 0;
      return;
    }
    for (const record of write.records) {
      this.#records.push(record);
      this.#watch.remember(record);
      this.#facts.push(...this.#factsOf(record));
    }
    for (const effect of write.then) this.#perform(effect);
    this.#feed({ type: 'persisted', ticket: write.ticket });
  }

  #factsOf(record: DurableRecord): Fact[] {
    const incarnation = this.#incarnation;
    if (record.type === 'promise') {
      // Only its own number: others are told in promises.
      return record.number.incarnation === incarnation
        ? [{ type: 'promised', incarnation, number: nameOf(record.number) }]
        : [];
    }
    if (record.type !== 'accept') return [];
    const number = nameOf(record.number);
    return record.entries.map((entry: Entry, index) => {
      return { type: 'accepted', node: this.#id, incarnation, number, round: record.from + index, text: textOf(entry) };
    });
  }

  #applyNext(): void {
    const proposal = this.#toApply.shift();
    if (proposal === undefined) return;
    const reports: StateReport[] = [];
    this.#applyOne(proposal, reports);
    this.#feed({ type: 'applied', through: this.#state.round, reports });
  }

  #applyOne({ round, entry }: Proposal, reports: StateReport[]): void {
    must(round === this.#state.round + 1, `P12: ${this.#id} applies round ${round} after ${this.#state.round}`);
    const report = this.#state.apply(textOf(entry));
    if (report !== undefined) reports.push(report);
  }

  #takeSnapshot(): void {
    const taken = this.#replica.image(this.#state.freeze(), this.#state.round, false);
    if (taken === undefined) return;
    for (const effect of taken.effects) this.#perform(effect);
    this.#writes.push({ type: 'snapshot', image: taken.image, report: this.#state.report });
    this.#carryOut([]);
  }
}
