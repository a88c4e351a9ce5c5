import type { Fact } from './fact.ts';
import type { FactBook } from './fact-book.ts';
import type { LedgerChecks } from './ledger-checks.ts';
import type { Scene, Sight } from './sight.ts';

/** A sight, and how many states had been seen when it first came to pass. */
export interface Sighting {
  readonly name: string;
  readonly states: number;
}

/** Keeps watch for what a world is there to show. */
export class Sightings {
  readonly #book: FactBook;
  readonly #checks: LedgerChecks;
  readonly #met: Sighting[] = [];
  #unmet: readonly Sight[];

  constructor(sights: readonly Sight[], book: FactBook, checks: LedgerChecks) {
    this.#unmet = sights;
    this.#book = book;
    this.#checks = checks;
  }

  /** In the order in which they came. */
  get met(): readonly Sighting[] {
    return this.#met;
  }

  get unmet(): readonly string[] {
    return this.#unmet.map(({ name }) => name);
  }

  /** Something is new beside `facts`; so many states have been seen. */
  look(news: Fact, facts: readonly number[], states: number): void {
    if (this.#unmet.length === 0) return;
    const scene = this.#sceneOf(facts);
    this.#unmet = this.#unmet.filter((sight) => {
      const isMet = sight.isMet(news, scene);
      if (isMet) this.#met.push({ name: sight.name, states });
      return !isMet;
    });
  }

  #sceneOf(indexes: readonly number[]): Scene {
    const book = this.#book;
    const checks = this.#checks;
    let facts: readonly Fact[] | undefined;
    let voters: ReturnType<LedgerChecks['votersOf']> | undefined;
    return {
      get facts() {
        facts ??= indexes.map((index) => book.at(index).fact);
        return facts;
      },
      votersIn(round) {
        voters ??= checks.votersOf(indexes);
        return voters[round] ?? new Map();
      },
    };
  }
}
