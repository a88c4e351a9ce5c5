// Honesty: an append that failed with `effect: 'none'` is not in the log, and never will be unless it is appended again (H53).
import { textOf } from '../describe.ts';
import type { Knowledge } from '../knowledge.ts';
import type { Checker, Complain, Observation } from '../observation.ts';

/** Checks that no failure claims too much. */
export class HonestyChecker implements Checker {
  readonly name = 'honesty';
  readonly #knowledge: Knowledge;
  readonly #complain: Complain;
  /** What nobody appends any more, by id. */
  readonly #denied = new Set<string>();
  /** The ids of entries that were seen as chosen or committed. */
  readonly #placed = new Map<string, number>();
  #checked = 0;

  constructor(knowledge: Knowledge, complain: Complain) {
    this.#knowledge = knowledge;
    this.#complain = complain;
  }

  see(observation: Observation): void {
    const { model } = this.#knowledge;
    while (model !== undefined && this.#checked < model.applied) {
      this.#checked += 1;
      const id = model.entries[this.#checked]?.id;
      if (id === undefined) continue;
      this.#placed.set(id, this.#checked);
      if (this.#denied.has(id)) this.#complain(`${id} is committed, after its append had failed without effect`);
    }
    if (observation.type === 'invoked') this.#denied.delete(observation.operation.entry.id);
    if (observation.type !== 'settled') return;
    const { operation, settled } = observation;
    if (settled.kind !== 'failed' || settled.effect !== 'none') return;
    const { id } = operation.entry;
    const round = this.#placed.get(id) ?? this.#chosenIn(id);
    if (round !== undefined) this.#complain(`${id} failed without effect (${settled.code}), and is in round ${round}`);
    if (settled.isFinal) this.#denied.add(id);
  }

  #chosenIn(id: string): number | undefined {
    for (let round = this.#checked + 1; round <= (this.#knowledge.model?.reach ?? 0); round += 1)
      if (textOf(this.#knowledge.chosen.get(round)?.entry) === id) return round;
    return undefined;
  }
}
