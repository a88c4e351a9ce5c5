import { type DecorationHost, InvalidError } from '@paxakos/core/contracts';

/** An option that is a value, or made from the state each time it is used. */
export type StateOption<S, Value> = Value | ((state: S) => Value);

/** How long a timer may be, in milliseconds: about 11 days. */
const limitMs = 1_000_000_000;

/** Gives the milliseconds as they are, or throws `InvalidError`. */
export function checkedMs(name: string, value: unknown): number {
  if (typeof value === 'number' && value >= 1 && value <= limitMs) return value;
  throw new InvalidError(name, value, `give milliseconds from 1 to ${limitMs.toLocaleString('en')}`);
}

/** Gives an option of milliseconds, which may depend on the state, or throws `InvalidError`. */
export function checkedMsOption<S>(name: string, value: StateOption<S, number>): StateOption<S, number> {
  return typeof value === 'function' ? value : checkedMs(name, value);
}

/** Milliseconds as of now. A function that throws, or gives what cannot be, is reported, and what it gave before holds on. */
export class MsReader<S> {
  readonly #host: DecorationHost;
  readonly #name: string;
  readonly #option: StateOption<S, number>;
  #last: number;
  #isBad = false;

  constructor(host: DecorationHost, name: string, option: StateOption<S, number>, fallback: number) {
    this.#host = host;
    this.#name = name;
    this.#option = option;
    this.#last = typeof option === 'number' ? option : fallback;
  }

  /** Whether an entry may change it. */
  get dependsOnState(): boolean {
    return typeof this.#option === 'function';
  }

  get ms(): number {
    const option = this.#option;
    if (typeof option === 'function')
      // A stale read calls its function at once. Without a state, the last value holds on.
      this.#host.node.read((state) => this.#evaluate(option, state as S), { consistency: 'stale' }).catch(() => {});
    return this.#last;
  }

  #evaluate(option: (state: S) => number, state: S): void {
    try {
      this.#last = checkedMs(this.#name, option(state));
      this.#isBad = false;
    } catch (error) {
      // Once is enough, until it is well again.
      if (!this.#isBad) this.#host.reportError(this.#name, error);
      this.#isBad = true;
    }
  }
}
