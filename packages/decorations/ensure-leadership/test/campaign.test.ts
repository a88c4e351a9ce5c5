// Goal: nodes that make sure of a leader harm nothing under any fault, and have one soon when the faults are over. Method: simulated
// clusters; who leads is looked at all the time.
import type { PaxakosNode } from '@paxakos/core';
import { campaign } from '@paxakos/simulator';
import test from 'ava';
import { ensureLeadership } from '../src/index.ts';

const intervalMs = 400;

type Seen = Pick<PaxakosNode, 'status' | 'participation' | 'cluster'>;

/** Whether a majority of the members that they name can lead or follow. */
const isAble = (nodes: ReadonlyMap<string, Seen>): boolean => {
  const able = [...nodes].filter(
    ([, { status, participation }]) =>
      participation.type === 'active' && (status === 'following' || status === 'leading'),
  );
  return (
    able.length > 0 &&
    able.every(([, { cluster }]) => {
      const members = cluster.filter(({ id }) => able.some(([name]) => name === id));
      return members.length * 2 > cluster.length;
    })
  );
};

test('under every fault it tries no more than once an interval, and when all is well somebody leads in time', async (t) => {
  let nodes = new Map<string, Seen>();
  let quietFrom: number | undefined;
  const seen = { attempts: 0, quiet: 0, looks: 0 };
  const { failures } = await campaign({
    seeds: 12,
    requires: [],
    decorate: (builder) => builder.with(ensureLeadership({ intervalMs })),
    onResult: () => {
      nodes = new Map();
      quietFrom = undefined;
      return true;
    },
    drive(node, { clock, complain, id, isHealed, signal, worldMs }) {
      nodes.set(id, node);
      signal.addEventListener('abort', () => {
        if (nodes.get(id) === node) nodes.delete(id);
      });
      const startedAt = clock.now();
      let attempts = 0;
      const look = (): void => {
        if (signal.aborted) return;
        seen.looks += 1;
        const { ensureLeadership: ensuring } = node;
        if (ensuring.attempts > (clock.now() - startedAt) / intervalMs)
          complain(`${id} tried ${ensuring.attempts} times in ${clock.now() - startedAt} ms`);
        seen.attempts += ensuring.attempts - attempts;
        attempts = ensuring.attempts;
        const leads = [...nodes.values()].some(({ status }) => status === 'leading');
        if (leads || !isHealed() || !isAble(nodes)) quietFrom = undefined;
        else quietFrom ??= worldMs();
        if (quietFrom !== undefined) seen.quiet += 1;
        if (worldMs() - (quietFrom ?? worldMs()) > intervalMs * 2)
          complain(`nobody has led for ${worldMs() - (quietFrom ?? 0)} ms`);
        clock.after(20, look);
      };
      look();
    },
  });
  t.deepEqual(
    failures.map(({ seed, violation }) => ({ seed, violation })),
    [],
  );
  t.true(seen.attempts > 20 && seen.quiet > 0, JSON.stringify(seen));
});
