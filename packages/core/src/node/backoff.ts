import type { RetryPolicy } from '../contracts/index.ts';
import { InvalidError } from '../contracts/index.ts';
import { checkNames } from './node-options.ts';

/** How to back off. */
export interface BackoffOptions {
  /** Milliseconds before the second attempt. Default: 10. */
  readonly initialMs?: number;
  /** Milliseconds at most before any attempt. Default: 1,000. */
  readonly maxMs?: number;
  /** Milliseconds since the call after which no attempt is made any more. Default: 30,000. */
  readonly elapsedMsMax?: number;
}

/** One attempt only. */
export const never: RetryPolicy = () => undefined;

/**
 * Waits longer each time, with full jitter, and gives up in the end. Errors that another attempt cannot mend are not retried:
 * converged, unacceptable, exiled, disoriented, overloaded, shut down.
 */
export function backoff(options: BackoffOptions = {}): RetryPolicy {
  checkNames('backoff', options, ['initialMs', 'maxMs', 'elapsedMsMax']);
  const { initialMs = 10, maxMs = 1_000, elapsedMsMax = 30_000 } = options;
  for (const [name, value] of Object.entries({ initialMs, maxMs, elapsedMsMax })) {
    if (!(value >= 0)) throw new InvalidError(`backoff.${name}`, value, 'give a number of milliseconds, 0 or more');
  }
  return ({ attempts, elapsedMs, error, random }) => {
    if (!mendable.has(error.code)) return undefined;
    const delayMs = Math.min(maxMs, initialMs * 2 ** Math.min(attempts - 1, 30)) * random();
    return elapsedMs + delayMs > elapsedMsMax ? undefined : delayMs;
  };
}

/** As `backoff`, and never gives up while another attempt may mend it. */
export function indefinitely(options: Omit<BackoffOptions, 'elapsedMsMax'> = {}): RetryPolicy {
  return backoff({ ...options, elapsedMsMax: Number.POSITIVE_INFINITY });
}

const mendable: ReadonlySet<string> = new Set([
  'PAXAKOS_LOST',
  'PAXAKOS_RAILROADED',
  'PAXAKOS_NO_QUORUM',
  'PAXAKOS_PASSIVE',
]);
