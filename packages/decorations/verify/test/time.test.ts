// Goal: states are compared after a time, too, and when somebody asks for it. Method: clusters on a virtual clock.
import { freshId } from '@paxakos/testing';
import test from 'ava';
import { startedCluster, TestCluster } from './test-cluster.ts';
import { add, setEvery } from './test-state.ts';

const never = Number.POSITIVE_INFINITY;
const byTime = { verify: { everyRounds: never, intervalMs: 5_000 } };

test('a corrupted state of an idle cluster is found within one interval by time', async (t) => {
  const cluster = await startedCluster(byTime);
  await cluster.append('a', add());
  await cluster.clock.pass(5_500);
  await cluster.clock.until(() => cluster.ids.every((id) => cluster.node(id).verify.lastConfirmed !== undefined));
  const confirmed = cluster.node('c').verify.lastConfirmed as number;
  cluster.state('c').sum += 1;
  await cluster.clock.pass(6_000);
  t.is(cluster.node('c').status, 'disoriented');
  t.like(cluster.events('c', 'eject')[0]?.reason, { name: 'DivergedError', from: confirmed + 1 });
  t.deepEqual(cluster.events('a', 'eject'), []);
  await cluster.stopAll();
});

test('an idle cluster appends two no-ops an interval, and no more', async (t) => {
  const cluster = await startedCluster(byTime);
  await cluster.append('a', add());
  await cluster.clock.pass(60_500);
  t.true(cluster.node('a').round >= 1 + 2 * 11 && cluster.node('a').round <= 1 + 2 * 12, `${cluster.node('a').round}`);
  await cluster.stopAll();
});

test('where nobody leads, one of the others begins', async (t) => {
  const cluster = await startedCluster(byTime);
  await cluster.append('a', add());
  await cluster.level();
  cluster.kill('a');
  await cluster.clock.pass(19_000);
  t.is(cluster.node('b').round, 1, 'not at once');
  await cluster.clock.pass(31_000);
  t.true(
    (cluster.node('b').verify.lastConfirmed ?? 0) > 2 &&
      cluster.node('b').verify.lastConfirmed === cluster.node('c').verify.lastConfirmed,
  );
  t.true(['b', 'c'].some((id) => cluster.node(id).status === 'leading'));
  await cluster.stopAll();
});

test('a follower that misses check points asks the leader for one first, each time', async (t) => {
  const mixed = new TestCluster({ verify: { everyRounds: never } });
  await Promise.all([
    mixed.start('a', { verify: { intervalMs: never } }),
    mixed.start('b', { verify: { intervalMs: 5_000 } }),
    mixed.start('c', { verify: { intervalMs: never } }),
  ]);
  await mixed.append('a', add());
  await mixed.clock.pass(100_000);
  t.is(mixed.node('a').status, 'leading');
  t.true(mixed.checks('b', 'equal').length >= 5, `${mixed.checks('b', 'equal').length}`);
  await mixed.stopAll();
});

test('check points by rounds put those by time off', async (t) => {
  const cluster = await startedCluster({ verify: { everyRounds: 1, intervalMs: 5_000 } });
  for (let times = 0; times < 6; times += 1) {
    await cluster.clock.pass(4_000);
    await cluster.append('a', add());
  }
  await cluster.level();
  t.is(cluster.node('b').round, 6);
  t.is(cluster.node('b').verify.lastConfirmed, 6);
  await cluster.stopAll();
});

test('an entry of the application takes the place of the no-op, and carries the last digest', async (t) => {
  const entries: [string, number][] = [];
  const entry = (digest: string, of: number) => {
    entries.push([digest, of]);
    return { id: freshId(), type: 'digest', digest, of } as const;
  };
  const cluster = await startedCluster({ verify: { everyRounds: never, intervalMs: 5_000, entry } });
  await cluster.append('a', add());
  await cluster.clock.pass(11_000);
  await cluster.level();
  t.is(cluster.state('b').digests, 2);
  t.deepEqual(entries[0], ['', 0]);
  t.regex(entries[1]?.[0] ?? '', /^[0-9a-f]{16}$/);
  t.is(entries[1]?.[1], 3);
  await cluster.stopAll();
});

