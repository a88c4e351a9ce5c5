import type { CoordNum, Entry, Founding, Message, NodeId, Proposal, RoundNum } from '../../../src/contracts/index.ts';
import {
  compareCoordNums,
  type DurableRecord,
  type ReplicaEvent,
  type Settlement,
} from '../../../src/protocol/index.ts';
import { numberOf, textOf } from './entries.ts';
import { isMajority, LogModel } from './log-model.ts';
import type { WorldNode } from './world-node.ts';

/** What the votes that are durable say of one round under one number. */
interface Ballot {
  readonly text: string;
  readonly voters: Set<string>;
}

function must(condition: boolean, rule: string): asserts condition {
  if (!condition) throw new Error(rule);
}

/** Watches everything that leaves a node, and throws where a rule of the protocol is broken. */
export class Checker {
  /** The one log: what each round is committed as. */
  readonly log = new Map<RoundNum, Entry>();
  readonly #concurrency: number;
  #model: LogModel | undefined;
  #founding: string | undefined;
  #last: Founding | undefined;
  readonly #ballots = new Map<RoundNum, Map<string, Ballot>>();
  readonly #unmodelled = new Set<RoundNum>();
  readonly #chosen = new Map<RoundNum, string>();
  /** Committed rounds whose votes have not been looked at. */
  readonly #unchecked = new Set<RoundNum>();
  /** The greatest number that left each memory in a vote, and that is durable in it. */
  readonly #voted = new Map<string, CoordNum>();
  readonly #promised = new Map<string, CoordNum>();
  readonly #appends = new Map<number, string>();
  /** Entries of which it was said that they are not, and never will be, in the log. */
  readonly #denied = new Set<string>();
  /** Whether a test plays a node that breaks the rules. */
  toleratesViolations = false;
  /** Who has ever known how the cluster was founded. */
  readonly foundedIn = new Set<NodeId>();
  readonly committedKeys = new Map<number, RoundNum>();

  constructor(concurrency: number) {
    this.#concurrency = concurrency;
  }

  get model(): LogModel | undefined {
    return this.#model;
  }

  appended(key: number, entry: Entry): void {
    this.#appends.set(key, textOf(entry));
  }

  /** Looks at nothing: for rounds that a plain model has no room for. */
  idle = false;

  onSend(node: WorldNode, message: Message): void {
    if (this.idle) return;
    switch (message.type) {
      case 'prepare':
        return this.#ownNumber(node, message.number);
      case 'propose':
        this.#ownNumber(node, message.number);
        message.entries.forEach((entry, index) => {
          const round = message.from + index;
          this.#ballot(round, message.number, entry);
          const reach = this.#model?.reach ?? 0;
          must(round <= reach, `P9: round ${round} proposed by ${node.id} beyond the window, which reaches ${reach}`);
        });
        return;
      case 'promise':
        return this.#vote(message.incarnation, message.number);
      case 'acceptance':
        this.#vote(message.incarnation, message.number);
        for (let round = message.from; round <= message.to; round += 1) {
          const ballot = this.#ballots.get(round)?.get(numberOf(message.number));
          must(
            ballot?.voters.has(message.incarnation) === true,
            `P1: acceptance of ${round} by ${node.id} before it is durable`,
          );
        }
        return;
      case 'entries':
        return this.#committed(message.entries);
    }
  }

