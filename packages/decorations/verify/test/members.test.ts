// Goal: a state that went wrong in its members is found, and spreads to nobody, though it names who is to judge it; and members that
// change as they are meant to make nobody give up a sound state. Method: clusters with catchUp whose states a test corrupts.
import { catchUp } from '@paxakos/catch-up';
import test from 'ava';
import { DivergedError } from '../src/index.ts';
import { type StartOptions, startedCluster, type TestCluster } from './test-cluster.ts';
import { add, setMembers, Sum } from './test-state.ts';

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
