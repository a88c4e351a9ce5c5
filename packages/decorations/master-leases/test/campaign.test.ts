// Goal: no read by a lease is stale under any fault of the simulator: crashes, lost disks, cuts, pauses, changes of the members and
// the window, snapshots, hung disks, forged replays, and clocks that jump or go at any rate, with a wall clock that is right.
// Method: nodes that lead read all the time; a read must see every round that any node knew as committed when it began, and the
// simulator checks that reads and appends together are linearizable.
import type { PaxakosNode } from '@paxakos/core';
import { campaign } from '@paxakos/simulator';
import test from 'ava';
import { masterLeases } from '../src/index.ts';

test('no read by a lease is stale under any fault, and reads are served', async (t) => {
  const seen = { served: 0, refused: 0 };
  let nodes = new Set<PaxakosNode>();
  const { failures, coverage } = await campaign({
    seeds: 12,
    requires: [],
    consistencies: ['lease', 'laxLease', 'linearizable'],
    onResult() {
      nodes = new Set();
      return true;
    },
    decorate: (builder, { worldMs }) =>
      builder.with(masterLeases({ leaseMs: 250, driftMax: 0.1, measuresDrift: false, wallClock: worldMs })),
    drive(node, { clock, complain, signal }) {
      nodes.add(node as never);
      signal.addEventListener('abort', () => nodes.delete(node as never));
      const look = (): void => {
        if (signal.aborted) return;
        clock.after(7, look);
        if (node.status !== 'leading') return;
        for (const consistency of ['lease', 'laxLease'] as const) {
          const floor = Math.max(...[...nodes].map(({ committed }) => committed));
          node
            .read((_, round) => round, { consistency })
            .then(
              (round) => {
                seen.served += 1;
                if (round < floor) complain(`${consistency}: read after ${round}, and ${floor} was committed`);
              },
              () => {
                seen.refused += 1;
              },
            );
        }
      };
      look();
    },
  });
  t.deepEqual(
    failures.map(({ seed, violation }) => ({ seed, violation })),
    [],
  );
  t.true(
    seen.served > 3_000 && (coverage.get('read: lease') ?? 0) > 10,
    JSON.stringify([seen, [...coverage].filter(([name]) => name.startsWith('read'))]),
  );
});
