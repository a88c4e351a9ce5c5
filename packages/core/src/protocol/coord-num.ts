import type { CoordNum, IncarnationId, NodeId } from '../contracts/index.ts';

/** Negative where `a` is less than `b`, 0 where they are the same number, positive otherwise. */
export function compareCoordNums(a: CoordNum, b: CoordNum): number {
  if (a === b) return 0;
  if (a.counter !== b.counter) return a.counter - b.counter;
  if (a.node !== b.node) return a.node < b.node ? -1 : 1;
  if (a.incarnation !== b.incarnation) return a.incarnation < b.incarnation ? -1 : 1;
  return 0;
}

/** Whether both are the same number. */
export function sameCoordNum(a: CoordNum | undefined, b: CoordNum | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && compareCoordNums(a, b) === 0);
}

/** The greater of the two. */
export function greaterCoordNum(a: CoordNum | undefined, b: CoordNum | undefined): CoordNum | undefined {
  if (a === undefined) return b;
  if (b === undefined) return a;
  return compareCoordNums(a, b) >= 0 ? a : b;
}

/** A number greater than `greatest`, which only this incarnation of this node ever makes. */
export function nextCoordNum(greatest: CoordNum | undefined, node: NodeId, incarnation: IncarnationId): CoordNum {
  return { counter: (greatest?.counter ?? 0) + 1, node, incarnation };
}
