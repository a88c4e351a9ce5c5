// Goal: orders of `.with` that cannot work are refused, by the start and by the compiler. Method: pairs of decorations that have to do
// with delegation.
import { delegation } from '@paxakos/delegation';
import { ensureLeadership } from '@paxakos/ensure-leadership';
import { heartbeats } from '@paxakos/heartbeats';
import { type FrozenLeases, type LeaseEntry, LeaseTable, leaser } from '@paxakos/leaser';
import { releaser } from '@paxakos/releaser';
import { trackLeadership } from '@paxakos/track-leadership';
import test from 'ava';
import { connectTransport, createNode } from '../src/index.ts';

function leased(frozen?: FrozenLeases) {
  const leases = new LeaseTable(frozen);
  return {
    leases,
    apply: (entry: LeaseEntry) => leases.apply(entry) as never,
    cluster: () => [{ id: 'a' }],
    freeze: () => leases.freeze(),
  };
}

const builder = async () =>
  createNode({
    id: 'a',
    state: { create: () => leased(), thaw: (frozen: FrozenLeases) => leased(frozen) },
    transport: await connectTransport('memory:order'),
  }).with(trackLeadership());
const table = ({ leases }: { leases: LeaseTable }): LeaseTable => leases;

test('what appends for its own node is refused above delegation, and what appends for the application below it', async (t) => {
  const base = await builder();
  const refused = { code: 'PAXAKOS_DECORATION_ORDER' };
  // @ts-expect-error: install these decorations after this one: delegation
  await t.throwsAsync(base.with(delegation()).with(heartbeats()).start(), refused);
  // @ts-expect-error: install these decorations after this one: delegation
  await t.throwsAsync(base.with(delegation()).with(ensureLeadership()).start(), refused);
  // @ts-expect-error: install these decorations after this one: leaser
  await t.throwsAsync(base.with(leaser({ table })).with(delegation()).start(), refused);
  // @ts-expect-error: install these decorations after this one: releaser
  await t.throwsAsync(base.with(releaser({ table })).with(delegation()).start(), refused);
  const node = await base
    .with(heartbeats())
    .with(ensureLeadership())
    .with(delegation())
    .with(leaser({ table }))
    .with(releaser({ table }))
    .start();
  await node.stop();
});
