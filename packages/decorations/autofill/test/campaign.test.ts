// Goal: filling gaps breaks nothing under any fault, and no gap stays when the faults are over. Method: simulated clusters, whose
// clients append for rounds of their own, too; all checkers of the simulator look on.
import { campaign } from '@paxakos/simulator';
import test from 'ava';
import { autofill } from '../src/index.ts';

const delayMs = 15;

test('under every fault what was chosen stays, and when all is well each gap closes', async (t) => {
  const seen = { filled: 0, gaps: 0 };
  const { failures } = await campaign({
    seeds: 12,
    requires: [],
    decorate: (builder) => builder.with(autofill({ delayMs, leadership: 'acquire' })),
    drive(node, { clock, complain, id, isHealed, signal }) {
      let first: number | undefined;
      let since = 0;
      let filled = 0;
      node.on('gaps', ({ gaps }) => {
        seen.gaps += 1;
        if (first === gaps[0]?.from) return;
        first = gaps[0]?.from;
        since = clock.now();
      });
      const look = (): void => {
        if (signal.aborted) return;
        seen.filled += node.autofill.filled - filled;
        filled = node.autofill.filled;
        const isAble = isHealed() && node.participation.type === 'active' && node.status !== 'disoriented';
        if (!isAble) since = clock.now();
        if (first !== undefined && clock.now() - since > delayMs * 64 + 4_000)
          complain(`${id} has a gap at ${first} for ${clock.now() - since} ms`);
        clock.after(50, look);
      };
      look();
    },
  });
  t.deepEqual(
    failures.map(({ seed, violation }) => ({ seed, violation })),
    [],
  );
  t.true(seen.filled > 15 && seen.gaps > 100, JSON.stringify(seen));
});
