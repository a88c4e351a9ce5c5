import type { CoordNum } from '@paxakos/core/contracts';

/** Negative where the first number is the lesser one. By the book, not by the code under test: that may be wrong. */
export function orderOf(first: CoordNum, second: CoordNum): number {
  if (first.counter !== second.counter) return first.counter - second.counter;
  const [one, other] = [`${first.node} ${first.incarnation}`, `${second.node} ${second.incarnation}`];
  return one < other ? -1 : one > other ? 1 : 0;
}
