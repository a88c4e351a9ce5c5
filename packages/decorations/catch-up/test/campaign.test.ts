// Goal: under every fault, and with no operator to give anybody a snapshot, all nodes are level again. Method: simulated clusters,
// which must be level within a bound after the faults; most of the time little is retained.
import { isPaxakosError } from '@paxakos/core';
import { campaign } from '@paxakos/simulator';
import test from 'ava';
import { catchUp } from '../src/index.ts';

const seen = { installs: 0, transfers: 0, stranded: 0, ejects: 0 };
/** The nodes of this run that have a state: somebody must keep one. */
let oriented = new Map<string, () => boolean>();
let before = Number.POSITIVE_INFINITY;

const run = (from: number) =>
  campaign({
    seeds: 4,
    from,
    horizonMs: 5_000,
    // States are given up on purpose here, which that checker takes for a fault; what else it looks at is looked at below.
    unchecked: ['invariants'],
    rescues: false,
    requires: [],
    decorate: (builder) => builder.with(catchUp({ chunkBytes: 1_024, stalledMs: 3_000, retryMsMax: 2_000 })),
    drive(node, { clock, complain, id, isHealed, random, signal, worldMs }) {
      if (worldMs() < before) oriented = new Map();
      before = worldMs();
      oriented.set(id, () => !signal.aborted && (node.status === 'following' || node.status === 'leading'));
      node.on('stranded', () => {
        seen.stranded += 1;
      });
      node.on('eject', () => {
        seen.ejects += 1;
      });
      node.on('install', () => {
        seen.installs += 1;
      });
      node.on('failure', ({ error }) => {
        if (isPaxakosError(error, 'PAXAKOS_INVARIANT')) complain(String(error));
      });
      node.on('hookError', ({ hook, error }) => {
        // Reported, too, where a state was wrong: here none is.
        complain(`${hook}: ${String(error)}`);
      });
      let last = node.catchUp.progress;
      node.catchUp.onProgress((progress) => {
        if (progress !== undefined && progress.bytesReceived > progress.bytesTotal) complain('more came than there is');
        if (last !== undefined && progress === undefined) seen.transfers += 1;
        last = progress;
      });
      let idleFor = 0;
      const look = (): void => {
        if (signal.aborted) return;
        const isLost = node.status === 'disoriented' && !node.catchUp.isCatchingUp;
        idleFor = isLost ? idleFor + 1 : 0;
        if (idleFor > 3) complain('it has no state, and does not look for one');
        if (isHealed() && node.status === 'following' && node.catchUp.progress !== undefined)
          complain('it follows, and goes on fetching a snapshot');
        const hasOthers = [...oriented].some(([other, isSo]) => other !== id && isSo());
        if (!isHealed() && random.chance(0.1) && hasOthers) void node.eject('now and then').catch(() => {});
        clock.after(1_000, look);
      };
      look();
    },
  });

for (const from of [0, 4, 8])
  test.serial(
    `with catchUp nobody has to give snapshots to nodes that are stranded or have no state: from ${from}`,
    async (t) => {
      const { failures } = await run(from);
      t.deepEqual(
        failures.map(({ seed, violation }) => ({ seed, violation })),
        [],
      );
    },
  );

test.serial('that was put to the test', (t) => {
  t.true(seen.transfers >= 10 && seen.stranded >= 1, JSON.stringify(seen));
});
