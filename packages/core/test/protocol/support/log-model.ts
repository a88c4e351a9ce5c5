import type { Entry, Founding, NodeId, RoundNum } from '../../../src/contracts/index.ts';
import { rejoinOf } from './entries.ts';
import { TestState } from './test-state.ts';

/** Whose votes count in a round, and by which memory. */
export type Voters = ReadonlyMap<NodeId, string>;

/** Rule P9 in its plainest form: one log, applied round by round, gives the voters of every round that the window reaches. */
export class LogModel {
  readonly #state: TestState;
  readonly #incarnations: Map<NodeId, string>;
  readonly #voters: Voters[] = [new Map()];

  constructor(founding: Founding, concurrency: number) {
    this.#state = new TestState(founding.members, concurrency);
    this.#incarnations = new Map(founding.incarnations);
    this.#reachTo(concurrency);
  }

  get applied(): RoundNum {
    return this.#state.round;
  }

  get reach(): RoundNum {
    return this.#voters.length - 1;
  }

  apply(entry: Entry): void {
    const rejoin = rejoinOf(entry);
    if (rejoin !== undefined && this.#incarnations.get(rejoin.node.id) === rejoin.replaces) {
      this.#incarnations.set(rejoin.node.id, rejoin.incarnation);
    }
    this.#state.apply(this.#state.round + 1, entry);
    this.#reachTo(this.#state.round + this.#state.concurrency);
  }

  #reachTo(reach: RoundNum): void {
    while (this.reach < reach) {
      const named = this.#state.members.map(({ id }) => id);
      const met = named.filter((id) => this.#incarnations.has(id));
      // With too few that were ever heard of, those who governed go on.
      const ids = met.length > named.length / 2 ? met : [...(this.#voters.at(-1) as Voters).keys()];
      this.#voters.push(new Map(ids.map((id) => [id, this.#incarnations.get(id) as string])));
    }
  }

  votersOf(round: RoundNum): Voters | undefined {
    return this.#voters[round];
  }
}

/** Whether these are more than half. */
export function isMajority(count: number, voters: Voters): boolean {
  return count * 2 > voters.size;
}
