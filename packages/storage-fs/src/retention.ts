import type { RoundNum } from '@paxakos/core/contracts';

/** How much of what a snapshot stands for is kept, for peers that fall behind. */
export interface RetentionLimits {
  /** Rounds at or below the snapshot. */
  readonly entries: number;
  /** In whole segments. */
  readonly bytes: number;
}

/** What retention needs to know of a segment. */
export interface RetainedSegment {
  readonly isSealed: boolean;
  readonly endOffset: number;
  readonly endSequence: number;
  readonly highestRound: RoundNum;
}

/**
 * How many of the oldest segments go, once a snapshot at `round` stands for all records before `position`: those that either
 * limit lets go of. A segment that is still written to stays, and so does every segment after one that stays.
 */
export function countDropped(
  segments: readonly RetainedSegment[],
  round: RoundNum,
  position: number,
  limits: RetentionLimits,
): number {
  const keptFrom = round - limits.entries + 1;
  const candidates = segments.filter((segment) => segment.isSealed && segment.endSequence <= position);
  let bytes = candidates.reduce((sum, segment) => sum + segment.endOffset, 0);
  let dropped = 0;
  for (const segment of candidates) {
    if (segment.highestRound >= keptFrom && bytes <= limits.bytes) break;
    bytes -= segment.endOffset;
    dropped += 1;
  }
  return dropped;
}
