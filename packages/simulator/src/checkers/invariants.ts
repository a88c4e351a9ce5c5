// Invariants: no node breaks a rule of its own, finds another one at fault, or gives up its state by itself; and no hook of the
// application fails.
import { isPaxakosError } from '@paxakos/core';
import type { Checker, Complain, Observation } from '../observation.ts';

/** Reasons to eject a state that the simulation itself gives. */
export const ejectedOnPurpose = 'the simulation has the state given up';

/** What a node says where parts of a long message were lost. */
const givenUp = 'an incomplete message was given up';

/** Checks what nodes say of themselves. */
export class InvariantsChecker implements Checker {
  readonly name = 'invariants';
  readonly #complain: Complain;

  constructor(complain: Complain) {
    this.#complain = complain;
  }

  see(observation: Observation): void {
    if (observation.type !== 'event') return;
    const { event, life } = observation;
    if (event.type === 'failure' && !isPaxakosError(event.error))
      this.#complain(`${life.node} failed: ${String(event.error)}`);
    else if (event.type === 'failure' && isPaxakosError(event.error, 'PAXAKOS_INVARIANT'))
      this.#complain(`${life.node} broke a rule: ${String(event.error)}`);
    else if (event.type === 'hookError') this.#complain(`${event.hook} failed at ${life.node}: ${String(event.error)}`);
    else if (event.type === 'eject' && event.reason !== ejectedOnPurpose)
      this.#complain(`${life.node} gives up its state: ${String(event.reason)}`);
    else if (event.type === 'trouble' && event.trouble.type === 'refused' && event.trouble.reason !== givenUp)
      this.#complain(`${life.node} refuses what ${event.trouble.peer ?? 'somebody'} says: ${event.trouble.reason}`);
  }
}
