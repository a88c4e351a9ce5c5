// Order of application: a state is given every application's entry of the log, each once, in round order, and none is left out;
// no entry is applied before it is committed (P12).
import type { RoundNum } from '@paxakos/core/contracts';
import type { Knowledge } from '../knowledge.ts';
import type { Life } from '../life.ts';
import type { Checker, Complain, Observation } from '../observation.ts';

/** Checks the order of application. */
export class ApplicationOrderChecker implements Checker {
  readonly name = 'order of application';
  readonly #knowledge: Knowledge;
  readonly #complain: Complain;
  /** The last round that the state of a life was given; that of the snapshot where it began with one. */
  readonly #given = new WeakMap<Life, RoundNum>();
  /** The last round that a node said to have applied. */
  readonly #said = new WeakMap<Life, RoundNum>();

  constructor(knowledge: Knowledge, complain: Complain) {
    this.#knowledge = knowledge;
    this.#complain = complain;
  }

  see(observation: Observation): void {
    if (observation.type === 'restored') this.#given.set(observation.life, observation.image.round);
    else if (observation.type === 'applied') this.#applied(observation.life, observation.round, observation.entry.id);
    else if (observation.type === 'event' && observation.event.type === 'install') {
      this.#given.set(observation.life, observation.event.round);
      this.#said.set(observation.life, observation.event.round);
    } else if (observation.type === 'event' && observation.event.type === 'apply') {
      const { life, event } = observation;
      const before = this.#said.get(life);
      if (before !== undefined && event.round !== before + 1)
        this.#complain(`${life.node} applies round ${event.round} after ${before}`);
      this.#said.set(life, event.round);
    }
  }

  #applied(life: Life, round: RoundNum, id: string): void {
    const before = this.#given.get(life) ?? 0;
    this.#given.set(life, round);
    if (round <= before) this.#complain(`${life.node} applies round ${round} after ${before}`);
    for (let between = before + 1; between < round; between += 1) {
      const entry = this.#knowledge.committed.get(between);
      if (entry === undefined || entry.kind === 'application')
        this.#complain(`${life.node} applies round ${round} after ${before}, and leaves out ${between}`);
    }
    const entry = this.#knowledge.committed.get(round);
    if (entry === undefined || new TextDecoder().decode(entry.id) !== id)
      this.#complain(`${life.node} applies ${id} in round ${round}, which is not what is committed there`);
  }
}
