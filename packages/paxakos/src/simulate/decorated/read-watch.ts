// Reads: a read by a master lease sees every round that any node knew as committed when it began; and when the faults are over,
// the leader can read so.
import { isPaxakosError } from '@paxakos/core';
import type { Actor, Watch } from './watch.ts';

/** Reads at whoever leads, or thinks so. */
export class ReadWatch implements Watch {
  #committed = 0;

  look({ node, context }: Actor, all: readonly Actor[]): void {
    for (const { node: other } of all) this.#committed = Math.max(this.#committed, other.committed);
    const floor = this.#committed;
    if (node.status !== 'leading') return;
    for (const consistency of ['lease', 'laxLease'] as const)
      node
        .read((_, round) => round, { consistency })
        .then(
          (round) => {
            context.count('a lease read is served');
            if (round < floor)
              context.complain(`reads: ${consistency} at ${context.id} saw round ${round}, and ${floor} was committed`);
          },
          (error: unknown) => {
            if (isPaxakosError(error) && error.code === ('PAXAKOS_NO_LEASE' as never))
              context.count('a lease read is refused');
          },
        );
  }

  lacking({ node, context }: Actor): string | undefined {
    return node.masterLeases.strictForMs > 0 ? undefined : `${context.id} leads, and has no lease to read by`;
  }
}
