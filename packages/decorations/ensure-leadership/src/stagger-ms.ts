import type { PaxakosNode } from '@paxakos/core/contracts';

/** The share of the interval over which the turns of the nodes are spread. */
const spread = 0.75;

/**
 * How long after the interval it is this node's turn: each has a slot of its own, in the order of their ids from the one after
 * the last leader, so that the one that is likely dead comes last, and nobody gets in another's way. `draw`, from 0 to 1, picks
 * the moment in the first half of the slot; the second half is for the others to hear of it. A leader's turn is first.
 */
export function staggerMs(
  { id, status, leader, cluster }: Pick<PaxakosNode, 'id' | 'status' | 'leader' | 'cluster'>,
  intervalMs: number,
  draw: number,
): number {
  if (status === 'leading') return 0;
  const ids = cluster.map((member) => member.id).sort();
  const after = leader === undefined ? -1 : ids.indexOf(leader);
  const rank = (ids.indexOf(id) - after - 1 + ids.length) % Math.max(ids.length, 1);
  const slotMs = (spread * intervalMs) / (ids.length + 0.5);
  return (rank + 1 + draw / 2) * slotMs;
}