test('H65: an entry function that throws is reported, and a no-op stands in', async (t) => {
  const error = new Error('entry broke');
  const entry = (): never => {
    throw error;
  };
  const cluster = await startedCluster({ verify: { everyRounds: never, intervalMs: 5_000, entry } });
  await cluster.append('a', add());
  await cluster.clock.pass(7_000);
  t.deepEqual(cluster.events('a', 'hookError'), [{ type: 'hookError', hook: 'verify: entry', error }]);
  t.not(cluster.node('b').verify.lastConfirmed, undefined);
  await cluster.stopAll();
});

test('confirms: has the nodes compare their states now, whoever asks', async (t) => {
  const cluster = await startedCluster({ verify: { everyRounds: never, intervalMs: never } });
  await cluster.append('a', add());
  await cluster.level();
  for (const id of ['a', 'b', 'c']) {
    await cluster.append('a', add());
    await cluster.level();
    const { round } = cluster.node(id);
    const before = cluster.clock.now;
    t.true(await cluster.clock.run(cluster.node(id).verify.confirms()));
    t.true((cluster.node(id).verify.lastConfirmed ?? 0) >= round);
    t.true(cluster.clock.now - before < 1_000, id);
    t.is(cluster.node('a').status, 'leading', 'nobody takes leadership for it');
    await cluster.level();
  }
  await cluster.stopAll();
});

test('confirms: false where this node is wrong, where no majority answers, and where it stops', async (t) => {
  const cluster = await startedCluster({ verify: { everyRounds: never, intervalMs: never } });
  await cluster.append('a', add());
  await cluster.level();
  cluster.state('c').sum += 1;
  t.false(await cluster.clock.run(cluster.node('c').verify.confirms()));
  t.is(cluster.node('c').status, 'disoriented');
  t.false(await cluster.clock.run(cluster.node('c').verify.confirms()));
  await cluster.append('b', add());
  cluster.network.cut('b');
  t.false(await cluster.clock.run(cluster.node('b').verify.confirms()));
  const asked = cluster.node('b').verify.confirms();
  t.is(await cluster.stop('b'), 0);
  t.false(await cluster.clock.run(asked));
  await cluster.stopAll();
});

test('intervals may depend on the state, and an entry that changes one takes effect', async (t) => {
  const cluster = await startedCluster({
    verify: { everyRounds: (state) => state.everyRounds, intervalMs: (state) => state.intervalMs },
  });
  await cluster.append('a', setEvery({ rounds: 5, ms: 600_000 }));
  await cluster.clock.pass(2_000);
  const before = cluster.node('b').round;
  await cluster.appendTo('a', before + 20);
  await cluster.level();
  const rounds = cluster.checks('b', 'equal').map(({ round }) => round);
  t.deepEqual(
    rounds.filter((round) => round > before),
    [1, 2, 3, 4].map((times) => (Math.floor(before / 5) + times) * 5),
  );
  const idle = cluster.node('b').round;
  await cluster.clock.pass(60_000);
  t.is(cluster.node('b').round, idle);
  await cluster.append('a', setEvery({ ms: 2_000 }));
  await cluster.clock.pass(5_000);
  t.true(cluster.node('b').round > idle + 1);
  await cluster.stopAll();
});

test('H65: an interval that throws or cannot be is reported once, and the last good one stays', async (t) => {
  let every: () => number = () => 5;
  const cluster = await startedCluster({ ids: ['a'], verify: { everyRounds: () => every(), intervalMs: never } });
  await cluster.appendTo('a', 6);
  const error = new Error('option broke');
  every = () => {
    throw error;
  };
  await cluster.clock.pass(3_000);
  await cluster.appendTo('a', 11);
  every = () => 0.5;
  await cluster.appendTo('a', 16);
  t.deepEqual(
    cluster.checks('a', 'equal').map(({ round }) => round),
    [5, 10, 15],
  );
  const errors = cluster.events('a', 'hookError');
  t.deepEqual(errors, [{ type: 'hookError', hook: 'verify: everyRounds', error }]);
  every = () => 4;
  await cluster.appendTo('a', 21);
  every = () => 0.5;
  await cluster.appendTo('a', 30);
  t.is(cluster.events('a', 'hookError').length, 2);
  t.true(cluster.checks('a', 'equal').some(({ round }) => round === 24));
  await cluster.stopAll();
});

