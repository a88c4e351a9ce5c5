import { InvalidError, type OfState } from '@paxakos/core/contracts';

/** How to catch up. Each time may depend on the state: then it is evaluated whenever it is used. */
export interface CatchUpOptions<S = never> {
  /** How often to look whether this node lags and gets no further, in milliseconds. Default: 1,000. */
  readonly checkMs?: OfState<S>;
  /** For how long it must have got no further for it to need a snapshot, in milliseconds. Default: 10,000. */
  readonly stalledMs?: OfState<S>;
  /** How long to wait for a peer's answer, in milliseconds. Default: 1,000. */
  readonly answerMs?: OfState<S>;
  /** How long to wait after a first failure, in milliseconds; doubles up to `retryMsMax`, randomised. Default: 250. */
  readonly retryMs?: OfState<S>;
  /** How long to wait after a failure, at most, in milliseconds. Default: 10,000. */
  readonly retryMsMax?: OfState<S>;
  /** How often a snapshot is taken for peers, at most, in milliseconds; they share it. Default: 5,000. */
  readonly snapshotEveryMs?: OfState<S>;
  /** For how long a snapshot is held after it was last asked for, in milliseconds. Default: 60,000. */
  readonly holdMs?: OfState<S>;
  /** How large a snapshot may be, in bytes, to be given or taken. Default: 1 GiB. */
  readonly snapshotBytesMax?: number;
  /** How much of a snapshot one message holds, in bytes. Default: 64 KiB. */
  readonly chunkBytes?: number;
  /** How many chunks may be on their way to this node at once, from 1 to 1,024. Default: 16. */
  readonly chunksInFlightMax?: number;
}

/** The options with every default filled in. */
export type CheckedCatchUpOptions = Required<CatchUpOptions<never>>;

/** The times among the options. */
export type TimeName = 'checkMs' | 'stalledMs' | 'answerMs' | 'retryMs' | 'retryMsMax' | 'snapshotEveryMs' | 'holdMs';

export const defaults: Readonly<Record<keyof CatchUpOptions, number>> = {
  checkMs: 1_000,
  stalledMs: 10_000,
  answerMs: 1_000,
  retryMs: 250,
  retryMsMax: 10_000,
  snapshotEveryMs: 5_000,
  holdMs: 60_000,
  snapshotBytesMax: 1_024 ** 3,
  chunkBytes: 64 * 1_024,
  chunksInFlightMax: 16,
};

/** Gives the milliseconds as they are, or throws `InvalidError`. */
export function checkedTime(name: string, value: unknown): number {
  if (typeof value === 'number' && value >= 1 && value <= 86_400_000) return value;
  throw new InvalidError(
    name,
    value,
    'give milliseconds from 1 to 86,400,000, or a function of the state that gives them',
  );
}

/** Fills in the defaults. Throws `InvalidError`. */
export function checkedCatchUpOptions(options: CatchUpOptions<never>): CheckedCatchUpOptions {
  if (typeof options !== 'object' || options === null)
    throw new InvalidError('options', options, 'give catchUp() an object, or nothing');
  for (const name of Object.keys(options))
    if (!Object.hasOwn(defaults, name))
      throw new InvalidError(
        name,
        options[name as never],
        `there is no such option; there are ${Object.keys(defaults).join(', ')}`,
      );
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const all = { ...defaults, ...Object.fromEntries(given) } as unknown as CheckedCatchUpOptions;
  for (const [name, value] of Object.entries(all))
    if (name.includes('Ms') && typeof value !== 'function') checkedTime(name, value);
  checkInteger('snapshotBytesMax', all.snapshotBytesMax, 1, 2 ** 32);
  checkInteger('chunkBytes', all.chunkBytes, 1_024, 1_024 ** 2 * 16);
  checkInteger('chunksInFlightMax', all.chunksInFlightMax, 1, 1_024);
  return all;
}

function checkInteger(name: string, value: unknown, min: number, max: number): void {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return;
  const [least, most] = [min, max].map((bound) => bound.toLocaleString('en'));
  throw new InvalidError(name, value, `give an integer from ${least} to ${most}`);
}
