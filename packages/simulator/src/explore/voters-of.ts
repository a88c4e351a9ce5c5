import type { IncarnationId, NodeId, RoundNum } from '@paxakos/core/contracts';
import { rejoinOf } from './entry-of.ts';
import { LogState } from './log-state.ts';
import type { World } from './world.ts';

/** The voters of a round, and the memory of each. */
export type Voters = ReadonlyMap<NodeId, IncarnationId>;

/** Who votes in each round that the window reaches, by which memory, as the log says (rule P9 in its plainest form). */
export function votersOf(world: World, log: ReadonlyMap<RoundNum, string>): Voters[] {
  const founders = world.founders.split('');
  const incarnations = new Map(founders.map((id) => [id, `${id}1`]));
  const state = new LogState(
    founders.map((id) => ({ id })),
    world.concurrency,
  );
  const voters: Map<NodeId, IncarnationId>[] = [new Map()];
  const reachTo = (reach: RoundNum): void => {
    while (voters.length <= reach) {
      const named = state.members.map(({ id }) => id);
      const met = named.filter((id) => incarnations.has(id));
      // With too few that were ever heard of, those who governed go on.
      const last = voters.at(-1) as Map<NodeId, IncarnationId>;
      const ids = met.length * 2 > named.length || last.size === 0 ? met : [...last.keys()];
      voters.push(new Map(ids.map((id) => [id, incarnations.get(id) as IncarnationId])));
    }
  };
  reachTo(state.concurrency);
  for (let text = log.get(1); text !== undefined; text = log.get(state.round + 1)) {
    const rejoin = rejoinOf(text);
    if (rejoin !== undefined && incarnations.get(rejoin.node.id) === rejoin.replaces)
      incarnations.set(rejoin.node.id, rejoin.incarnation);
    state.apply(text);
    reachTo(state.round + state.concurrency);
  }
  return voters;
}
