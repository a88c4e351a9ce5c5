import { HealingTimes, type SimulationResult } from '@paxakos/simulator';

/** After so many failures a campaign gives up. */
const failuresMax = 10;

/**
 * Adds up runs in the order of their seeds, in whatever order they come, so that the sum is the same however many threads there
 * are. What comes after the last failure that is needed does not count.
 */
export class Tally {
  readonly coverage: Map<string, number> = new Map();
  readonly failures: SimulationResult[] = [];
  readonly healingTimes: HealingTimes = new HealingTimes();
  runs = 0;
  beyondHealing = 0;
  undecided = 0;
  appends = 0;
  committed = 0;
  events = 0;
  worldMs = 0;
  #next: number;
  readonly #early = new Map<number, SimulationResult>();

  constructor(from: number) {
    this.#next = from;
  }

  /** Whether there are failures enough. */
  get hasEnough(): boolean {
    return this.failures.length >= failuresMax;
  }

  add(result: SimulationResult): void {
    this.#early.set(result.seed, result);
    for (let next = this.#early.get(this.#next); next !== undefined; next = this.#early.get(this.#next)) {
      this.#early.delete(this.#next);
      this.#next += 1;
      this.#count(next);
    }
  }

  /** No more will come: counts what waits for a seed that was not run to its end. */
  close(): void {
    for (const result of [...this.#early.values()].sort((a, b) => a.seed - b.seed)) this.#count(result);
    this.#early.clear();
  }

  #count(result: SimulationResult): void {
    if (this.hasEnough) return;
    this.runs += 1;
    this.undecided += result.undecided;
    this.appends += result.appends;
    this.committed += result.committed;
    this.events += result.events;
    this.worldMs += result.worldMs;
    for (const [branch, times] of result.coverage) this.coverage.set(branch, (this.coverage.get(branch) ?? 0) + times);
    if (!result.passed) this.failures.push(result);
    else if (result.levelAfterMs === undefined) this.beyondHealing += 1;
    else this.healingTimes.add(result.levelAfterMs);
  }
}
