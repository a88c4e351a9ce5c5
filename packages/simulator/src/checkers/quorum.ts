// Quorum: a round is called committed only where a majority of its cluster has durably accepted that very entry under one number,
// each member counted once, by the memory that the log names for it (P6, P7).
import type { Entry, RoundNum } from '@paxakos/core/contracts';
import { textOf } from '../describe.ts';
import { type Knowledge, nameOf, sameEntry } from '../knowledge.ts';
import type { Checker, Complain, Observation } from '../observation.ts';

/** Checks that a quorum stands behind each commit. */
export class QuorumChecker implements Checker {
  readonly name = 'quorum';
  readonly #knowledge: Knowledge;
  readonly #complain: Complain;

  constructor(knowledge: Knowledge, complain: Complain) {
    this.#knowledge = knowledge;
    this.#complain = complain;
  }

  see(observation: Observation): void {
    if (observation.type === 'event' && observation.event.type === 'commit') {
      const { round, number } = observation.event;
      const ballot = this.#knowledge.ballots.get(round)?.get(nameOf(number));
      this.#check(observation.life.node, round, ballot?.entry);
    } else if (observation.type === 'sent') {
      const { life, message } = observation;
      if (message.type === 'entries')
        for (const { round, entry } of message.entries) this.#check(life.node, round, entry);
      if (message.type !== 'commit') return;
      for (let round = message.from; round < message.from + message.ids.length; round += 1)
        this.#check(life.node, round, this.#knowledge.ballots.get(round)?.get(nameOf(message.number))?.entry);
    }
  }

  #check(node: string, round: RoundNum, entry: Entry | undefined): void {
    const chosen = this.#knowledge.chosen.get(round);
    if (chosen !== undefined && entry !== undefined && sameEntry(chosen.entry, entry)) return;
    const accepted = chosen === undefined ? 'nothing' : textOf(chosen.entry);
    this.#complain(`${node} takes ${textOf(entry)} for committed in round ${round}; a majority accepted ${accepted}`);
  }
}
