import type { RetryPolicy } from '@paxakos/core/contracts';

const initialMs = 10;
const maxMs = 1_000;
const elapsedMsMax = 30_000;

/** The policy of an append that names none, as core has it: full jitter, and no retry where it cannot help. */
export const defaultRetry: RetryPolicy = ({ attempts, elapsedMs, error, random }) => {
  if (!mendable.has(error.code)) return undefined;
  const delayMs = Math.min(maxMs, initialMs * 2 ** Math.min(attempts - 1, 30)) * random();
  return elapsedMs + delayMs > elapsedMsMax ? undefined : delayMs;
};

const mendable: ReadonlySet<string> = new Set([
  'PAXAKOS_LOST',
  'PAXAKOS_RAILROADED',
  'PAXAKOS_NO_QUORUM',
  'PAXAKOS_PASSIVE',
]);
