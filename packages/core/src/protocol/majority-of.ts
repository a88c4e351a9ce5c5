import type { IncarnationId, NodeId } from '../contracts/index.ts';
import type { Epoch } from './snapshot-image.ts';

/** The least number of members that any two majorities of `members` share one of. */
export function majorityOf(members: number): number {
  return Math.floor(members / 2) + 1;
}

/** Returns whether a vote of this node, under this incarnation, counts in the epoch (rules P6, P10). */
export function votesIn(epoch: Epoch, node: NodeId, incarnation: IncarnationId): boolean {
  return epoch.incarnations.get(node) === incarnation;
}
