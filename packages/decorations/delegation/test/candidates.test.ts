// Goal: who asks to lead, while the others keep to the one who does, keeps no append from it. Method: voters that are for one node.
import { type AppendFunction, indefinitely, never, type Voter } from '@paxakos/core';
import test from 'ava';
import { TestCluster } from './test-cluster.ts';
import { add, type Op } from './test-state.ts';

/** For a, and nobody else. */
const loyal: Voter<Op> = {
  contemplateCandidate: ({ candidate }) => (candidate === 'a' ? { vote: 'yea' } : { vote: 'abstain' }),
};

async function loyalCluster() {
  const cluster = new TestCluster();
  const below = new Map<string, AppendFunction>();
  for (const id of cluster.ids) {
    const layer = (next: AppendFunction): AppendFunction => {
      below.set(id, next);
      return next;
    };
    await cluster.start(id, { voter: loyal, below: layer });
  }
  await cluster.clock.until(() => cluster.nodes.every((node) => node.participation.type === 'active'));
  return { cluster, bid: (id: string) => below.get(id)?.(add(), { retry: never }) ?? Promise.reject(new Error(id)) };
}

test('a bid that comes to nothing draws no append away from the leader, also not its own', async (t) => {
  const { cluster, bid } = await loyalCluster();
  await cluster.lead('a');
  t.is(((await cluster.clock.failure(bid('c'))) as { code?: string }).code, 'PAXAKOS_NO_QUORUM');
  t.is(cluster.node('b').leader, 'c');
  await cluster.clock.pass(10);
  await cluster.append('a', add());
  await cluster.level();
  cluster.landed.length = 0;
  for (const id of ['b', 'c']) await cluster.append(id, add());
  t.deepEqual(
    cluster.landed.map(({ at }) => at),
    ['a', 'a'],
  );
  t.is(cluster.node('a').status, 'leading');
  await cluster.stopAll();
});

test('an append that nobody was there for goes on at whoever leads by then', async (t) => {
  const { cluster, bid } = await loyalCluster();
  const entry = add();
  const append = cluster.clock.run(cluster.node('c').append(entry, { retry: indefinitely() }));
  await cluster.clock.pass(100);
  await cluster.clock.run(bid('a'));
  await append;
  t.is(cluster.landed[0]?.at, 'c');
  t.is(cluster.landed.at(-1)?.at, 'a');
  await cluster.level();
  t.is(await cluster.count('c', entry.id), 1);
  await cluster.stopAll();
});