test('confirms: where most members have no state, all must have answered, and none may have another one', async (t) => {
  const cluster = await startedCluster({ verify: { everyRounds: never, intervalMs: never } });
  await cluster.append('a', add());
  await cluster.level();
  await cluster.clock.run(cluster.node('c').eject('by hand'));
  cluster.network.cut('b');
  t.false(await cluster.clock.run(cluster.node('a').verify.confirms()));
  cluster.network.heal();
  await cluster.clock.run(cluster.node('b').eject('by hand'));
  await cluster.append('a', add());
  t.true(await cluster.clock.run(cluster.node('a').verify.confirms()));
  t.is(cluster.node('a').verify.lastConfirmed, undefined);
  const pair = await startedCluster({ ids: ['a', 'b'], verify: { everyRounds: never, intervalMs: never } });
  await pair.append('a', add());
  await pair.level();
  pair.state('b').sum += 1;
  t.false(await pair.clock.run(pair.node('a').verify.confirms()));
  await pair.clock.run(pair.node('b').eject('by hand'));
  t.true(await pair.clock.run(pair.node('a').verify.confirms()));
  await cluster.stopAll();
  await pair.stopAll();
});

test('confirms: false where another state has taken the place of the one that was asked about', async (t) => {
  const cluster = await startedCluster({ verify: { everyRounds: never, intervalMs: never } });
  await cluster.append('a', add());
  await cluster.level();
  cluster.network.cut('c');
  const asked = cluster.node('c').verify.confirms();
  await cluster.clock.pass(500);
  await cluster.appendTo('a', 5);
  const snapshot = await cluster.clock.run(cluster.node('a').takeSnapshot());
  await cluster.clock.run(cluster.node('c').installSnapshot(snapshot));
  cluster.network.heal();
  t.true(await cluster.clock.run(cluster.node('c').verify.confirms()));
  t.false(await cluster.clock.run(asked));
  await cluster.stopAll();
});

test('confirms: compares the states as they are now where nobody can append', async (t) => {
  const cluster = await startedCluster({ verify: { everyRounds: never, intervalMs: never } });
  await cluster.append('b', add());
  await cluster.level();
  const snapshot = await cluster.clock.run(cluster.node('b').takeSnapshot());
  cluster.kill('a');
  for (const id of ['b', 'c']) await cluster.clock.run(cluster.node(id).eject('by hand'));
  await cluster.start('a', { starting: { as: 'recover', snapshot } });
  t.is(cluster.node('a').participation.type, 'passive');
  t.true(await cluster.clock.run(cluster.node('a').verify.confirms()));
  await cluster.stopAll();
});

test('confirms: nodes that stand in the same round compare at once, and none is confirmed by what it was before', async (t) => {
  const cluster = await startedCluster({ verify: { everyRounds: never, intervalMs: never } });
  await cluster.append('a', add());
  await cluster.level();
  const snapshot = await cluster.clock.run(cluster.node('a').takeSnapshot());
  for (const id of cluster.ids) cluster.kill(id);
  // Both are passive, and nobody can let them vote.
  for (const id of ['a', 'b']) await cluster.start(id, { starting: { as: 'recover', snapshot } });
  t.true(await cluster.clock.run(cluster.node('a').verify.confirms()));
  t.is(cluster.node('b').round, 1);
  cluster.state('a').sum += 1;
  t.false(await cluster.clock.run(cluster.node('a').verify.confirms()));
  await cluster.stopAll();
});
