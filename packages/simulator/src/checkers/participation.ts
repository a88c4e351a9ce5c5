// Participation: a vote carries the incarnation of its voter, which is that node's alone, which the founding or the log has named
// (P10); and a node that has not been active yet votes on nothing.
import type { IncarnationId, NodeId } from '@paxakos/core/contracts';
import type { Knowledge } from '../knowledge.ts';
import type { Life } from '../life.ts';
import type { Checker, Complain, Observation } from '../observation.ts';

/** Checks who votes, and as whom. */
export class ParticipationChecker implements Checker {
  readonly name = 'participation';
  readonly #knowledge: Knowledge;
  readonly #complain: Complain;
  readonly #owners = new Map<IncarnationId, NodeId>();
  readonly #voters = new WeakSet<Life>();
  readonly #passive = new WeakSet<Life>();

  constructor(knowledge: Knowledge, complain: Complain) {
    this.#knowledge = knowledge;
    this.#complain = complain;
  }

  see(observation: Observation): void {
    if (observation.type === 'event' && observation.event.type === 'activate') {
      // What was accepted while it was active may be said after a change has made it passive.
      if (observation.event.participation.type !== 'passive') this.#voters.add(observation.life);
      else if (!this.#voters.has(observation.life)) this.#passive.add(observation.life);
      if (this.#voters.has(observation.life)) this.#passive.delete(observation.life);
    }
    if (observation.type !== 'sent') return;
    const { life, message } = observation;
    if (!('incarnation' in message) || message.incarnation === undefined || message.type === 'founded') return;
    if (message.type === 'rejoin' || message.type === 'meet') return this.#own(life, message.incarnation);
    this.#own(life, message.incarnation);
    if (this.#knowledge.model?.named.has(message.incarnation) !== true)
      this.#complain(`${life.node} votes with memory ${message.incarnation}, which the log does not name (P10)`);
    if (this.#passive.has(life)) this.#complain(`${life.node} is passive, and sends a ${message.type} (P10)`);
  }

  #own({ node }: Life, incarnation: IncarnationId): void {
    const owner = this.#owners.get(incarnation) ?? node;
    this.#owners.set(incarnation, owner);
    if (owner !== node) this.#complain(`${node} votes with memory ${incarnation}, which is that of ${owner} (P10)`);
  }
}
