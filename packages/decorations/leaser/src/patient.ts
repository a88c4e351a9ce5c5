import type { RetryPolicy } from '@paxakos/core/contracts';

/** Refusals that another attempt may mend. */
const mendable: ReadonlySet<string> = new Set([
  'PAXAKOS_LOST',
  'PAXAKOS_RAILROADED',
  'PAXAKOS_NO_QUORUM',
  'PAXAKOS_PASSIVE',
]);

/** Tries again, ever more slowly and with full jitter, until the append's signal is aborted. */
export function patient(delayMsMax: number): RetryPolicy {
  return ({ attempts, error, random }) =>
    mendable.has(error.code) ? Math.min(delayMsMax, 10 * 2 ** Math.min(attempts - 1, 20)) * random() : undefined;
}
