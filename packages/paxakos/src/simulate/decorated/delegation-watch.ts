// Delegation: what nodes remember of others' appends stays bounded; that nothing is placed twice, lost or wrongly called off is for
// the simulator's own checkers.
import type { Actor, Watch } from './watch.ts';

const rememberedMax = 16_384;

/** Looks at what is with others. */
export class DelegationWatch implements Watch {
  look({ node: { delegation }, context }: Actor): void {
    const { inFlight, remembered, working } = delegation;
    if (inFlight > 0) context.count('an append is delegated');
    if (working > 0) context.count('an append of another node is worked on');
    if (remembered > rememberedMax) context.complain(`delegation: ${context.id} remembers ${remembered}`);
  }
}
