import type { CoordNum, Proposal } from '../contracts/index.ts';
import { MalformedError } from './byte-reader.ts';

/** Whether `count` rounds from `from` on are all rounds. */
export function isRun(from: number, count: number): boolean {
  return count > 0 && from > 0 && count - 1 <= Number.MAX_SAFE_INTEGER - from;
}

/** Refuses a run that is empty or goes past the last round. */
export function checkRun(from: number, count: number): void {
  if (!isRun(from, count)) throw new MalformedError('a run is empty or passes the last round');
}

export function isSameNumber(a: CoordNum, b: CoordNum): boolean {
  return a === b || (a.counter === b.counter && a.node === b.node && a.incarnation === b.incarnation);
}

/** Calls `run` for each stretch of proposals of consecutive rounds under one number: from, up to, not including. */
export function eachRun(proposals: readonly Proposal[], run: (from: number, to: number) => void): void {
  let from = 0;
  for (let at = 1; at <= proposals.length; at++) {
    const previous = proposals[at - 1] as Proposal;
    const next = proposals[at];
    if (next === undefined || next.round !== previous.round + 1 || !isSameNumber(next.number, previous.number)) {
      run(from, at);
      from = at;
    }
  }
}
