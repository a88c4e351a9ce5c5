// Agreement: a round holds one entry, for ever. Whatever two nodes ever call committed in a round is the same entry, byte for
// byte; no two entries are ever accepted there by majorities of the round's cluster; and once one has been, every proposal under
// a greater number is that entry.
import type { CoordNum, Entry, Message, RoundNum } from '@paxakos/core/contracts';
import { compareCoordNums, type DurableRecord } from '@paxakos/core/protocol';
import { textOf } from '../describe.ts';
import { type Knowledge, nameOf, sameEntry } from '../knowledge.ts';
import { isMajority } from '../log-model.ts';
import type { Checker, Complain, Observation } from '../observation.ts';

/** Checks agreement. */
export class AgreementChecker implements Checker {
  readonly name = 'agreement';
  readonly #knowledge: Knowledge;
  readonly #complain: Complain;

  constructor(knowledge: Knowledge, complain: Complain) {
    this.#knowledge = knowledge;
    this.#complain = complain;
  }

  see(observation: Observation): void {
    if (observation.type === 'sent') this.#sent(observation.life.node, observation.message);
    else if (observation.type === 'durable' || observation.type === 'recovered')
      for (const record of observation.records) {
        if (record.type === 'accept') this.#accepted(record);
        else if (record.type === 'entries')
          for (const { round, entry } of record.entries) this.#committed(observation.life.node, round, entry);
      }
    else if (observation.type === 'event' && observation.event.type === 'commit') {
      const { round, number } = observation.event;
      const ballot = this.#knowledge.ballots.get(round)?.get(nameOf(number));
      if (ballot !== undefined) this.#committed(observation.life.node, round, ballot.entry);
    }
  }

  #sent(node: string, message: Message): void {
    if (message.type === 'entries') {
      for (const { round, entry } of message.entries) this.#committed(node, round, entry);
    } else if (message.type === 'propose') {
      message.entries.forEach((entry, index) => {
        this.#proposed(node, message.from + index, message.number, entry);
      });
    }
  }

  #committed(node: string, round: RoundNum, entry: Entry): void {
    const known = this.#knowledge.committed.get(round);
    if (known !== undefined && !sameEntry(known, entry))
      this.#complain(`round ${round} is ${textOf(known)}, and ${textOf(entry)} at ${node}`);
  }

  #proposed(node: string, round: RoundNum, number: CoordNum, entry: Entry): void {
    const chosen = this.#knowledge.chosen.get(round);
    if (chosen === undefined || compareCoordNums(number, chosen.number) <= 0 || sameEntry(chosen.entry, entry)) return;
    this.#complain(`${node} proposes ${textOf(entry)} in round ${round}, where ${textOf(chosen.entry)} is chosen`);
  }

  #accepted(record: DurableRecord & { readonly type: 'accept' }): void {
    for (let round = record.from; round < record.from + record.entries.length; round += 1) {
      const chosen = this.#knowledge.chosen.get(round);
      const ballot = this.#knowledge.ballots.get(round)?.get(nameOf(record.number));
      const voters = this.#knowledge.model?.votersOf(round);
      if (chosen === undefined || ballot === undefined || voters === undefined) continue;
      if (chosen === ballot || sameEntry(chosen.entry, ballot.entry)) continue;
      const votes = [...voters.values()].filter((incarnation) => ballot.voters.has(incarnation)).length;
      if (isMajority(votes, voters))
        this.#complain(`${textOf(chosen.entry)} and ${textOf(ballot.entry)} are both chosen in round ${round}`);
    }
  }
}
