import type { SimulationOptions } from '@paxakos/simulator';
import { loadState, type StateOptions } from './load-state.ts';
import type { RunSettings } from './run-settings.ts';

/** The options of every run of a command, but for its seed. Rejects with a `UsageError` where the state is not one. */
export async function simulationOptionsOf({
  profile,
  nodes,
  horizonMs,
  state,
  isDecorated,
}: RunSettings): Promise<Omit<SimulationOptions, 'seed'>> {
  return {
    profile,
    ...(nodes === undefined ? {} : { nodes }),
    ...(horizonMs === undefined ? {} : { horizonMs }),
    ...(state === undefined ? {} : await loadState(state)),
    ...(isDecorated ? await decoratedOptions() : {}),
  };
}

/** No other run needs the decorations. */
async function decoratedOptions(): Promise<StateOptions> {
  const { decoratedSimulation } = await import('./decorated/decorated-simulation.ts');
  return await decoratedSimulation();
}
