// Invariants: no node breaks a rule of its own, finds another one at fault, or gives up its state by itself; none fails, or refuses
// to start or stop, but by its storage, where its disk did what explains that in this very life; and no hook of the application
// fails.
import { isPaxakosError } from '@paxakos/core';
import type { PaxakosEvent } from '@paxakos/core/contracts';
import type { Life } from '../life.ts';
import type { Checker, Complain, Observation } from '../observation.ts';
import { type Harm, isCausedBy } from './is-caused-by.ts';

/** Reasons to eject a state that the simulation itself gives. */
export const ejectedOnPurpose = 'the simulation has the state given up';

/** What a node says where parts of a long message were lost. */
const givenUp = 'an incomplete message was given up';

/** Checks what nodes say of themselves. */
export class InvariantsChecker implements Checker {
  readonly name = 'invariants';
  readonly #complain: Complain;
  /** What the disk of a node did in a life of it. */
  readonly #harmed = new WeakMap<Life, Set<Harm>>();

  constructor(complain: Complain) {
    this.#complain = complain;
  }

  see(observation: Observation): void {
    if (observation.type === 'harmed') this.#harms(observation.life).add(observation.by);
    else if (observation.type === 'refused') {
      const { error, life, what } = observation;
      if (!isCausedBy(this.#harms(life), error))
        this.#complain(`${life.node} cannot ${what}, and its disk is not to blame: ${String(error)}`);
    } else if (observation.type === 'event') this.#event(observation.life, observation.event);
  }

  #harms(life: Life): Set<Harm> {
    const harms = this.#harmed.get(life) ?? new Set();
    this.#harmed.set(life, harms);
    return harms;
  }

  #event(life: Life, event: PaxakosEvent): void {
    if (event.type === 'failure') this.#failed(life, event.error);
    else if (event.type === 'hookError') this.#complain(`${event.hook} failed at ${life.node}: ${String(event.error)}`);
    else if (event.type === 'eject' && event.reason !== ejectedOnPurpose)
      this.#complain(`${life.node} gives up its state: ${String(event.reason)}`);
    else if (event.type === 'trouble' && event.trouble.type === 'refused' && event.trouble.reason !== givenUp)
      this.#complain(`${life.node} refuses what ${event.trouble.peer ?? 'somebody'} says: ${event.trouble.reason}`);
  }

  #failed(life: Life, error: unknown): void {
    if (isPaxakosError(error, 'PAXAKOS_INVARIANT')) this.#complain(`${life.node} broke a rule: ${String(error)}`);
    else if (!isPaxakosError(error)) this.#complain(`${life.node} failed: ${String(error)}`);
    else if (!isCausedBy(this.#harms(life), error))
      this.#complain(`${life.node} failed, and its disk is not to blame: ${String(error)}`);
  }
}
