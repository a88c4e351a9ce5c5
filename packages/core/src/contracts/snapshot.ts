import type { RoundNum } from './numbers.ts';

/**
 * The frozen state after `round`, with participation, promises and accepted proposals, as bytes that carry a version and a
 * checksum. Keep or send the bytes as they are.
 */
export interface Snapshot {
  readonly round: RoundNum;
  readonly bytes: Uint8Array;
}
