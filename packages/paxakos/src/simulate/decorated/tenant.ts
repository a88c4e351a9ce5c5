import type { Lease } from '@paxakos/leaser';
import type { HolderWatch } from './holder-watch.ts';
import type { Actor } from './watch.ts';

/** Few enough that there is a contest for each. */
export const leaseNames: readonly string[] = ['red', 'green'];

/** Takes leases now and then, for as long as its node lives. */
export class Tenant {
  readonly #actor: Actor;
  readonly #holders: HolderWatch;
  readonly #onTaken: (name: string) => void;

  constructor(actor: Actor, holders: HolderWatch, onTaken: (name: string) => void) {
    this.#actor = actor;
    this.#holders = holders;
    this.#onTaken = onTaken;
  }

  async run(): Promise<void> {
    const { node, context } = this.#actor;
    const { random, signal } = context;
    while (!signal.aborted) {
      await this.#pass(random.between(50, 1_200));
      const durationMs = random.between(600, 1_500);
      const waitMs = random.pick([0, 1_500, 4_000]);
      const lease = await node.leaser.takeLease(random.pick(leaseNames), { durationMs, waitMs }).catch(() => undefined);
      if (lease !== undefined && !signal.aborted) await this.#hold(lease);
    }
  }

  async #hold(lease: Lease): Promise<void> {
    const { context } = this.#actor;
    const { clock, count, random, signal } = context;
    let isGivenUp = false;
    lease.signal.addEventListener('abort', () => {
      if (!isGivenUp) count('a lease is lost');
    });
    count('a lease is taken');
    this.#holders.taken(lease, this.#actor);
    this.#onTaken(lease.name);
    // Some keep it until they lose it, which may be never; most for a short while.
    const until = clock.now() + random.between(0, random.chance(0.1) ? 4_000 : 700);
    while (!signal.aborted && lease.isHeld && clock.now() < until) {
      this.#holders.act(lease, this.#actor);
      await this.#pass(40);
    }
    isGivenUp = true;
    await lease.release();
  }

  #pass(ms: number): Promise<void> {
    return new Promise((resolve) => this.#actor.context.clock.after(ms, resolve));
  }
}
