import { type AnyLogEntry, InvalidError, type OfState, type RoundNum } from '@paxakos/core/contracts';

/** When and how to compare states. Give every node the same. */
export interface VerifyOptions<S = never, E extends AnyLogEntry = never> {
  /**
   * The states are compared in each round that is a multiple of this: an integer from 1, or `Infinity` for never. May depend on
   * the state. Default: 10,000.
   */
  readonly everyRounds?: OfState<S>;
  /**
   * The states are compared at least this often, in milliseconds from 10, or `Infinity` for never. May depend on the state.
   * Default: 60,000.
   */
  readonly intervalMs?: OfState<S>;
  /** How long to wait for the digests of others before they are asked for again, in milliseconds. Default: 1,000. */
  readonly answerMs?: OfState<S>;
  /**
   * Makes something short that is the same for equal states only. Called in the middle of applying entries, so it should not take
   * long. The members that the state names are looked at in any case. Default: what `freeze` gives, encoded by the node's codec.
   */
  readonly digest?: (state: S) => string | Uint8Array;
  /**
   * Makes the entry to append where states are compared for the time that has passed, from this node's last digest and its
   * round (an empty text and 0 before the first). Its id must be a new one each time. Default: a no-op of the protocol's own.
   */
  readonly entry?: (digest: string, round: RoundNum) => E;
}

/** The options with every default filled in. */
export interface CheckedVerifyOptions {
  readonly everyRounds: OfState<never>;
  readonly intervalMs: OfState<never>;
  readonly answerMs: OfState<never>;
  readonly digest: ((state: never) => string | Uint8Array) | undefined;
  readonly entry: ((digest: string, round: RoundNum) => AnyLogEntry) | undefined;
}

export const defaults: { readonly everyRounds: number; readonly intervalMs: number; readonly answerMs: number } = {
  everyRounds: 10_000,
  intervalMs: 60_000,
  answerMs: 1_000,
};

const infinity = Number.POSITIVE_INFINITY;

interface Bounds {
  readonly min: number;
  readonly max: number;
  /** Whether it must be an integer, where it is finite. */
  readonly isInteger?: boolean;
  readonly remedy: string;
}

const bounds: Readonly<Record<keyof typeof defaults, Bounds>> = {
  everyRounds: {
    min: 1,
    max: infinity,
    isInteger: true,
    remedy: 'give an integer from 1, Infinity for never, or a function of the state that gives one of these',
  },
  intervalMs: {
    min: 10,
    max: infinity,
    remedy: 'give milliseconds from 10, Infinity for never, or a function of the state that gives one of these',
  },
  answerMs: {
    min: 1,
    max: 86_400_000,
    remedy: 'give milliseconds from 1 to 86,400,000, or a function of the state that gives them',
  },
};

/** Gives the number as it is, or throws `InvalidError`. */
export function checkedNumber(name: keyof typeof defaults, value: unknown): number {
  const { min, max, isInteger = false, remedy } = bounds[name];
  const isWithin = typeof value === 'number' && value >= min && value <= max;
  if (isWithin && (!isInteger || Number.isInteger(value) || value === infinity)) return value;
  throw new InvalidError(name, value, remedy);
}

const names = ['everyRounds', 'intervalMs', 'answerMs', 'digest', 'entry'];

/** Fills in the defaults. Throws `InvalidError`. */
export function checkedVerifyOptions(options: VerifyOptions<never, AnyLogEntry>): CheckedVerifyOptions {
  if (typeof options !== 'object' || options === null)
    throw new InvalidError('options', options, 'give verify() an object, or nothing');
  for (const [name, value] of Object.entries(options))
    if (!names.includes(name))
      throw new InvalidError(name, value, `there is no such option; there are ${names.join(', ')}`);
  const { everyRounds, intervalMs, answerMs, digest, entry } = options;
  const times = {
    everyRounds: everyRounds ?? defaults.everyRounds,
    intervalMs: intervalMs ?? defaults.intervalMs,
    answerMs: answerMs ?? defaults.answerMs,
  };
  for (const name of ['everyRounds', 'intervalMs', 'answerMs'] as const)
    if (typeof times[name] !== 'function') checkedNumber(name, times[name]);
  for (const [name, value] of Object.entries({ digest, entry }))
    if (value !== undefined && typeof value !== 'function')
      throw new InvalidError(name, value, 'give a function, or leave it out');
  return { ...times, digest, entry };
}
