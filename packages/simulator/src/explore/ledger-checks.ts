import type { CoordNum, IncarnationId, NodeId, RoundNum } from '@paxakos/core/contracts';
import type { FactBook, KnownFact } from './fact-book.ts';
import { nameOf } from './name-of.ts';
import { type Voters, votersOf } from './voters-of.ts';
import type { World } from './world.ts';

/** What the facts up to now say together. */
interface Picture {
  readonly log: ReadonlyMap<RoundNum, string>;
  readonly voters: readonly Voters[];
}

/**
 * What must hold of all facts together, looked at as each is added:
 *
 * - one entry is chosen or committed in a round, for ever (agreement);
 * - a number stands for one entry in a round (P4);
 * - what is committed was accepted by a majority of that round's cluster under one number (P6), each
 *   counted by the memory that the log names (P10);
 * - what is proposed lies in the window (P9), under promises of a majority of that round's cluster (P5);
 * - what was said never to be committed is not chosen (H53).
 */
export class LedgerChecks {
  readonly #world: World;
  readonly #book: FactBook;

  constructor(world: World, book: FactBook) {
    this.#world = world;
    this.#book = book;
  }

  /** Why `added` must not come to `facts`; `undefined` where it may. */
  violation(added: KnownFact, facts: readonly number[], holds: (fact: number) => boolean): string | undefined {
    for (const [other, reason] of added.conflicts) if (holds(other)) return reason;
    const { fact, committed } = added;
    if (fact.type === 'accepted') {
      const all = [...facts, added.index];
      return this.#chosen(this.#picture(all), all, fact.round);
    }
    if (committed.length > 0) {
      const picture = this.#picture([...facts, added.index]);
      for (const { round, text } of committed) {
        const chosen = this.#chosenIn(picture, facts, round);
        if (!chosen.includes(text))
          return `P6: ${text} is committed in round ${round} without a majority (${chosen.join()})`;
      }
    }
    if (fact.type === 'sent' && fact.message.type === 'propose') {
      const { number, from, entries } = fact.message;
      return this.#unfounded(this.#picture(facts), facts, number, from, from + entries.length - 1);
    }
    return undefined;
  }

  /** Who votes in each round that the window reaches, as these facts say. */
  votersOf(facts: readonly number[]): readonly Voters[] {
    return this.#picture(facts).voters;
  }

  #picture(facts: readonly number[]): Picture {
    const log = new Map<RoundNum, string>();
    for (const index of facts) for (const { round, text } of this.#book.at(index).committed) log.set(round, text);
    return { log, voters: votersOf(this.#world, log) };
  }

  /** The entries that majorities have accepted in a round, each under one number. */
  #chosenIn({ voters }: Picture, facts: readonly number[], round: RoundNum): string[] {
    const governing = voters[round] ?? new Map<NodeId, IncarnationId>();
    const counts = new Map<string, { text: string; votes: number }>();
    for (const index of facts) {
      const { fact } = this.#book.at(index);
      if (fact.type !== 'accepted' || fact.round !== round || governing.get(fact.node) !== fact.incarnation) continue;
      const count = counts.get(fact.number) ?? { text: fact.text, votes: 0 };
      counts.set(fact.number, count);
      count.votes += 1;
    }
    return [...counts.values()].filter(({ votes }) => votes * 2 > governing.size).map(({ text }) => text);
  }

  #chosen(picture: Picture, facts: readonly number[], round: RoundNum): string | undefined {
    const chosen = this.#chosenIn(picture, facts, round);
    const [first] = chosen;
    if (first === undefined) return undefined;
    const known = picture.log.get(round) ?? first;
    const other = chosen.find((text) => text !== known);
    if (other !== undefined) return `agreement: ${known} and ${other} are chosen in round ${round}`;
    for (const index of facts) {
      const { fact } = this.#book.at(index);
      if (fact.type === 'denied' && fact.text === first) return `H53: ${first} is chosen, and was said never to be`;
    }
    return undefined;
  }

  #unfounded(
    { voters }: Picture,
    facts: readonly number[],
    number: CoordNum,
    from: RoundNum,
    to: RoundNum,
  ): string | undefined {
    for (let round = from; round <= to; round += 1) {
      const governing = voters[round];
      if (governing === undefined) return `P9: round ${round} is proposed, and the window reaches ${voters.length - 1}`;
      const promised = this.#promisedFor(facts, number, round);
      const votes = [...governing.values()].filter((incarnation) => promised.has(incarnation)).length;
      if (votes * 2 <= governing.size)
        return `P5: ${nameOf(number)} is proposed in round ${round} with promises of ${[...promised].join()}`;
    }
    return undefined;
  }

  /** The memories whose promises of a number cover a round. */
  #promisedFor(facts: readonly number[], number: CoordNum, round: RoundNum): Set<IncarnationId> {
    const promised = new Set<IncarnationId>();
    const name = nameOf(number);
    for (const index of facts) {
      const { fact } = this.#book.at(index);
      if (fact.type === 'promised' && fact.number === name && fact.incarnation === number.incarnation)
        promised.add(fact.incarnation);
      if (fact.type !== 'sent' || fact.message.type !== 'promise') continue;
      const { message } = fact;
      if (nameOf(message.number) === name && message.from <= round && round <= message.through)
        promised.add(message.incarnation);
    }
    return promised;
  }
}
