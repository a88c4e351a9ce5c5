import type { Commit, RoundNum } from '../contracts/index.ts';

/** Where the outcome of one committed entry will be. Nobody has to look. */
export class OutcomeSlot {
  readonly round: RoundNum;
  #settled: { readonly value: unknown } | { readonly error: unknown } | undefined;
  #waiting: { resolve(value: unknown): void; reject(error: unknown): void }[] = [];

  constructor(round: RoundNum) {
    this.round = round;
  }

  fill(value: unknown): void {
    this.#settled ??= { value };
    for (const waiting of this.#waiting.splice(0)) waiting.resolve(value);
  }

  fail(error: unknown): void {
    this.#settled ??= { error };
    for (const waiting of this.#waiting.splice(0)) waiting.reject(error);
  }

  get(): Promise<unknown> {
    const settled = this.#settled;
    if (settled === undefined) return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
    return 'value' in settled ? Promise.resolve(settled.value) : Promise.reject(settled.error as Error);
  }
}

/** The handle that an appender gets. */
export class CommitHandle<Outcome> implements Commit<Outcome> {
  readonly #slot: OutcomeSlot;

  constructor(slot: OutcomeSlot) {
    this.#slot = slot;
  }

  get round(): RoundNum {
    return this.#slot.round;
  }

  applied(): Promise<Outcome> {
    return this.#slot.get() as Promise<Outcome>;
  }
}
