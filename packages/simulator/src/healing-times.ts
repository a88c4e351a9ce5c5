/** How long runs took to be level again, in milliseconds of the world: so many of each length, which are few. */
export class HealingTimes {
  readonly #counts = new Map<number, number>();
  /** How many runs there are. */
  count = 0;

  add(ms: number): void {
    this.#counts.set(ms, (this.#counts.get(ms) ?? 0) + 1);
    this.count += 1;
  }

  /** The length that a share of the runs did not exceed: 0.5 gives the median, 1 the worst; `undefined` where there is no run. */
  within(share: number): number | undefined {
    let left = Math.max(1, Math.ceil(this.count * share));
    for (const [ms, count] of [...this.#counts].sort(([one], [other]) => one - other)) {
      left -= count;
      if (left <= 0) return ms;
    }
    return undefined;
  }
}
