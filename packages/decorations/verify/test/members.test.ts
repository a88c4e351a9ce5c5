// Goal: a state that went wrong in its members is found, and spreads to nobody, though it names who is to judge it; and members that
// change as they are meant to make nobody give up a sound state. Method: clusters with catchUp whose states a test corrupts.
import { catchUp } from '@paxakos/catch-up';
import test from 'ava';
import { DivergedError } from '../src/index.ts';
import { type StartOptions, startedCluster, type TestCluster } from './test-cluster.ts';
import { add, Sum, setMembers } from './test-state.ts';

const never = Number.POSITIVE_INFINITY;
const windows = [1, 3, 1_024];
const namings: Readonly<Record<string, (id: string) => readonly string[]>> = {
  'only itself': (id) => [id],
  'itself and a stranger': (id) => [id, 'x'],
  'six, three of them strangers': () => ['a', 'b', 'c', 'x', 'y', 'z'],
  nobody: () => [],
};

// The states of one test at a time have this window.
let window = 1;
Sum.prototype.concurrency = () => window;

const started = (ids: readonly string[] = ['a', 'b', 'c'], options: object = {}): Promise<TestCluster> =>
  startedCluster({ ids, verify: { everyRounds: 5, intervalMs: never, ...options } }, { below: repairing() });

function repairing(): NonNullable<StartOptions['below']> {
  return catchUp() as never;
}

/** Makes the state of a node wrong, and so that it names these. */
function corrupt(cluster: TestCluster, id: string, ids: readonly string[]): void {
  const state = cluster.state(id);
  state.sum += 1_000_000;
  state.ids = ids;
}

/** A majority has the state of the last check point but one. */
async function confirmed(cluster: TestCluster, round: number): Promise<void> {
  await cluster.appendTo('a', round);
  await cluster.level();
  const last = round - (round % 5);
  await cluster.clock.until(() => cluster.ids.every((id) => cluster.node(id).verify.lastConfirmed === last));
}

/** All have states, and the same. */
async function equal(cluster: TestCluster, ...ids: readonly string[]): Promise<boolean> {
  await cluster.level(...ids);
  const [first, ...others] = ids.map((id) => JSON.stringify(cluster.state(id).freeze()));
  return others.every((other) => other === first);
}

const isWrong = (cluster: TestCluster, id: string): boolean =>
  cluster.node(id).status !== 'disoriented' && cluster.state(id).sum >= 1_000_000;

for (const [naming, ids] of Object.entries(namings))
  for (const size of windows)
    for (const victim of ['c', 'a'])
      test.serial(`a state that names ${naming} is given up: ${victim}, window of ${size}`, async (t) => {
        window = size;
        const cluster = await started();
        await confirmed(cluster, 12);
        corrupt(cluster, victim, ids(victim));
        // As broken a leader as that may take no one with it, so that the others go on without it.
        const writer = victim === 'a' ? 'b' : 'a';
        while (cluster.node(writer).round < 15) await cluster.append(writer, add());
        await cluster.clock.until(() => cluster.events(victim, 'eject').length > 0);
        const reason = cluster.events(victim, 'eject')[0]?.reason as DivergedError;
        t.true(reason instanceof DivergedError, String(reason));
        t.is(reason.from, 11);
        t.true(reason.to >= 12 && reason.to <= 15, String(reason));
        t.true(await equal(cluster, 'a', 'b', 'c'));
        t.true(await cluster.clock.run(cluster.node(victim).verify.confirms()));
        for (const id of cluster.ids) {
          t.false(isWrong(cluster, id));
          t.is(cluster.events(id, 'eject').length, id === victim ? 1 : 0);
        }
        await cluster.stopAll();
      });

test.serial('those whom a wrong state names no more are asked, too, where digests were lost', async (t) => {
  window = 3;
  for (let seed = 1; seed <= 8; seed += 1) {
    const verify = { everyRounds: 5, intervalMs: never };
    const cluster = await startedCluster({ verify, seed }, { below: repairing() });
    await confirmed(cluster, 12);
    corrupt(cluster, 'c', ['c']);
    cluster.network.setAll({ loss: 0.4, delayMs: 1, jitterMs: 30 });
    await cluster.appendTo('a', 15);
    await cluster.clock.until(() => cluster.events('c', 'eject').length > 0, 30_000);
    t.true(cluster.events('c', 'eject')[0]?.reason instanceof DivergedError);
    t.true(await equal(cluster, 'a', 'b', 'c'));
    await cluster.stopAll();
  }
});

test.serial(
  'what an application looks at does not matter: whoever names other members has another state',
  async (t) => {
    window = 3;
    const cluster = await started(['a', 'b', 'c'], { digest: ({ sum }: Sum) => String(sum) });
    await confirmed(cluster, 12);
    cluster.state('c').ids = ['c'];
    await cluster.appendTo('a', 15);
    await cluster.clock.until(() => cluster.events('c', 'eject').length > 0);
    t.true(cluster.events('c', 'eject')[0]?.reason instanceof DivergedError);
    t.true(await equal(cluster, 'a', 'b', 'c'));
    await cluster.stopAll();
  },
);

