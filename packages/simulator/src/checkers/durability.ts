// Durability: what an append acknowledged stays in the log; and what a storage called durable (promises, acceptances, commits) is
// there when it is next opened, unless its node was made to forget.
import type { CoordNum, MemoryId, RoundNum } from '@paxakos/core/contracts';
import { compareCoordNums, type DurableRecord, type SnapshotImage } from '@paxakos/core/protocol';
import { textOf } from '../describe.ts';
import { type Knowledge, nameOf } from '../knowledge.ts';
import type { Life } from '../life.ts';
import type { Checker, Complain, Observation, Operation } from '../observation.ts';

/** What a storage holds, as far as the acceptor is concerned. */
class Held {
  promised: CoordNum | undefined;
  readonly accepted = new Map<RoundNum, CoordNum>();
  snapshot: RoundNum = 0;

  take(record: DurableRecord): void {
    if (record.type !== 'promise' && record.type !== 'accept') return;
    if (this.promised === undefined || compareCoordNums(record.number, this.promised) > 0)
      this.promised = record.number;
    if (record.type === 'accept')
      for (let index = 0; index < record.entries.length; index += 1)
        this.accepted.set(record.from + index, record.number);
  }

  restore({ round, promised, accepted }: SnapshotImage): void {
    this.snapshot = round;
    this.promised = promised;
    for (const { round: at, number } of accepted) this.accepted.set(at, number);
  }
}

/** Checks that nothing is lost that was promised to be kept. */
export class DurabilityChecker implements Checker {
  readonly name = 'durability';
  readonly #knowledge: Knowledge;
  readonly #complain: Complain;
  readonly #promised = new Map<MemoryId, Held>();
  readonly #found = new WeakMap<Life, Held>();
  readonly #acknowledged: { readonly operation: Operation; readonly round: RoundNum }[] = [];

  constructor(knowledge: Knowledge, complain: Complain) {
    this.#knowledge = knowledge;
    this.#complain = complain;
  }

  see(observation: Observation): void {
    switch (observation.type) {
      case 'durable': {
        const memory = this.#knowledge.memoryOf(observation.life);
        if (memory === undefined) return;
        const held = this.#promised.get(memory) ?? new Held();
        this.#promised.set(memory, held);
        for (const record of observation.records) held.take(record);
        return;
      }
      case 'restored':
        this.#heldBy(observation.life).restore(observation.image);
        return;
      case 'recovered':
        for (const record of observation.records) this.#heldBy(observation.life).take(record);
        return;
      case 'opened':
        return this.#opened(observation.life);
      case 'settled':
        if (observation.settled.kind !== 'committed') return;
        this.#acknowledged.push({ operation: observation.operation, round: observation.settled.round });
        return this.#checkAcknowledged(observation.operation, observation.settled.round);
    }
  }

  end(): void {
    for (const { operation, round } of this.#acknowledged) this.#checkAcknowledged(operation, round);
  }

  #heldBy(life: Life): Held {
    const held = this.#found.get(life) ?? new Held();
    this.#found.set(life, held);
    return held;
  }

  #opened(life: Life): void {
    const memory = this.#knowledge.memoryOf(life);
    const expected = memory === undefined ? undefined : this.#promised.get(memory);
    if (expected === undefined) return;
    const found = this.#heldBy(life);
    const { promised } = expected;
    if (promised !== undefined && (found.promised === undefined || compareCoordNums(found.promised, promised) < 0))
      this.#complain(`${life.node} comes back without its promise of ${nameOf(promised)}`);
    for (const [round, number] of expected.accepted) {
      if (round <= found.snapshot) continue;
      const kept = found.accepted.get(round);
      if (kept === undefined || compareCoordNums(kept, number) < 0)
        this.#complain(`${life.node} comes back without its acceptance of round ${round} under ${nameOf(number)}`);
    }
    this.#promised.set(memory as MemoryId, found);
  }

  #checkAcknowledged({ entry }: Operation, round: RoundNum): void {
    const held = textOf(this.#knowledge.committed.get(round));
    if (held !== entry.id) this.#complain(`${entry.id} was acknowledged in round ${round}, which holds ${held}`);
  }
}
