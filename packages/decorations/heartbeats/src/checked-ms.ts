import { InvalidError, type OfState } from '@paxakos/core/contracts';

/** How long a timer may be, in milliseconds: about 11 days. */
const limitMs = 1_000_000_000;

/** Gives the milliseconds as they are, or throws `InvalidError`. */
export function checkedMs(name: string, value: unknown): number {
  if (typeof value === 'number' && value >= 1 && value <= limitMs) return value;
  throw new InvalidError(name, value, `give milliseconds from 1 to ${limitMs.toLocaleString('en')}`);
}

/** Gives an option of milliseconds, which may depend on the state, or throws `InvalidError`. */
export function checkedMsOption<S>(name: string, value: OfState<S>): OfState<S> {
  return typeof value === 'function' ? value : checkedMs(name, value);
}
