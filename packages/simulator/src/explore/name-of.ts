import type { CoordNum } from '@paxakos/core/contracts';

/** How facts and complaints name a number. */
export function nameOf({ counter, memory }: CoordNum): string {
  return `${counter}.${memory}`;
}
