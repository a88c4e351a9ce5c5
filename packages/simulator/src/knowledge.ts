import type {
  CoordNum,
  Entry,
  Founding,
  IncarnationId,
  Message,
  NodeId,
  Proposal,
  RoundNum,
} from '@paxakos/core/contracts';
import type { DurableRecord } from '@paxakos/core/protocol';
import type { Life } from './life.ts';
import { isMajority, LogModel, type ModelParts } from './log-model.ts';
import type { Observation } from './observation.ts';

/** A number as text, to be compared for equality. */
export function nameOf({ counter, node, incarnation }: CoordNum): string {
  return `${counter} ${node} ${incarnation}`;
}

/** Whether both are the same entry, byte for byte. */
export function sameEntry(a: Entry, b: Entry): boolean {
  return a === b || (a.bytes.length === b.bytes.length && a.bytes.every((byte, at) => byte === b.bytes[at]));
}

/** What is proposed in a round under one number, and which memories hold its acceptance durably. */
export interface Ballot {
  readonly number: CoordNum;
  readonly entry: Entry;
  readonly voters: Set<IncarnationId>;
}

/** What all that was seen says of the one log. It takes sides with whatever came first; the checkers complain of the rest. */
export class Knowledge {
  readonly #parts: ModelParts;
  model: LogModel | undefined;
  founding: Founding | undefined;
  /** Who has ever known how the cluster was founded. */
  readonly foundedIn: Set<NodeId> = new Set();
  readonly ballots: Map<RoundNum, Map<string, Ballot>> = new Map();
  /** What a majority of the round's cluster has accepted under one number. */
  readonly chosen: Map<RoundNum, Ballot> = new Map();
  /** What some node has called committed. */
  readonly committed: Map<RoundNum, Entry> = new Map();
  /** The memory that a life of a node has. */
  readonly #incarnations: WeakMap<Life, IncarnationId> = new WeakMap();
  readonly #unmodelled: Set<RoundNum> = new Set();

  constructor(parts: ModelParts) {
    this.#parts = parts;
  }

  incarnationOf(life: Life): IncarnationId | undefined {
    return this.#incarnations.get(life);
  }

  see(observation: Observation): void {
    switch (observation.type) {
      case 'running':
        this.#incarnations.set(observation.life, observation.incarnation);
        return;
      case 'sent':
        return this.#sent(observation.life, observation.message);
      case 'written':
        for (const record of observation.records) this.#named(observation.life, record);
        return;
      case 'durable':
      case 'recovered':
        for (const record of observation.records) {
          this.#named(observation.life, record);
          this.#durable(observation.life, record);
        }
        return;
      case 'restored':
        this.#incarnations.set(observation.life, observation.image.incarnation);
        this.#found(observation.life, observation.image.founding);
        for (const proposal of observation.image.accepted) this.#accepted(observation.life, proposal);
        return;
      case 'event':
        if (observation.event.type === 'commit') this.#commit(observation.event.round, observation.event.number);
        return;
    }
  }

  #named(life: Life, record: DurableRecord): void {
    if (record.type === 'identity') this.#incarnations.set(life, record.incarnation);
    if (record.type === 'founding') this.#found(life, record.founding);
  }

  #found(life: Life, founding: Founding): void {
    this.foundedIn.add(life.node);
    this.founding ??= founding;
    this.model ??= new LogModel(founding, this.#parts);
  }

  #sent(life: Life, message: Message): void {
    if (message.type === 'propose') {
      message.entries.forEach((entry, index) => void this.ballot(message.from + index, message.number, entry));
    } else if (message.type === 'entries') {
      for (const { round, entry } of message.entries) this.#learn(round, entry);
      this.#advance();
    } else if (message.type === 'founded') this.#found(life, message.founding);
  }

  #durable(life: Life, record: DurableRecord): void {
    if (record.type === 'accept') {
      record.entries.forEach((entry, index) => {
        this.#accepted(life, { round: record.from + index, number: record.number, entry });
      });
    } else if (record.type === 'entries') {
      for (const { round, entry } of record.entries) this.#learn(round, entry);
      this.#advance();
    }
  }

  /** The ballot of a number in a round, which begins with this entry where it is new. */
  ballot(round: RoundNum, number: CoordNum, entry: Entry): Ballot {
    let ballots = this.ballots.get(round);
    if (ballots === undefined) {
      ballots = new Map();
      this.ballots.set(round, ballots);
    }
    const name = nameOf(number);
    let ballot = ballots.get(name);
    if (ballot === undefined) {
      ballot = { number, entry, voters: new Set() };
      ballots.set(name, ballot);
    }
    return ballot;
  }

  #accepted(life: Life, { round, number, entry }: Proposal): void {
    const incarnation = this.#incarnations.get(life);
    const ballot = this.ballot(round, number, entry);
    if (incarnation === undefined || !sameEntry(ballot.entry, entry)) return;
    ballot.voters.add(incarnation);
    this.#choose(round, ballot);
  }

  #choose(round: RoundNum, ballot: Ballot): void {
    const voters = this.model?.votersOf(round);
    if (voters === undefined) {
      this.#unmodelled.add(round);
      return;
    }
    if (this.chosen.has(round)) return;
    let votes = 0;
    for (const incarnation of voters.values()) if (ballot.voters.has(incarnation)) votes += 1;
    if (isMajority(votes, voters)) this.chosen.set(round, ballot);
  }

  #commit(round: RoundNum, number: CoordNum): void {
    const ballot = this.ballots.get(round)?.get(nameOf(number));
    if (ballot === undefined) return;
    this.#learn(round, ballot.entry);
    this.#advance();
  }

  #learn(round: RoundNum, entry: Entry): void {
    if (!this.committed.has(round)) this.committed.set(round, entry);
  }

  #advance(): void {
    const { model } = this;
    if (model === undefined) return;
    const reach = model.reach;
    for (let next = this.committed.get(model.applied + 1); next !== undefined; ) {
      model.apply(next);
      next = this.committed.get(model.applied + 1);
    }
    if (model.reach === reach) return;
    for (const round of this.#unmodelled) {
      if (round > model.reach) continue;
      this.#unmodelled.delete(round);
      for (const ballot of this.ballots.get(round)?.values() ?? []) this.#choose(round, ballot);
    }
  }
}
