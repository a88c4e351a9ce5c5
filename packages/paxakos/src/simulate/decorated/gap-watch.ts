// Gaps: when the faults are over, no gap at a node that can do something about it stays for long, and in the end there is none.
import { isAble } from './is-able.ts';
import type { Actor, Watch } from './watch.ts';

/** What filling takes at most: the delay of autofill, doubled up to 64 times, and a few messages. */
const gapMsMax = 60 * 64 + 4_000;

interface Gap {
  /** The first round of the first gap; `undefined` where there is none. */
  from: number | undefined;
  since: number;
  filled: number;
}

/** Looks at the gaps of each node. */
export class GapWatch implements Watch {
  readonly #gaps = new WeakMap<Actor, Gap>();

  begin(actor: Actor): void {
    const { node, context } = actor;
    const gap: Gap = { from: undefined, since: 0, filled: 0 };
    this.#gaps.set(actor, gap);
    node.on('gaps', ({ gaps: [first] }) => {
      if (gap.from === first?.from) return;
      gap.from = first?.from;
      gap.since = context.clock.now();
    });
  }

  look(actor: Actor, all: readonly Actor[]): void {
    const { node, context } = actor;
    const gap = this.#gaps.get(actor);
    if (gap === undefined) return;
    const now = context.clock.now();
    if (node.autofill.filled > gap.filled) context.count('a gap is filled', node.autofill.filled - gap.filled);
    gap.filled = node.autofill.filled;
    const isActive = node.participation.type === 'active' && node.status !== 'disoriented';
    const isMember = node.cluster.some(({ id }) => id === context.id);
    // What no majority of the members has a vote in, nobody can fill.
    if (!context.isHealed() || !isActive || !isMember || !isAble(all)) gap.since = now;
    if (gap.from !== undefined && now - gap.since > gapMsMax)
      context.complain(`gaps: ${context.id} has one at ${gap.from} for ${now - gap.since} ms`);
  }

  lacking(_: Actor, members: readonly Actor[]): string | undefined {
    const open = members.find((actor) => this.#gaps.get(actor)?.from !== undefined);
    return open && `${open.context.id} has a gap at ${this.#gaps.get(open)?.from}`;
  }
}
