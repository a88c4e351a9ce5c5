import type { CoordNum } from '@paxakos/core/contracts';

/** How facts and complaints name a number. */
export function nameOf({ counter, incarnation }: CoordNum): string {
  return `${counter}.${incarnation}`;
}
