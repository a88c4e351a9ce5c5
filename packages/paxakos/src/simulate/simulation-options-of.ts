import type { SimulationOptions } from '@paxakos/simulator';
import { loadState } from './load-state.ts';
import type { RunSettings } from './run-settings.ts';

/** The options of every run of a command, but for its seed. Rejects with a `UsageError` where the state is not one. */
export async function simulationOptionsOf({
  profile,
  nodes,
  horizonMs,
  state,
}: RunSettings): Promise<Omit<SimulationOptions, 'seed'>> {
  return {
    profile,
    ...(nodes === undefined ? {} : { nodes }),
    ...(horizonMs === undefined ? {} : { horizonMs }),
    ...(state === undefined ? {} : await loadState(state)),
  };
}
