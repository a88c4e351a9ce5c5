// Leaders: when the faults are over and a majority of the members is able to, some node leads soon, without any append of a
// client; and then all members see it in their strict views, and in their lax ones it or whoever asks for a greater number.
import type { CoordNum } from '@paxakos/core';
import { isAble } from './is-able.ts';
import type { Actor, Watch } from './watch.ts';

/** How long nobody may lead, in milliseconds of the world: a master lease and a few intervals. */
const leaderlessMsMax = 4_000;
/** For how long after its attempt a node that leads is taken to lead by that. */
const attemptMs = 1_000;

/** Looks at who leads, and who thinks so. */
export class LeaderWatch implements Watch {
  #leaderlessSince: number | undefined;
  readonly #attempts = new WeakMap<Actor, { readonly count: number; readonly at: number }>();

  begin(actor: Actor): void {
    const { node, context } = actor;
    node.on('statusChange', ({ to }) => {
      // Whoever is dismissed by what it places leads for a moment only.
      if (to === 'leading') this.#leaderlessSince = undefined;
      const { at = Number.NEGATIVE_INFINITY } = this.#attempts.get(actor) ?? {};
      if (to === 'leading' && context.clock.now() < at + attemptMs) context.count('a leader is ensured');
    });
  }

  look(actor: Actor, all: readonly Actor[]): void {
    const { node, context } = actor;
    const { attempts } = node.ensureLeadership;
    if (attempts !== (this.#attempts.get(actor)?.count ?? 0))
      this.#attempts.set(actor, { count: attempts, at: context.clock.now() });
    const now = context.worldMs();
    const leads = all.some((other) => other.node.status === 'leading');
    if (leads || !context.isHealed() || !isAble(all)) this.#leaderlessSince = undefined;
    else this.#leaderlessSince ??= now;
    const forMs = now - (this.#leaderlessSince ?? now);
    if (forMs > leaderlessMsMax) context.complain(`leaders: nobody has led for ${forMs} ms`);
  }

  lacking({ context: { id } }: Actor, members: readonly Actor[]): string | undefined {
    for (const { node, context } of members) {
      const { lax, strict } = node.trackLeadership;
      if (strict.leader !== id) return `${context.id} sees ${strict.leader} lead, and ${id} does`;
      // Whoever asked in vain, while others kept to the leader, still has the greatest number.
      if (lax.leader !== id && !isGreater(lax.ranges.at(-1)?.number, strict.ranges.at(-1)?.number))
        return `${context.id} takes ${lax.leader} for a leader, and ${id} leads`;
    }
    return undefined;
  }
}

function isGreater(asked: CoordNum | undefined, led: CoordNum | undefined): boolean {
  if (asked === undefined || led === undefined) return false;
  return asked.counter === led.counter ? asked.node > led.node : asked.counter > led.counter;
}
