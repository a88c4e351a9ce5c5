import { type AnyLogEntry, type AppendError, InvalidError, type NodeId, type OfState } from '@paxakos/core/contracts';

/** An append that looks for a delegatee. */
export interface DelegateeContext {
  readonly entry: AnyLogEntry;
  /** Who seems to lead; `undefined` where nobody does. */
  readonly leader: NodeId | undefined;
  /** How many attempts at this append have failed. */
  readonly attempts: number;
  /** What the last one failed with. */
  readonly error: AppendError | undefined;
}

/** How to delegate. Times are in milliseconds, each a number or a function of the state. */
export interface DelegationOptions<S = unknown> {
  /**
   * Where to append; `undefined` for here. Asked again for each attempt. What it throws is reported, and the append fails with a
   * `DecorationAppendError` without effect. Default: at the leader.
   */
  readonly delegatee?: (context: DelegateeContext) => NodeId | undefined;
  /** How long a delegatee may say nothing at all; no less than three times `resendMs`. Default: 2,000. */
  readonly answerMs?: OfState<S>;
  /** How long to wait for what came of an append that was called off, or is in doubt. Default: 500. */
  readonly cancelMs?: OfState<S>;
  /** After how long a delegatee is asked again. Default: 200. */
  readonly resendMs?: OfState<S>;
  /** Bytes of encoded entries that may wait for delegatees; more fail with `OverloadedError`. Default: 64 MiB. */
  readonly queuedBytesMax?: number;
}

/** The options with every default filled in. */
export type CheckedDelegation<S> = Required<Omit<DelegationOptions<S>, 'delegatee'>> &
  Pick<DelegationOptions<S>, 'delegatee'>;

/** The defaults of the times. */
export const defaultTimes = { answerMs: 2_000, cancelMs: 500, resendMs: 200 } as const;

const names = ['delegatee', 'answerMs', 'cancelMs', 'resendMs', 'queuedBytesMax'];

/** Checks the options. Throws `InvalidError`. */
export function checkedDelegation<S>(options: DelegationOptions<S>): CheckedDelegation<S> {
  if (typeof options !== 'object' || options === null)
    throw new InvalidError('delegation', options, `give an object with any of ${names.join(', ')}`);
  for (const [name, value] of Object.entries(options)) {
    if (!names.includes(name))
      throw new InvalidError(`delegation.${name}`, value, `there is no such option; there are ${names.join(', ')}`);
  }
  const { delegatee, queuedBytesMax = 64 * 1024 * 1024 } = options;
  if (delegatee !== undefined && typeof delegatee !== 'function')
    throw new InvalidError('delegatee', delegatee, 'give a function that gives the id of a node, or undefined');
  if (!Number.isSafeInteger(queuedBytesMax) || queuedBytesMax < 1)
    throw new InvalidError('queuedBytesMax', queuedBytesMax, 'give an integer of bytes, from 1');
  const times = { ...defaultTimes, ...definedTimes(options) };
  return { ...times, queuedBytesMax, ...(delegatee !== undefined && { delegatee }) };
}

function definedTimes<S>(options: DelegationOptions<S>): Partial<Record<keyof typeof defaultTimes, OfState<S>>> {
  const times: Partial<Record<keyof typeof defaultTimes, OfState<S>>> = {};
  for (const name of ['answerMs', 'cancelMs', 'resendMs'] as const) {
    const value = options[name];
    if (value === undefined) continue;
    times[name] = typeof value === 'function' ? value : checkedTime(name, value);
  }
  return times;
}

/** Gives the milliseconds as they are, or throws `InvalidError`. */
export function checkedTime(name: string, value: unknown): number {
  if (typeof value === 'number' && value > 0 && value <= 2_147_483_647) return value;
  throw new InvalidError(name, value, 'give milliseconds above 0, up to 2,147,483,647, or a function of the state');
}
