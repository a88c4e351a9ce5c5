// Promise monotonicity: what a memory promises or accepts under never decreases (P2), also over a restart, from its records or from a
// snapshot; and no promise or acceptance leaves a node before that very one is durable there (P1).
import type { CoordNum, IncarnationId, Message } from '@paxakos/core/contracts';
import { compareCoordNums, type DurableRecord } from '@paxakos/core/protocol';
import { type Knowledge, nameOf } from '../knowledge.ts';
import type { Life } from '../life.ts';
import type { Checker, Complain, Observation } from '../observation.ts';

/** Checks that promises only grow, and are kept before they are given. */
export class PromisesChecker implements Checker {
  readonly name = 'promises';
  readonly #knowledge: Knowledge;
  readonly #complain: Complain;
  /** The greatest number that each memory has written down. */
  readonly #written = new Map<IncarnationId, CoordNum>();
  /** The names of all numbers that each memory has durably taken on. */
  readonly #durable = new Map<IncarnationId, Set<string>>();
  /** The greatest number that a life began with. */
  readonly #floors = new WeakMap<Life, CoordNum>();

  constructor(knowledge: Knowledge, complain: Complain) {
    this.#knowledge = knowledge;
    this.#complain = complain;
  }

  see(observation: Observation): void {
    switch (observation.type) {
      case 'sent':
        return this.#sent(observation.life, observation.message);
      case 'written':
        for (const number of numbersOf(observation.records)) this.#take(observation.life, number);
        return;
      case 'durable':
        for (const number of numbersOf(observation.records)) this.#keep(observation.life, number);
        return;
      case 'recovered':
        for (const number of numbersOf(observation.records)) this.#find(observation.life, number);
        return;
      case 'restored':
        if (observation.image.promised !== undefined) this.#find(observation.life, observation.image.promised);
        return;
      case 'ended': {
        // What was on its way to the disk is there after a restart, or it never was.
        const incarnation = this.#knowledge.incarnationOf(observation.life);
        if (incarnation !== undefined) this.#written.delete(incarnation);
      }
    }
  }

  #take(life: Life, number: CoordNum): void {
    const incarnation = this.#knowledge.incarnationOf(life);
    if (incarnation === undefined) return;
    const before = this.#written.get(incarnation);
    if (before !== undefined && compareCoordNums(number, before) < 0)
      this.#complain(`${life.node} takes on ${nameOf(number)} after ${nameOf(before)} (P2)`);
    raise(this.#written, incarnation, number);
  }

  #keep(life: Life, number: CoordNum): void {
    const incarnation = this.#knowledge.incarnationOf(life);
    if (incarnation === undefined) return;
    const durable = this.#durable.get(incarnation) ?? new Set();
    this.#durable.set(incarnation, durable);
    durable.add(nameOf(number));
  }

  /** A storage that is opened gives this number. */
  #find(life: Life, number: CoordNum): void {
    this.#keep(life, number);
    raise(this.#floors, life, number);
    const incarnation = this.#knowledge.incarnationOf(life);
    if (incarnation !== undefined) raise(this.#written, incarnation, number);
  }

  #sent(life: Life, message: Message): void {
    if (message.type !== 'promise' && message.type !== 'acceptance') return;
    const { incarnation, number } = message;
    const { node } = life;
    const floor = this.#floors.get(life);
    // What this life has promised may be said late, after it has promised more; what a former one has, not at all.
    if (floor !== undefined && compareCoordNums(number, floor) < 0)
      this.#complain(`${node} sends a ${message.type} under ${nameOf(number)}, and began with ${nameOf(floor)} (P2)`);
    if (this.#durable.get(incarnation)?.has(nameOf(number)) !== true)
      this.#complain(`${node} sends a ${message.type} under ${nameOf(number)} before it is durable (P1)`);
    if (message.type === 'promise') return;
    for (let round = message.from; round <= message.to; round += 1) {
      const ballot = this.#knowledge.ballots.get(round)?.get(nameOf(number));
      if (ballot?.voters.has(incarnation) !== true)
        this.#complain(`${node} sends an acceptance of round ${round} before it is durable (P1)`);
    }
  }
}

/** What these records promise, for themselves or by accepting. */
function numbersOf(records: readonly DurableRecord[]): CoordNum[] {
  return records.flatMap((record) => (record.type === 'promise' || record.type === 'accept' ? [record.number] : []));
}

interface Numbers<K> {
  get(key: K): CoordNum | undefined;
  set(key: K, number: CoordNum): unknown;
}

function raise<K>(numbers: Numbers<K>, key: K, number: CoordNum): void {
  const before = numbers.get(key);
  if (before === undefined || compareCoordNums(number, before) > 0) numbers.set(key, number);
}
