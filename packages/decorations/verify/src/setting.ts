import { type DecorationHost, InvalidError } from '@paxakos/core/contracts';

/** A number, or what makes one of the state as it is whenever the number is used. */
export type OfState<S> = number | ((state: S) => number);

/** What a number must be. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
  /** Whether it must be an integer, where it is finite. Default: no. */
  readonly isInteger?: boolean;
  readonly remedy: string;
}

/** Throws `InvalidError` where an option is neither a number within its bounds nor a function. */
export function checkSetting(name: string, value: unknown, { min, max, isInteger, remedy }: Bounds): void {
  if (typeof value === 'function') return;
  const isNumber = typeof value === 'number' && value >= min && value <= max;
  const isWhole = isInteger !== true || Number.isInteger(value) || value === Number.POSITIVE_INFINITY;
  if (!isNumber || !isWhole) throw new InvalidError(name, value, remedy);
}

/**
 * Reads an option that may depend on the state: anew each time it is called. Without a state, and where the function throws or
 * gives what cannot be, which is reported once in a row, the last good value stays, or the default.
 */
export function setting(
  host: Pick<DecorationHost, 'node' | 'reportError'>,
  name: string,
  value: OfState<never>,
  initial: number,
  bounds: Bounds,
): () => number {
  if (typeof value === 'number') return () => value;
  let last = initial;
  let isBroken = false;
  const evaluate = (state: unknown): void => {
    try {
      const next: unknown = value(state as never);
      checkSetting(name, typeof next === 'number' ? next : Number.NaN, bounds);
      last = next as number;
      isBroken = false;
    } catch (error) {
      if (!isBroken) host.reportError(name, error);
      isBroken = true;
    }
  };
  return () => {
    // A stale read calls its function before it returns; it rejects where there is no state.
    host.node.read(evaluate, { consistency: 'stale' }).catch(() => {});
    return last;
  };
}
