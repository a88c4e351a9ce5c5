import type { AnyState } from '@paxakos/core';
import { jsonCodec } from '@paxakos/core';
import { describeFault } from './fault.ts';
import { Healing } from './healing.ts';
import { Nemesis } from './nemesis.ts';
import { planOf } from './plan.ts';
import {
  type CheckedSimulation,
  checkedSimulation,
  horizonMsDefault,
  type SimulationOptions,
} from './simulation-options.ts';
import { type Violation, World } from './world.ts';

/** What came of a run. */
export interface SimulationResult {
  readonly seed: number;
  readonly passed: boolean;
  /** The property that did not hold. */
  readonly violation: Violation | undefined;
  /** The faults of the run, by their place in the plan; those that `keep` left. */
  readonly faults: readonly string[];
  /** The last of what happened, in words. */
  readonly transcript: readonly string[];
  /** Tells two runs apart that differ anywhere. */
  readonly fingerprint: string;
  /** How often each branch of the protocol, and each fault, was met. */
  readonly coverage: ReadonlyMap<string, number>;
  /** Appends that were tried, and that were acknowledged. */
  readonly appends: number;
  readonly committed: number;
  /** How much happened, and how long that took in milliseconds of the world. */
  readonly events: number;
  readonly worldMs: number;
  /** After how long without faults all was well again; `undefined` where too many memories were gone. */
  readonly levelAfterMs: number | undefined;
  /** How many objects had a history that takes too many steps to decide whether it is linearizable. */
  readonly undecided: number;
  /** What replays it, on the command line. */
  readonly replay: string;
}

/**
 * Runs a whole cluster under a virtual clock, with faults that all follow from the seed, and checks everything that it does. The
 * same seed and options give the same run, byte for byte. A property that does not hold is in the result. Rejects with
 * `InvalidError` where an option is not what it must be.
 */
export async function simulate<S extends AnyState, Apis extends object = object>(
  options: SimulationOptions<S, Apis>,
): Promise<SimulationResult> {
  const checked = checkedSimulation(options);
  const { seed, keep, invariant } = checked;
  const plan = planOf(seed, checked.limits);
  const faults = keep === undefined ? plan.faults : plan.faults.filter((_, index) => keep.includes(index));
  const members = plan.founders.map((id) => ({ id }));
  const world: World = new World({
    seed,
    plan,
    factory: checked.state(members, plan.window),
    codec: checked.codec,
    probe: {
      digest(state) {
        try {
          invariant?.(state);
        } catch (error) {
          world.complain('invariant', String(error));
        }
        return checked.digest?.(state) ?? new TextDecoder().decode((checked.codec ?? jsonCodec).encode(state.freeze()));
      },
    },
    workload: checked.workload,
    models: checked.models,
    checked,
    onLine: checked.onLine,
  });
  return await run(world, checked, faults);
}

async function run(
  world: World,
  checked: CheckedSimulation,
  faults: World['plan']['faults'],
): Promise<SimulationResult> {
  const { seed } = checked;
  const nemesis = new Nemesis(world, checked.changes);
  const healing = new Healing(world, nemesis);
  let levelAfterMs: number | undefined;
  for (const id of world.plan.founders) world.host(id).start();
  if (world.plan.founders.length === 1) world.count('a cluster of one');
  nemesis.plan(faults);
  world.clients.begin();
  try {
    await world.scheduler.runUntil(world.plan.horizonMs);
    if (world.violation === undefined) levelAfterMs = await healing.run();
    for (const { disk } of world.hosts) if (disk.torn > 0) world.count('a crash takes what was not synced', disk.torn);
  } catch (error) {
    world.complain('simulation', String((error as Error).stack ?? error));
  }
  world.end();
  return {
    seed,
    passed: world.violation === undefined,
    violation: world.violation,
    faults: faults.map((fault) => `${fault.at} ms: ${describeFault(fault)}`),
    transcript: world.violation === undefined ? [] : world.transcript.lines,
    fingerprint: world.transcript.fingerprint,
    coverage: world.coverage.counts,
    appends: world.clients.appends,
    committed: world.clients.committed,
    events: world.scheduler.events,
    worldMs: world.scheduler.now,
    levelAfterMs,
    undecided: world.undecided,
    replay: replayOf(checked),
  };
}

function replayOf({ seed, limits, keep, nodes }: CheckedSimulation): string {
  const parts = [`paxakos simulate --seed ${seed} --profile ${limits.profile}`];
  if (nodes !== undefined) parts.push(`--nodes ${nodes}`);
  if (limits.horizonMs !== horizonMsDefault) parts.push(`--horizon-ms ${limits.horizonMs}`);
  if (keep !== undefined) parts.push(`--keep ${keep.length === 0 ? 'none' : keep.join()}`);
  return parts.join(' ');
}
