// Goal: both views hold together under every fault. Method: simulated clusters, where each view is looked at whenever it changes
// and at intervals.
import type { PaxakosNode } from '@paxakos/core';
import { campaign } from '@paxakos/simulator';
import test from 'ava';
import { type LeadershipView, type TrackLeadership, trackLeadership } from '../src/index.ts';
import { compareNumbers } from '../src/leadership-ranges.ts';

type Tracked = Pick<PaxakosNode, 'id' | 'status' | 'committed'> & { readonly trackLeadership: TrackLeadership };

const rangesMax = 4;

/** What is wrong with a view, if anything. */
function problemOf(node: Tracked, view: LeadershipView): string | undefined {
  const { ranges, leader, isSuspended } = view;
  const isClear = node.status === 'following' || node.status === 'leading';
  if (isSuspended === isClear) return `suspended: ${isSuspended}, and ${node.status}`;
  if (isSuspended && (ranges.length > 0 || leader !== undefined)) return 'it speaks while it is suspended';
  if (ranges.length > rangesMax) return `${ranges.length} ranges`;
  for (const [index, range] of ranges.entries()) {
    const next = ranges[index + 1];
    if (range.to !== undefined && range.to < range.from) return `an empty range of ${range.leader}`;
    if (range.number.node !== range.leader) return `${range.leader} with a number of ${range.number.node}`;
    if (view.leaderOf(range.from) !== range.leader) return `leaderOf(${range.from}) is not ${range.leader}`;
    if (next === undefined) continue;
    if (range.to === undefined || range.to >= next.from) return `ranges overlap at ${next.from}`;
    if (compareNumbers(range.number, next.number) >= 0) return `numbers do not ascend at ${next.from}`;
  }
  const last = ranges.at(-1);
  if (leader !== undefined && leader !== last?.leader) return `${leader} leads, and not ${last?.leader}`;
  return undefined;
}

test('under every fault the ranges are in order and without overlap, and a node that leads knows of a leader', async (t) => {
  const seen = { changes: 0, leading: 0, agreed: 0, looks: 0 };
  const { failures } = await campaign({
    seeds: 8,
    requires: [],
    decorate: (builder) => builder.with(trackLeadership({ rangesMax })),
    drive(node, { clock, complain, signal }) {
      const { lax, strict } = node.trackLeadership;
      const look = (): void => {
        for (const [name, view] of Object.entries({ lax, strict })) {
          const problem = problemOf(node, view);
          if (problem !== undefined) complain(`${node.id}, ${name}: ${problem}`);
        }
      };
      for (const view of [lax, strict]) {
        view.onChange(() => {
          seen.changes += 1;
          look();
        });
      }
      const poll = (): void => {
        if (signal.aborted) return;
        look();
        seen.looks += 1;
        if (node.status === 'leading') {
          seen.leading += 1;
          // It may have heard of a greater number since, and know better than to think that it leads itself.
          const isMember = node.cluster.some(({ id }) => id === node.id);
          if (strict.leader === undefined && isMember) complain(`${node.id} leads, and says that nobody does`);
        }
        if (strict.leader !== undefined && strict.leader === lax.leader) seen.agreed += 1;
        clock.after(20, poll);
      };
      poll();
    },
  });
  t.deepEqual(
    failures.map(({ seed, violation }) => ({ seed, violation })),
    [],
  );
  t.true(seen.changes > 100 && seen.leading > 100 && seen.agreed > 100, JSON.stringify(seen));
});
