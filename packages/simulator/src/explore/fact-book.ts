import type { RoundNum } from '@paxakos/core/contracts';
import { canonical } from './canonical.ts';
import { textOf } from './entry-of.ts';
import type { Fact } from './fact.ts';
import { nameOf } from './name-of.ts';

/** A fact, and what it says of each round. */
export interface KnownFact {
  readonly index: number;
  readonly fact: Fact;
  readonly text: string;
  /** Entries under a number in a round: one for each (rule P4). */
  readonly ballots: readonly { readonly round: RoundNum; readonly number: string; readonly text: string }[];
  /** What is taken for committed. */
  readonly committed: readonly { readonly round: RoundNum; readonly text: string }[];
  /** Facts that cannot be true beside this one, and why. */
  readonly conflicts: Map<number, string>;
}

const decoder = new TextDecoder();

function ballotsOf(fact: Fact): KnownFact['ballots'] {
  if (fact.type === 'accepted') return [fact];
  if (fact.type !== 'sent' || fact.message.type !== 'propose') return [];
  const { number, from, entries } = fact.message;
  return entries.map((entry, index) => ({ round: from + index, number: nameOf(number), text: textOf(entry) }));
}

function committedOf(fact: Fact): KnownFact['committed'] {
  if (fact.type === 'known') return [fact];
  if (fact.type !== 'sent') return [];
  const { message } = fact;
  if (message.type === 'commit')
    return message.ids.map((id, index) => ({ round: message.from + index, text: decoder.decode(id) }));
  if (message.type !== 'entries') return [];
  return message.entries.map(({ round, entry }) => ({ round, text: textOf(entry) }));
}

/** Gives each fact a number, and knows which ones contradict one another. */
export class FactBook {
  readonly #facts: KnownFact[] = [];
  readonly #indexes = new Map<string, number>();
  /** Facts of a round and number, or of a committed round, by what they say stands there. */
  readonly #saying = new Map<string, Map<string, number[]>>();

  get size(): number {
    return this.#facts.length;
  }

  at(index: number): KnownFact {
    return this.#facts[index] as KnownFact;
  }

  note(fact: Fact): KnownFact {
    const text = canonical(fact);
    const known = this.#indexes.get(text);
    if (known !== undefined) return this.at(known);
    const index = this.#facts.length;
    const [ballots, committed] = [ballotsOf(fact), committedOf(fact)];
    const added: KnownFact = { index, fact, text, ballots, committed, conflicts: new Map() };
    this.#facts.push(added);
    this.#indexes.set(text, index);
    for (const { round, number, text: entry } of ballots)
      this.#say(added, `P4: ${number} is used for two entries in round ${round}`, entry);
    for (const { round, text: entry } of committed) {
      this.#say(added, `agreement: two entries are committed in round ${round}`, entry);
      if (entry !== 'noop') this.#say(added, `H53: ${entry} is committed and was said never to be`, 'committed');
    }
    if (fact.type === 'denied') this.#say(added, `H53: ${fact.text} is committed and was said never to be`, 'denied');
    return added;
  }

  #say(added: KnownFact, subject: string, what: string): void {
    const sayings = this.#saying.get(subject) ?? new Map<string, number[]>();
    this.#saying.set(subject, sayings);
    for (const [other, indexes] of sayings) {
      if (other === what) continue;
      for (const index of indexes) {
        const reason = `${subject}: ${what} and ${other}`;
        added.conflicts.set(index, reason);
        this.at(index).conflicts.set(added.index, reason);
      }
    }
    sayings.set(what, [...(sayings.get(what) ?? []), added.index]);
  }
}
