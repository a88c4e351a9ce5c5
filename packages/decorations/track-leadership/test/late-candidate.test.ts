// Goal: a candidate takes no rounds that are committed here already. Method: one that is far behind asks, and hears nothing.
import { add, DecoratedCluster } from '@paxakos/testing';
import test from 'ava';
import { type TrackLeadership, trackLeadership } from '../src/index.ts';

test('a candidate that is behind is seen to ask for the rounds that are not committed, and for no others', async (t) => {
  const nodes = await new DecoratedCluster<{ readonly trackLeadership: TrackLeadership }>({
    decorate: (builder) => builder.with(trackLeadership()),
  }).startAll();
  await nodes.append('a', add());
  await nodes.level();
  nodes.network.cut('c');
  for (let index = 0; index < 4; index += 1) await nodes.append('a', add());
  await nodes.clock.pass(1_000);
  nodes.network.heal();
  for (const id of ['a', 'b']) nodes.network.link(id, 'c').set({ isCut: true });
  nodes
    .node('c')
    .append(add(), { retry: () => undefined })
    .catch(() => {});
  const { lax, strict } = nodes.node('b').trackLeadership;
  await nodes.clock.until(() => lax.leader === 'c');
  t.deepEqual(
    lax.ranges.map(({ leader, from, to }) => [leader, from, to]),
    [
      ['a', 1, 5],
      ['c', 6, undefined],
    ],
  );
  t.is(strict.leader, 'a');
  await nodes.stopAll();
});
