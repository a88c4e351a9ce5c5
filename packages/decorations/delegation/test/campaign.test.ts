// Goal: nothing is lost, placed twice or wrongly called off where clients append anywhere, while nodes crash, stop, are cut off and
// lose messages. Method: the simulator's checkers, and that delegation was really at work.
import { campaign } from '@paxakos/simulator';
import { trackLeadership } from '@paxakos/track-leadership';
import test from 'ava';
import { delegation } from '../src/index.ts';

test('H51-H54: delegated appends stay durable, linearizable and honest under faults', async (t) => {
  let most = 0;
  const { failures, unmet } = await campaign({
    seeds: Number(process.env.SEEDS ?? 15),
    from: Number(process.env.FROM ?? 1),
    requires: ['fault: crash', 'read: linearizable'],
    decorate: (builder) => builder.with(trackLeadership()).with(delegation()),
    drive(node, { clock, complain, signal }) {
      const look = (): void => {
        if (signal.aborted) return;
        const { inFlight, remembered } = node.delegation;
        most = Math.max(most, inFlight);
        if (remembered > 16_384) complain(`${remembered} remembered`);
        clock.after(20, look);
      };
      look();
    },
  });
  t.deepEqual(
    failures.map(({ seed, violation }) => [seed, violation]),
    [],
  );
  t.deepEqual(unmet, []);
  t.true(most > 3, `${most} in flight`);
});
