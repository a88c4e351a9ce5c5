// Integrity: the log holds only what was appended, as it was appended, and each entry once, however often its append was tried.
import type { AnyLogEntry, RoundNum } from '@paxakos/core/contracts';
import type { Knowledge } from '../knowledge.ts';
import type { Checker, Complain, Observation } from '../observation.ts';

/** Checks integrity. */
export class IntegrityChecker implements Checker {
  readonly name = 'integrity';
  readonly #knowledge: Knowledge;
  readonly #complain: Complain;
  readonly #appended = new Map<string, AnyLogEntry>();
  readonly #places = new Map<string, RoundNum>();
  #checked: RoundNum = 0;

  constructor(knowledge: Knowledge, complain: Complain) {
    this.#knowledge = knowledge;
    this.#complain = complain;
  }

  see(observation: Observation): void {
    if (observation.type === 'invoked') {
      const { entry } = observation.operation;
      this.#appended.set(entry.id, entry);
    }
    if (observation.type === 'offered' && !this.#appended.has(observation.entry.id))
      this.#appended.set(observation.entry.id, observation.entry);
    const { model } = this.#knowledge;
    if (model === undefined) return;
    while (this.#checked < model.applied) {
      this.#checked += 1;
      const entry = model.entries[this.#checked];
      if (entry !== undefined) this.#place(this.#checked, entry);
    }
  }

  #place(round: RoundNum, entry: AnyLogEntry): void {
    const appended = this.#appended.get(entry.id);
    if (appended === undefined) this.#complain(`round ${round} holds ${entry.id}, which nobody appended`);
    else if (!sameFields(appended, entry))
      this.#complain(`round ${round} holds ${entry.id}, and not as it was appended`);
    const before = this.#places.get(entry.id);
    if (before !== undefined) this.#complain(`${entry.id} is in rounds ${before} and ${round}`);
    this.#places.set(entry.id, round);
  }
}

function sameFields(a: AnyLogEntry, b: AnyLogEntry): boolean {
  const sorted = (entry: AnyLogEntry): string =>
    JSON.stringify(Object.entries(entry).sort(([one], [other]) => (one < other ? -1 : 1)));
  return sorted(a) === sorted(b);
}
