// Promise monotonicity: what a memory promises or accepts under never decreases (P2), and no promise or acceptance leaves a node
// before it is durable there (P1).
import type { CoordNum, MemoryId, Message } from '@paxakos/core/contracts';
import { compareCoordNums, type DurableRecord } from '@paxakos/core/protocol';
import { type Knowledge, nameOf } from '../knowledge.ts';
import type { Life } from '../life.ts';
import type { Checker, Complain, Observation } from '../observation.ts';

/** Checks that promises only grow, and are kept before they are given. */
export class PromisesChecker implements Checker {
  readonly name = 'promises';
  readonly #knowledge: Knowledge;
  readonly #complain: Complain;
  /** The greatest number that each memory wrote down, and that it wrote down durably. */
  readonly #written = new Map<MemoryId, CoordNum>();
  readonly #durable = new Map<MemoryId, CoordNum>();

  constructor(knowledge: Knowledge, complain: Complain) {
    this.#knowledge = knowledge;
    this.#complain = complain;
  }

  see(observation: Observation): void {
    if (observation.type === 'sent') this.#sent(observation.life, observation.message);
    else if (observation.type === 'written') this.#note(observation.life, observation.records, this.#written, true);
    else if (observation.type === 'durable') this.#note(observation.life, observation.records, this.#durable, false);
    else if (observation.type === 'recovered') {
      this.#note(observation.life, observation.records, this.#durable, false);
      this.#note(observation.life, observation.records, this.#written, false);
    } else if (observation.type === 'ended') {
      // What was on its way to the disk is there after a restart, or it never was.
      const memory = this.#knowledge.memoryOf(observation.life);
      if (memory !== undefined) this.#written.delete(memory);
    } else if (observation.type === 'restored' && observation.image.promised !== undefined) {
      raise(this.#durable, observation.image.memory, observation.image.promised);
    }
  }

  #note(life: Life, records: readonly DurableRecord[], into: Map<MemoryId, CoordNum>, isNew: boolean): void {
    const memory = this.#knowledge.memoryOf(life);
    if (memory === undefined) return;
    for (const record of records) {
      if (record.type !== 'promise' && record.type !== 'accept') continue;
      const before = into.get(memory);
      if (isNew && before !== undefined && compareCoordNums(record.number, before) < 0)
        this.#complain(`${life.node} takes on ${nameOf(record.number)} after ${nameOf(before)} (P2)`);
      raise(into, memory, record.number);
    }
  }

  #sent({ node }: Life, message: Message): void {
    if (message.type !== 'promise' && message.type !== 'acceptance') return;
    const { memory, number } = message;
    const durable = this.#durable.get(memory);
    if (durable === undefined || compareCoordNums(durable, number) < 0)
      this.#complain(`${node} sends a ${message.type} under ${nameOf(number)} before it is durable (P1)`);
    if (message.type === 'promise') return;
    for (let round = message.from; round <= message.to; round += 1) {
      const ballot = this.#knowledge.ballots.get(round)?.get(nameOf(number));
      if (ballot?.voters.has(memory) !== true)
        this.#complain(`${node} sends an acceptance of round ${round} before it is durable (P1)`);
    }
  }
}

function raise(numbers: Map<MemoryId, CoordNum>, memory: MemoryId, number: CoordNum): void {
  const before = numbers.get(memory);
  if (before === undefined || compareCoordNums(number, before) > 0) numbers.set(memory, number);
}
