import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { SimulationOptions } from '@paxakos/simulator';
import { UsageError } from '../demo/demo-error.ts';
import { reasonOf } from '../node/reason-of.ts';

/** The options that only an application can give; all others are the command line's. */
export type StateOptions = Omit<SimulationOptions, 'seed' | 'profile' | 'nodes' | 'horizonMs' | 'keep' | 'onLine'>;

/** Of which type each is. */
const kinds: Readonly<Record<keyof StateOptions, 'function' | 'object' | 'boolean'>> = {
  state: 'function',
  workload: 'function',
  invariant: 'function',
  digest: 'function',
  changes: 'object',
  models: 'object',
  reads: 'function',
  consistencies: 'object',
  unchecked: 'object',
  rescues: 'boolean',
  leadsAlone: 'boolean',
  decorate: 'function',
  drive: 'function',
  lacking: 'function',
  codec: 'object',
  tuning: 'object',
};

const remedy = 'name a module that exports simulation, an object with at least state and workload';

/** Loads the module that has an application's state. Rejects with a `UsageError` where it is none. */
export async function loadState(path: string): Promise<StateOptions> {
  const { simulation } = await importedFrom(path);
  if (typeof simulation !== 'object' || simulation === null)
    throw new UsageError(`--state is ${path}, which does not export simulation: ${remedy}`);
  for (const [name, value] of Object.entries(simulation)) {
    if (!Object.hasOwn(kinds, name)) {
      const known = Object.keys(kinds).join(', ');
      throw new UsageError(`--state is ${path}, whose simulation has ${name}: leave it out, or name one of ${known}`);
    }
    const kind = kinds[name as keyof StateOptions];
    const type: string = value === null ? 'null' : typeof value;
    if (value !== undefined && type !== kind)
      throw new UsageError(`--state is ${path}, whose simulation.${name} is no ${kind}: give one, or leave it out`);
  }
  for (const name of ['state', 'workload'])
    if ((simulation as Record<string, unknown>)[name] === undefined)
      throw new UsageError(`--state is ${path}, whose simulation has no ${name}: ${remedy}`);
  return simulation;
}

async function importedFrom(path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(pathToFileURL(resolve(path)).href)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    throw new UsageError(`--state is ${path}, which does not load (${reasonOf(error)}): ${remedy}`, { cause: error });
  }
}
