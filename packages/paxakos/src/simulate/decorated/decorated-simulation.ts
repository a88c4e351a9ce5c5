import type { NodeBuilder } from '@paxakos/core';
import {
  counterModel,
  registerModel,
  setModel,
  testbedChanges,
  testbedEntry,
  testbedRead,
  type WorkloadRandom,
} from '@paxakos/simulator';
import { loadFeatures } from '../../preset/load-features.ts';
import type { StateOptions } from '../load-state.ts';
import { decoratedFeatures } from './decorated-features.ts';
import { DecoratedRun } from './decorated-run.ts';
import { type DecoratedState, decoratedFactory } from './decorated-state.ts';
import type { DecoratedNode } from './watch.ts';

/**
 * Options of a simulation in which each node has all ten decorations, in the order of the preset, takes leases, and is watched by
 * checkers of its own. Runs must follow one another.
 */
export async function decoratedSimulation(): Promise<StateOptions> {
  let run = new DecoratedRun();
  const load = (measuresDrift: boolean) =>
    loadFeatures(decoratedFeatures({ worldMs: () => run.worldMs(), nextId: () => run.nextId(), measuresDrift }));
  const [trusting, measuring] = [await load(false), await load(true)];
  return {
    state(founders, window) {
      run = new DecoratedRun();
      return decoratedFactory(founders, window) as never;
    },
    workload: testbedEntry as (id: string, random: WorkloadRandom) => never,
    changes: testbedChanges,
    models: [registerModel, counterModel, setModel],
    reads(id, random) {
      const { entry, read } = testbedRead(id, random);
      return { entry, read: (state) => read((state as unknown as DecoratedState).testbed) };
    },
    consistencies: ['linearizable', 'lease', 'laxLease'],
    rescues: false,
    leadsAlone: true,
    decorate(builder, { random, worldMs }) {
      run.worldMs = worldMs;
      const decorations = random.chance(0.5) ? measuring : trusting;
      return decorations.reduce<NodeBuilder<never, object>>(
        (below, decoration) => below.with(decoration as never) as never,
        builder as never,
      ) as never;
    },
    drive: (node, context) => run.begin({ node: node as unknown as DecoratedNode, context }),
    lacking: () => run.lacking(),
  };
}
