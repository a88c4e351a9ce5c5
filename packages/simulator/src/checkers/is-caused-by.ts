import { isPaxakosError } from '@paxakos/core';

/** What a disk did that makes a storage fail: an error that it gave, a bit that it flipped, or an answer that it owes. */
export type Harm = 'EIO' | 'ENOSPC' | 'flip' | 'hang';

/** What each error of a storage may come from. */
const causes: Readonly<Record<string, readonly Harm[]>> = {
  PAXAKOS_STORAGE_FULL: ['ENOSPC'],
  PAXAKOS_STORAGE_POISONED: ['EIO'],
  PAXAKOS_STORAGE_FAILED: ['EIO', 'hang'],
  PAXAKOS_STORAGE_CORRUPT: ['flip'],
  PAXAKOS_STORAGE_VERSION: ['flip'],
};

/** Whether it is no wonder that a storage gives this error, after what its disk did. */
export function isCausedBy(harms: ReadonlySet<Harm>, error: unknown): boolean {
  return isPaxakosError(error) && (causes[error.code] ?? []).some((harm) => harms.has(harm));
}
