import type { AnyState } from '@paxakos/core';
import { InvalidError } from '@paxakos/core/contracts';
import { type SimulationResult, simulate } from './simulate.ts';
import type { SimulationOptions } from './simulation-options.ts';

/**
 * Finds fewer faults with which a failing run still fails by the same checker, leaving out as many as it can at a time (Zeller and
 * Hildebrandt, 2002). `runsMax` bounds how many runs that may take. Default: 300. Rejects with `InvalidError` where the run
 * passes, or an option is not what it must be.
 */
export async function shrink<S extends AnyState, Apis extends object = object>(
  options: SimulationOptions<S, Apis>,
  runsMax = 300,
): Promise<SimulationResult> {
  let best = await simulate<S, Apis>(options);
  const checker = best.violation?.checker;
  if (checker === undefined) throw new InvalidError('seed', options.seed, 'give one whose run fails');
  let kept: readonly number[] = options.keep ?? best.faults.map((_, index) => index);
  let runs = 0;
  for (let part = Math.ceil(kept.length / 2); part >= 1 && runs < runsMax; ) {
    let hasShrunk = false;
    for (let at = 0; at < kept.length && runs < runsMax; ) {
      const fewer = [...kept.slice(0, at), ...kept.slice(at + part)];
      const result = await simulate<S, Apis>({ ...options, keep: fewer });
      runs += 1;
      if (result.violation?.checker === checker) {
        kept = fewer;
        best = result;
        hasShrunk = true;
      } else {
        at += part;
      }
    }
    if (part === 1 && !hasShrunk) break;
    part = Math.max(1, Math.ceil(part / 2));
  }
  return best;
}
