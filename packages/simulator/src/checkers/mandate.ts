// Mandate: a node proposes in a round only with promises, under the same number, from a majority of the very cluster that governs
// that round (P5), and never in a round whose cluster the log does not yet tell (P9).
import type { CoordNum, IncarnationId, Message, RoundNum } from '@paxakos/core/contracts';
import { type Knowledge, nameOf } from '../knowledge.ts';
import type { Life } from '../life.ts';
import { isMajority } from '../log-model.ts';
import type { Checker, Complain, Observation } from '../observation.ts';

interface Coverage {
  readonly incarnation: IncarnationId;
  readonly from: RoundNum;
  readonly through: RoundNum;
}

/** Checks that every proposal has its mandate. */
export class MandateChecker implements Checker {
  readonly name = 'mandate';
  readonly #knowledge: Knowledge;
  readonly #complain: Complain;
  readonly #promises = new Map<string, Coverage[]>();
  readonly #proposed = new Set<string>();

  constructor(knowledge: Knowledge, complain: Complain) {
    this.#knowledge = knowledge;
    this.#complain = complain;
  }

  see(observation: Observation): void {
    if (observation.type === 'sent') this.#sent(observation.life, observation.message);
    else if (observation.type === 'durable' || observation.type === 'recovered') {
      const incarnation = this.#knowledge.incarnationOf(observation.life);
      for (const record of observation.records) {
        // A node's own promise to itself is never sent, but kept; what it has accepted under its own number is one, too.
        const isPromise = record.type === 'promise' || record.type === 'accept';
        if (isPromise && record.number.incarnation === incarnation)
          this.#cover(record.number, incarnation, 1, Number.MAX_SAFE_INTEGER);
      }
    }
  }

  #cover(number: CoordNum, incarnation: IncarnationId, from: RoundNum, through: RoundNum): void {
    const name = nameOf(number);
    const coverages = this.#promises.get(name) ?? [];
    coverages.push({ incarnation, from, through });
    this.#promises.set(name, coverages);
  }

  #sent(life: Life, message: Message): void {
    if (message.type === 'promise') this.#cover(message.number, message.incarnation, message.from, message.through);
    if (message.type !== 'propose') return;
    const name = nameOf(message.number);
    for (let round = message.from; round < message.from + message.entries.length; round += 1) {
      const key = `${round} ${name}`;
      if (this.#proposed.has(key)) continue;
      this.#proposed.add(key);
      this.#check(life, round, name);
    }
  }

  #check({ node }: Life, round: RoundNum, name: string): void {
    const voters = this.#knowledge.model?.votersOf(round);
    if (voters === undefined) {
      const reach = this.#knowledge.model?.reach ?? 0;
      this.#complain(`${node} proposes in round ${round}, beyond the window, which reaches to ${reach} (P9)`);
      return;
    }
    const promised = new Set<IncarnationId>();
    for (const { incarnation, from, through } of this.#promises.get(name) ?? [])
      if (from <= round && round <= through) promised.add(incarnation);
    const votes = [...voters.values()].filter((incarnation) => promised.has(incarnation)).length;
    if (!isMajority(votes, voters))
      this.#complain(`${node} proposes in round ${round} under ${name} with ${votes} promises of ${voters.size} (P5)`);
  }
}