  #ownNumber(node: WorldNode, number: CoordNum): void {
    must(
      number.node === node.id && number.incarnation === node.incarnation,
      `H69: ${node.id} uses ${numberOf(number)}`,
    );
  }

  #vote(incarnation: string, number: CoordNum): void {
    const before = this.#voted.get(incarnation);
    const text = `${incarnation} votes under ${numberOf(number)}`;
    must(before === undefined || compareCoordNums(number, before) >= 0, `P2: ${text} after ${numberOf(before)}`);
    const durable = this.#promised.get(incarnation);
    must(durable !== undefined && compareCoordNums(durable, number) >= 0, `P1: ${text} before it is durable`);
    this.#voted.set(incarnation, number);
  }

  #ballot(round: RoundNum, number: CoordNum, entry: Entry): Ballot {
    const name = numberOf(number);
    const text = textOf(entry);
    const ballots = this.#ballots.get(round) ?? new Map<string, Ballot>();
    const ballot = ballots.get(name) ?? { text, voters: new Set<string>() };
    this.#ballots.set(round, ballots.set(name, ballot));
    must(ballot.text === text, `P4: ${name} is used for ${ballot.text} and ${text} in round ${round}`);
    return ballot;
  }

  onWritten(node: WorldNode, records: readonly DurableRecord[]): void {
    const { incarnation } = node;
    if (incarnation === undefined || this.idle) return;
    for (const record of records) {
      if (record.type !== 'promise' && record.type !== 'accept') continue;
      const before = this.#promised.get(incarnation);
      if (before === undefined || compareCoordNums(record.number, before) > 0)
        this.#promised.set(incarnation, record.number);
      if (record.type === 'promise') continue;
      record.entries.forEach((entry, index) => {
        this.#ballot(record.from + index, record.number, entry).voters.add(incarnation);
        this.#choose(record.from + index);
      });
    }
  }

  #found(founding: Founding, node: NodeId): void {
    this.foundedIn.add(node);
    if (founding === this.#last) return;
    this.#last = founding;
    const text = JSON.stringify([founding.members, founding.incarnations.map(([, incarnation]) => incarnation).sort()]);
    this.#founding ??= text;
    must(this.#founding === text, `P10: founded twice: ${this.#founding} and ${text}`);
    this.#model ??= new LogModel(founding, this.#concurrency);
  }

  /** Sees whether a majority of the round's cluster has accepted one entry under one number. */
  #choose(round: RoundNum): void {
    const voters = this.#model?.votersOf(round);
    if (voters === undefined) {
      this.#unmodelled.add(round);
      return;
    }
    const incarnations = [...voters.values()];
    for (const [name, ballot] of this.#ballots.get(round) ?? []) {
      if (!isMajority(incarnations.filter((incarnation) => ballot.voters.has(incarnation)).length, voters)) continue;
      const chosen = this.#chosen.get(round) ?? ballot.text;
      must(chosen === ballot.text, `agreement: ${chosen} and, by ${name}, ${ballot.text} are chosen in round ${round}`);
      this.#chosen.set(round, chosen);
    }
  }

  /** Nodes say that these are committed. */
  #committed(proposals: readonly Proposal[]): void {
    for (const { round, entry } of proposals) {
      const text = textOf(entry);
      const known = this.log.get(round);
      if (known !== undefined) {
        must(textOf(known) === text, `agreement: round ${round} is ${textOf(known)} and ${text}`);
        continue;
      }
      must(!this.#denied.has(text), `H53: ${text} is committed in ${round}, after it was said never to be`);
      this.log.set(round, entry);
      this.#unchecked.add(round);
    }
    this.#advance();
  }

  #advance(): void {
    const model = this.#model;
    if (model === undefined) return;
    for (;;) {
      const entry = this.log.get(model.applied + 1);
      if (entry === undefined) break;
      model.apply(entry);
    }
    for (const round of this.#unmodelled) {
      if (round > model.reach) continue;
      this.#unmodelled.delete(round);
      this.#choose(round);
    }
    for (const round of this.#unchecked) {
      if (round > model.reach) continue;
      this.#unchecked.delete(round);
      const text = textOf(this.log.get(round) as Entry);
      const chosen = this.#chosen.get(round);
      must(chosen === text, `P6: round ${round} is committed as ${text} without a majority (${chosen})`);
    }
  }

  onCommitted(proposals: readonly Proposal[]): void {
    if (this.idle) return;
    this.#committed(proposals);
  }

  onSettle(key: number, settlement: Settlement): void {
    const text = this.#appends.get(key);
    if (text === undefined) return;
    if (settlement.type === 'committed') {
      this.committedKeys.set(key, settlement.round);
      return;
    }
    if (settlement.failure.effect !== 'none') return;
    for (const [round, entry] of this.log)
      must(textOf(entry) !== text, `H53: ${text} is said not to be committed, and is in ${round}`);
    for (const [round, chosen] of this.#chosen)
      must(chosen !== text, `H53: ${text} is said not to be committed, and is chosen in ${round}`);
  }

  /** Nobody appends this any more after it was said to have no effect. */
  deny(key: number): void {
    const text = this.#appends.get(key);
    if (text !== undefined) this.#denied.add(text);
  }

  onEvent(event: ReplicaEvent): void {
    const isViolation = event.type === 'violation' || event.type === 'distrust';
    must(this.toleratesViolations || !isViolation, isViolation ? `violation: ${event.reason}` : '');
  }

  /** Every node derives the same cluster for each round (rule P9). */
  onStep(node: WorldNode): void {
    if (this.idle) return;
    const { founding, window, learner } = node.live.kernel;
    if (founding !== undefined) this.#found(founding, node.id);
    const model = this.#model;
    if (model === undefined) return;
    must(window.reach <= model.reach, `P9: ${node.id} reaches to ${window.reach}, the log to ${model.reach}`);
    for (let round = window.applied + 1; round <= window.reach; round += 1) {
      const epoch = window.epochOf(round);
      const derived = [...(epoch?.incarnations ?? [])].map(([, incarnation]) => incarnation).sort();
      const expected = [...(model.votersOf(round)?.values() ?? [])].sort();
      must(
        derived.join() === expected.join(),
        `P9: ${node.id} has ${derived.join()} govern round ${round}, the log says ${expected.join()}`,
      );
    }
    must(learner.committed >= node.state.round, `P12: ${node.id} has applied more than it knows as committed`);
  }

  /** What is acknowledged is in the log, once; nothing else is there twice. */
  finish(): void {
    for (const [key, round] of this.committedKeys) {
      const text = this.#appends.get(key);
      const entry = this.log.get(round);
      const held = entry === undefined ? this.#chosen.get(round) : textOf(entry);
      must(held === text, `the append ${text} was acknowledged in round ${round}, which holds ${held}`);
    }
    const seen = new Map<string, RoundNum>();
    for (const [round, entry] of this.log) {
      const text = textOf(entry);
      if (entry.kind !== 'application') continue;
      must(!seen.has(text), `exactly once: ${text} is in rounds ${seen.get(text)} and ${round}`);
      seen.set(text, round);
    }
  }
}
