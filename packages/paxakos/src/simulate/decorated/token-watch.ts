// Tokens: in the order of the log, the fencing tokens of a name strictly grow from holder to holder, over crashes, snapshots and
// restarts of all nodes.
import type { LeaseClaim } from '@paxakos/leaser';
import type { Actor, Watch } from './watch.ts';

/** Looks at the table of whoever is the first to apply an entry about a lease. */
export class TokenWatch implements Watch {
  /** Up to which round somebody has looked. */
  #round = 0;
  readonly #last = new Map<string, LeaseClaim>();

  begin({ node, context: { complain } }: Actor): void {
    node.on('apply', ({ round, entry }) => {
      if (round <= this.#round) return;
      this.#round = round;
      if (entry?.type.startsWith('lease/') !== true) return;
      const { name } = entry as unknown as LeaseClaim;
      const look = (state: { readonly leases: { holderOf(name: string): LeaseClaim | undefined } }): void => {
        const problem = this.#problemOf(name, state.leases.holderOf(name));
        if (problem !== undefined) complain(`tokens: in round ${round} ${problem}`);
      };
      // A stale read calls its function before it returns.
      node.read(look, { consistency: 'stale' }).catch(() => {});
    });
  }

  #problemOf(name: string, holder: LeaseClaim | undefined): string | undefined {
    if (holder === undefined) return undefined;
    const { token, claim } = holder;
    const last = this.#last.get(name);
    this.#last.set(name, holder);
    if (token === undefined) return `${claim} holds ${name} without a token`;
    // A claim that was cleared, and is then kept alive, is a new one.
    if (last?.claim === claim && last.token === token) return undefined;
    return token > (last?.token ?? 0) ? undefined : `${name} is given under ${token} after ${last?.token}`;
  }
}
