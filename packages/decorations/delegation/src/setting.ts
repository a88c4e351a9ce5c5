import { type DecorationHost, InvalidError } from '@paxakos/core/contracts';

/** The greatest delay that timers know. */
const msMax = 2 ** 31 - 1;

/** Milliseconds, or how to get them out of the state. */
export type Milliseconds<S> = number | ((state: S) => number);

/** Whether the value may be a number of milliseconds. */
export function isMilliseconds(value: unknown): value is number {
  return typeof value === 'number' && value > 0 && value <= msMax;
}

/**
 * A number of milliseconds that may depend on the state. Asked each time that it is used; where what it gives is no such number,
 * or it throws, that is reported once, and the last good one counts.
 */
export function setting<S>(host: DecorationHost, name: string, value: Milliseconds<S>, fallback: number): () => number {
  if (typeof value === 'number') return () => value;
  let last = fallback;
  let isBad = false;
  const ask = (state: unknown): void => {
    try {
      const given: unknown = value(state as S);
      if (!isMilliseconds(given)) throw new InvalidError(name, given, `give milliseconds above 0, up to ${msMax}`);
      last = given;
      isBad = false;
    } catch (error) {
      if (!isBad) host.reportError(name, error);
      isBad = true;
    }
  };
  return () => {
    // A stale read asks at once. Where there is no state, the last one counts.
    host.node.read(ask, { consistency: 'stale' }).catch(() => {});
    return last;
  };
}
