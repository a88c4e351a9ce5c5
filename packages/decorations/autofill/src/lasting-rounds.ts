import type { RoundNum, RoundRange } from '@paxakos/core/contracts';

/** The rounds that are in gaps both before and now, oldest first, and no more than `roundsMax`. Both lists ascend. */
export function lastingRounds(
  before: readonly RoundRange[],
  now: readonly RoundRange[],
  roundsMax: number,
): readonly RoundNum[] {
  const rounds: RoundNum[] = [];
  let index = 0;
  for (const { from, to } of now) {
    while (index < before.length && (before[index] as RoundRange).to < from) index += 1;
    for (let other = index; other < before.length; other += 1) {
      const gap = before[other] as RoundRange;
      if (gap.from > to) break;
      const last = Math.min(to, gap.to);
      for (let round = Math.max(from, gap.from); round <= last; round += 1) {
        if (rounds.length === roundsMax) return rounds;
        rounds.push(round);
      }
    }
  }
  return rounds;
}
