// One value: a number is never used for two entries in one round (P4), not by what is read back from a storage either, and only by
// the memory that it names (H69).
import type { CoordNum, Entry, RoundNum } from '@paxakos/core/contracts';
import { textOf } from '../describe.ts';
import { type Knowledge, nameOf, sameEntry } from '../knowledge.ts';
import type { Life } from '../life.ts';
import type { Checker, Complain, Observation } from '../observation.ts';

/** Checks that there is one value for each round and number. */
export class OneValueChecker implements Checker {
  readonly name = 'one value';
  readonly #knowledge: Knowledge;
  readonly #complain: Complain;

  constructor(knowledge: Knowledge, complain: Complain) {
    this.#knowledge = knowledge;
    this.#complain = complain;
  }

  see(observation: Observation): void {
    if (observation.type === 'sent') {
      const { life, message } = observation;
      if (message.type === 'prepare') this.#own(life, message.number);
      if (message.type !== 'propose') return;
      this.#own(life, message.number);
      message.entries.forEach((entry, index) => {
        this.#value(life, message.from + index, message.number, entry);
      });
    } else if (observation.type === 'restored') {
      for (const { round, number, entry } of observation.image.accepted)
        this.#value(observation.life, round, number, entry);
    } else if (observation.type === 'written' || observation.type === 'recovered') {
      for (const record of observation.records) {
        if (record.type !== 'accept') continue;
        record.entries.forEach((entry, index) => {
          this.#value(observation.life, record.from + index, record.number, entry);
        });
      }
    }
  }

  #own(life: Life, number: CoordNum): void {
    if (number.node !== life.node || number.incarnation !== this.#knowledge.incarnationOf(life))
      this.#complain(`${life.node} uses ${nameOf(number)}, which is not its own (H69)`);
  }

  #value({ node }: Life, round: RoundNum, number: CoordNum, entry: Entry): void {
    const ballot = this.#knowledge.ballot(round, number, entry);
    if (sameEntry(ballot.entry, entry)) return;
    const texts = `${textOf(ballot.entry)} and, at ${node}, ${textOf(entry)}`;
    this.#complain(`${nameOf(number)} stands for ${texts} in round ${round} (P4)`);
  }
}