for (const [naming, ids] of Object.entries(namings))
  for (const size of windows)
    test.serial(
      `a state that names ${naming} is confirmed by nobody, and spreads to nobody: window of ${size}`,
      async (t) => {
        window = size;
        const cluster = await started(['a', 'b', 'c', 'd', 'e']);
        await confirmed(cluster, 12);
        corrupt(cluster, 'c', ids('c'));
        // It learns of whom it names, and goes on by itself; one that has no state can ask it only.
        cluster.network.setAll({ delayMs: 10 });
        const last = cluster.node('a').round + 1;
        const before = cluster.node('a').append(add());
        await cluster.clock.until(() => cluster.node('c').round === last);
        for (const id of ['a', 'b', 'e']) cluster.network.cut('c', id);
        for (const id of ['a', 'b', 'e']) cluster.network.cut('d', id);
        const appended = cluster
          .node('c')
          .append(add())
          .catch(() => {});
        await cluster.clock.run(cluster.node('d').eject('by hand'));
        const asked = cluster.node('c').verify.confirms();
        await cluster.clock.pass(30_000);
        t.false(await cluster.clock.run(asked));
        t.false(await cluster.clock.run(cluster.node('c').verify.confirms()));
        t.deepEqual(cluster.events('d', 'install'), []);
        cluster.network.heal();
        await cluster.clock.until(() => cluster.node('d').status !== 'disoriented');
        t.false(isWrong(cluster, 'd'));
        await cluster.appendTo('a', 20);
        await cluster.clock.until(() => cluster.events('c', 'eject').length > 0);
        t.true(cluster.events('c', 'eject')[0]?.reason instanceof DivergedError);
        await cluster.clock.run(Promise.all([before, appended]));
        t.true(await equal(cluster, 'a', 'b', 'c', 'd', 'e'));
        await cluster.stopAll();
      },
    );

/** Members that are as they are meant to be: nobody gives anything up, and those that run have what a majority has. */
async function changing(
  size: number,
  replace: (cluster: TestCluster, join: (id: string) => Promise<void>) => Promise<readonly string[]>,
) {
  window = size;
  const cluster = await started();
  const joined: string[] = [];
  const join = async (id: string): Promise<void> => {
    joined.push(id);
    await cluster.start(id, { starting: { as: 'join' }, below: repairing() });
  };
  await confirmed(cluster, 12);
  const left = await replace(cluster, join);
  const [first] = left as [string];
  const from = cluster.node(first).round;
  await cluster.appendTo(first, from + 12);
  await cluster.level(...left);
  const ejected = left.filter((id) => cluster.events(id, 'eject').length > 0);
  const undecided = left.filter((id) => cluster.checks(id, 'undecided').length > 0);
  const confirms = await Promise.all(left.map((id) => cluster.clock.run(cluster.node(id).verify.confirms())));
  // Where those who went were the last ones to be trusted, they have been waited for by now.
  await cluster.appendTo(first, cluster.node(first).round + 6);
  await cluster.level(...left);
  await cluster.clock.pass(1_000);
  const unconfirmed = left.filter((id) => (cluster.node(id).verify.lastConfirmed ?? 0) < from);
  const isEqual = await equal(cluster, ...left);
  await cluster.stopAll();
  return { ejected, undecided, confirms: confirms.every(Boolean), unconfirmed, isEqual };
}

const sound = { ejected: [], undecided: [], confirms: true, unconfirmed: [], isEqual: true };

const isIn = (cluster: TestCluster, ...ids: readonly string[]): Promise<void> =>
  cluster.clock.until(() => ids.every((id) => cluster.node(id).participation.type === 'active'));

for (const size of windows) {
  test.serial(`members that are replaced one by one give nothing up: window of ${size}`, async (t) => {
    const result = await changing(size, async (cluster, join) => {
      const members = ['a', 'b', 'c'];
      for (const [old, young] of [
        ['c', 'd'],
        ['b', 'e'],
        ['a', 'f'],
      ] as const) {
        members.splice(members.indexOf(old), 1, young);
        const stays = members.find((id) => id !== young) as string;
        await cluster.append(stays, setMembers(...members));
        await join(young);
        await isIn(cluster, young);
        cluster.kill(old);
        // Who remains goes on without it.
        await cluster.append(stays, add());
      }
      return members;
    });
    t.deepEqual(result, sound);
  });

  test.serial(`members that are replaced at once, and are gone then, give nothing up: window of ${size}`, async (t) => {
    const result = await changing(size, async (cluster, join) => {
      await cluster.append('a', setMembers('d', 'e', 'f'));
      for (const id of ['d', 'e', 'f']) await join(id);
      await isIn(cluster, 'd', 'e', 'f');
      for (const id of ['a', 'b', 'c']) cluster.kill(id);
      return ['d', 'e', 'f'];
    });
    t.deepEqual(result, sound);
  });

  test.serial(`a node that joins, and one that is left alone, are confirmed: window of ${size}`, async (t) => {
    const joining = await changing(size, async (cluster, join) => {
      await cluster.append('a', setMembers('a', 'b', 'c', 'd'));
      await join('d');
      await isIn(cluster, 'd');
      return ['a', 'b', 'c', 'd'];
    });
    t.deepEqual(joining, sound);
    const alone = await changing(size, async (cluster) => {
      await cluster.append('a', setMembers('a'));
      await cluster.clock.pass(1_000);
      for (const id of ['b', 'c']) cluster.kill(id);
      return ['a'];
    });
    t.deepEqual(alone, sound);
  });
}
