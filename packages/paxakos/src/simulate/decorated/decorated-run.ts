import { ContactWatch } from './contact-watch.ts';
import { DelegationWatch } from './delegation-watch.ts';
import { GapWatch } from './gap-watch.ts';
import { HolderWatch } from './holder-watch.ts';
import { LeaderWatch } from './leader-watch.ts';
import { ReadWatch } from './read-watch.ts';
import { RepairWatch } from './repair-watch.ts';
import { StateWatch } from './state-watch.ts';
import { leaseNames, Tenant } from './tenant.ts';
import { TokenWatch } from './token-watch.ts';
import type { Actor, Watch } from './watch.ts';

const lookEveryMs = 25;

/** All that is known of one run: its nodes, and those who watch them. */
export class DecoratedRun {
  readonly #holders = new HolderWatch();
  readonly #watches: readonly Watch[] = [
    this.#holders,
    new TokenWatch(),
    new StateWatch(),
    new LeaderWatch(),
    new ContactWatch(),
    new GapWatch(),
    new RepairWatch(),
    new ReadWatch(),
    new DelegationWatch(),
  ];
  readonly #actors = new Map<string, Actor>();
  /** Names of leases that were taken since the faults are over. */
  readonly #takenSince = new Set<string>();
  #ids = 0;
  worldMs: () => number = () => 0;

  readonly nextId = (): string => {
    this.#ids += 1;
    return `beat ${this.#ids}`;
  };

  /** A node has started. */
  begin(actor: Actor): void {
    const { node, context } = actor;
    const { clock, count, id, isHealed, signal } = context;
    this.#actors.set(id, actor);
    signal.addEventListener('abort', () => {
      if (this.#actors.get(id) === actor) this.#actors.delete(id);
    });
    for (const watch of this.#watches) watch.begin?.(actor);
    const onTaken = (name: string): void => {
      if (isHealed()) this.#takenSince.add(name);
    };
    void new Tenant(actor, this.#holders, onTaken).run();
    let cleared = 0;
    const look = (): void => {
      if (signal.aborted) return;
      if (node.releaser.cleared > cleared) count('a lease is cleared', node.releaser.cleared - cleared);
      cleared = node.releaser.cleared;
      const all = [...this.#actors.values()];
      for (const watch of this.#watches) watch.look?.(actor, all);
      clock.after(lookEveryMs, look);
    };
    look();
  }

  /** What is not yet as it must be when the faults are over. */
  lacking(): string | undefined {
    const actors = [...this.#actors.values()];
    const leader = actors.find(({ node }) => node.status === 'leading');
    if (leader === undefined) return 'nobody leads';
    const members = actors.filter(({ context }) => leader.node.cluster.some(({ id }) => id === context.id));
    for (const watch of this.#watches) {
      const lacking = watch.lacking?.(leader, members);
      if (lacking !== undefined) return lacking;
    }
    const name = leaseNames.find((each) => !this.#takenSince.has(each));
    return name && `nobody has taken the lease ${name} since`;
  }
}
