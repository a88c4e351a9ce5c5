// States: nobody gives up a sound state as diverged, and here every state is sound; when the faults are over, each member has its
// state confirmed by a majority.
import type { Actor, Watch } from './watch.ts';

/** Looks at what comes of comparing states. */
export class StateWatch implements Watch {
  /** The greatest round that some node had applied when the faults ended. */
  #from: number | undefined;

  begin({ node, context: { complain, count, id } }: Actor): void {
    node.verify.onCheck(({ type, round }) => {
      if (type === 'equal') count('states are compared');
      else complain(`states: ${id} calls its state of round ${round} ${type}, which is sound`);
    });
  }

  look({ context }: Actor, all: readonly Actor[]): void {
    if (context.isHealed()) this.#from ??= Math.max(...all.map(({ node }) => node.round));
  }

  lacking(_: Actor, members: readonly Actor[]): string | undefined {
    const from = this.#from ?? 0;
    const unconfirmed = members.find(({ node }) => (node.verify.lastConfirmed ?? 0) <= from);
    return unconfirmed && `nobody has confirmed the state of ${unconfirmed.context.id} since`;
  }
}
