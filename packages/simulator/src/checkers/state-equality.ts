// State equality: after each round every node has the state, and gave the outcome, that the log alone leads to; so has every
// snapshot that is thawed. And whoever appended an entry gets the outcome of that very entry, in the round in which it is.
import type { RoundNum } from '@paxakos/core/contracts';
import type { Knowledge } from '../knowledge.ts';
import type { Life } from '../life.ts';
import type { Checker, Complain, Observation, Operation } from '../observation.ts';

/** Checks that all states are equal, by their digests. */
export class StateEqualityChecker implements Checker {
  readonly name = 'state equality';
  readonly #knowledge: Knowledge;
  readonly #complain: Complain;
  /** The round of the snapshot that a life is about to begin with. */
  readonly #restored = new WeakMap<Life, RoundNum>();
  readonly #thawed = new WeakMap<Life, string>();

  constructor(knowledge: Knowledge, complain: Complain) {
    this.#knowledge = knowledge;
    this.#complain = complain;
  }

  see(observation: Observation): void {
    switch (observation.type) {
      case 'applied': {
        const { life, round, outcome, digest } = observation;
        const expected = this.#check(life, round, digest);
        if (expected !== undefined && JSON.stringify(expected.outcome) !== JSON.stringify(outcome))
          this.#complain(
            `${life.node} gives ${JSON.stringify(outcome)} in round ${round}, not ${JSON.stringify(expected.outcome)}`,
          );
        return;
      }
      case 'settled':
        if (observation.settled.kind === 'applied' && observation.operation.isRead !== true)
          this.#given(observation.operation, observation.settled.round, observation.settled.outcome);
        return;
      case 'restored':
        this.#restored.set(observation.life, observation.image.round);
        return;
      case 'thawed': {
        const round = this.#restored.get(observation.life);
        this.#restored.delete(observation.life);
        if (round !== undefined) this.#check(observation.life, round, observation.digest);
        else this.#thawed.set(observation.life, observation.digest);
        return;
      }
      case 'event': {
        const { event, life } = observation;
        const digest = this.#thawed.get(life);
        if (event.type === 'install' && digest !== undefined) this.#check(life, event.round, digest);
      }
    }
  }

  #given({ entry, node }: Operation, round: RoundNum, outcome: unknown): void {
    const { model } = this.#knowledge;
    const held = model?.entries[round]?.id;
    const expected = model?.round(round);
    if (expected === undefined || held !== entry.id)
      this.#complain(
        `${node} gives an outcome of ${entry.id} in round ${round}, which holds ${held ?? 'no such entry'}`,
      );
    else if (JSON.stringify(expected.outcome) !== JSON.stringify(outcome))
      this.#complain(
        `${node} answers ${entry.id} with ${JSON.stringify(outcome)}, and round ${round} gave ${JSON.stringify(expected.outcome)}`,
      );
  }

  #check({ node }: Life, round: RoundNum, digest: string): { readonly outcome: unknown } | undefined {
    const expected = this.#knowledge.model?.round(round);
    if (expected === undefined)
      this.#complain(`${node} has a state of round ${round}, up to which the log is not committed`);
    else if (expected.digest !== digest)
      this.#complain(`after round ${round} the state of ${node} is ${digest}, and should be ${expected.digest}`);
    return expected;
  }
}
