import { mixed } from './canonical.ts';
import type { FactBook } from './fact-book.ts';
import { GrowingInts } from './growing-ints.ts';
import { HashIndex } from './hash-index.ts';
import type { LedgerChecks } from './ledger-checks.ts';

/**
 * Every set of facts that was ever reached, each once: a number, whatever the order in which its facts came. A set is kept as the
 * one before it and the fact that came last.
 */
export class Ledger {
  readonly #book: FactBook;
  readonly #checks: LedgerChecks;
  readonly #onAdded: (added: number, facts: readonly number[]) => void;
  readonly #known = new HashIndex();
  readonly #before = new GrowingInts();
  readonly #added = new GrowingInts();
  readonly #first = new GrowingInts();
  readonly #second = new GrowingInts();
  /** The set that is open, and what is in it. */
  #open = -1;
  #facts: number[] = [];
  #holds: Uint8Array = new Uint8Array(1_024);

  /** `onAdded` is told of each fact that comes to others, once for the same others. */
  constructor(
    book: FactBook,
    checks: LedgerChecks,
    onAdded: (added: number, facts: readonly number[]) => void = () => {},
  ) {
    this.#book = book;
    this.#checks = checks;
    this.#onAdded = onAdded;
    this.#note(0, 0, -1, -1);
  }

  get size(): number {
    return this.#before.length;
  }

  /** The facts of a set. */
  open(set: number): readonly number[] {
    if (set === this.#open) return this.#facts;
    for (const fact of this.#facts) this.#holds[fact] = 0;
    const facts: number[] = [];
    for (let at = set; at > 0; at = this.#before.at(at)) facts.push(this.#added.at(at));
    this.#facts = facts.reverse();
    for (const fact of facts) this.#hold(fact);
    this.#open = set;
    return facts;
  }

  /** Whether the open set holds a fact. */
  holds(fact: number): boolean {
    return this.#holds[fact] === 1;
  }

  /** The set with these facts besides; throws where they cannot be true together. */
  with(set: number, facts: readonly number[]): number {
    let at = set;
    let isNew = false;
    let first = this.#first.at(set);
    let second = this.#second.at(set);
    for (const [index, fact] of facts.entries()) {
      this.open(set);
      if (this.holds(fact) || facts.indexOf(fact) < index) continue;
      first = (first ^ mixed(fact * 2 + 1)) | 0;
      second = (second ^ mixed(fact * 2 + 0x10001)) | 0;
      const next = this.#before.length;
      const known = this.#known.add(first >>> 0, second >>> 0, next);
      if (known === next) {
        this.#push(first, second, at, fact);
        this.#check(at, fact);
        isNew = true;
      }
      at = known;
    }
    if (isNew) this.open(set);
    return at;
  }

  #check(before: number, added: number): void {
    const facts = this.open(before);
    const violation = this.#checks.violation(this.#book.at(added), facts, (fact) => this.holds(fact));
    if (violation !== undefined) throw new Error(violation);
    this.#onAdded(added, facts);
  }

  #hold(fact: number): void {
    if (fact >= this.#holds.length) {
      const longer = new Uint8Array(Math.max(fact + 1, this.#holds.length * 2));
      longer.set(this.#holds);
      this.#holds = longer;
    }
    this.#holds[fact] = 1;
  }

  #note(first: number, second: number, before: number, added: number): void {
    this.#known.add(first, second, this.#before.length);
    this.#push(first, second, before, added);
  }

  #push(first: number, second: number, before: number, added: number): void {
    this.#before.push(before);
    this.#added.push(added);
    this.#first.push(first);
    this.#second.push(second);
  }
}
