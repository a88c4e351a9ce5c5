import { InvalidError, type OfState } from '@paxakos/core/contracts';
import type { LeaseTable } from './lease-table.ts';

/** How to lease. */
export interface LeaserOptions<S> {
  /** Where the state has its lease table. */
  readonly table: (state: S) => LeaseTable;
  /** How long a lease is good for unless it is extended, where `takeLease` does not say, in milliseconds. Default: 10,000. */
  readonly durationMs?: OfState<S>;
  /**
   * By which part the rate of a node's clock may be off: from 0 up to 0.5. The same at each node, and at its releaser.
   * Default: 0.01.
   */
  readonly driftMax?: number;
}

/** How to take a lease. */
export interface TakeLeaseOptions {
  /** How long it is good for unless it is extended, in milliseconds. Default: the decoration's `durationMs`. */
  readonly durationMs?: number;
  /**
   * How long to wait for it, in milliseconds. `0` takes it only where it is free, and gives up where the log does not say so within
   * its duration. Default: as long as it takes.
   */
  readonly waitMs?: number;
  /** Gives up waiting. It does not matter any more once the lease is held. */
  readonly signal?: AbortSignal;
}

/** The options with every default filled in. */
export interface CheckedLeaserOptions {
  readonly table: (state: unknown) => LeaseTable;
  readonly durationMs: OfState<unknown>;
  readonly driftMax: number;
}

/** What `durationMs` is where nobody says. */
export const durationMsDefault = 10_000;
/** The longest time that timers measure, in milliseconds. */
const timeMsMax = 2 ** 31 - 1;
const timeRemedy = 'give milliseconds above 0, at most 2^31 - 1';

/** Throws `InvalidError` where an option is not what it must be. */
export function checkedLeaser<S>(options: LeaserOptions<S>): CheckedLeaserOptions {
  checkNames('leaser', options, ['table', 'durationMs', 'driftMax']);
  const { table, durationMs = durationMsDefault, driftMax = 0.01 } = options;
  if (typeof table !== 'function')
    throw new InvalidError('leaser.table', table, 'give a function that gives the LeaseTable of the state');
  if (typeof durationMs !== 'function' && !isTime(durationMs))
    throw new InvalidError('leaser.durationMs', durationMs, `${timeRemedy}, or a function of the state that does`);
  if (!(typeof driftMax === 'number' && driftMax >= 0 && driftMax < 0.5))
    throw new InvalidError('leaser.driftMax', driftMax, 'give a number from 0 up to 0.5, not included');
  return { table: table as CheckedLeaserOptions['table'], durationMs: durationMs as OfState<unknown>, driftMax };
}

/** Throws `InvalidError` where an argument is not what it must be. */
export function checkTakeLease(name: unknown, options: TakeLeaseOptions): void {
  if (typeof name !== 'string' || name === '' || name.length > 1_024)
    throw new InvalidError('takeLease: name', name, 'give a string of 1 to 1,024 characters');
  checkNames('takeLease', options, ['durationMs', 'waitMs', 'signal']);
  const { durationMs, waitMs, signal } = options;
  if (durationMs !== undefined) checkedDuration('takeLease.durationMs', durationMs);
  const isWait = waitMs === undefined || waitMs === 0 || waitMs === Number.POSITIVE_INFINITY || isTime(waitMs);
  if (!isWait)
    throw new InvalidError('takeLease.waitMs', waitMs, 'give milliseconds from 0 to 2^31 - 1, or leave it out');
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw new InvalidError('takeLease.signal', signal, 'give an AbortSignal');
}

/** Gives the duration of a lease as it is, or throws `InvalidError`. */
export function checkedDuration(option: string, durationMs: unknown): number {
  if (isTime(durationMs)) return durationMs;
  throw new InvalidError(option, durationMs, timeRemedy);
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && value > 0 && value <= timeMsMax;
}

/** A misspelt option would count for nothing. */
function checkNames(where: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null)
    throw new InvalidError(where, options, `give an object with any of ${known.join(', ')}`);
  for (const [name, value] of Object.entries(options))
    if (!known.includes(name))
      throw new InvalidError(`${where}.${name}`, value, `there is no such option; there are ${known.join(', ')}`);
}
