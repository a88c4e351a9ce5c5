import { type AnyState, type Decoration, InvalidError, type Needs } from '@paxakos/core';
import type { LeaserOptions } from '@paxakos/leaser';
import type { ReleaserOptions } from '@paxakos/releaser';
import type { Features } from './features.ts';

/** Any decoration, whatever it needs, gives and appends. */
export type AnyDecoration = Decoration<string, object, Needs>;

type Load = () => Promise<(options: never) => unknown>;

/**
 * How to load each feature, in the order of `with` that works: what appends something of its own does so here, below delegation,
 * and what appends for the application goes through it.
 */
const loads: Readonly<Record<keyof Features, Load>> = {
  trackLeadership: async () => (await import('@paxakos/track-leadership')).trackLeadership,
  heartbeats: async () => (await import('@paxakos/heartbeats')).heartbeats,
  autofill: async () => (await import('@paxakos/autofill')).autofill,
  ensureLeadership: async () => (await import('@paxakos/ensure-leadership')).ensureLeadership,
  catchUp: async () => (await import('@paxakos/catch-up')).catchUp,
  verify: async () => (await import('@paxakos/verify')).verify,
  masterLeases: async () => (await import('@paxakos/master-leases')).masterLeases,
  delegation: async () => (await import('@paxakos/delegation')).delegation,
  leaser: async () => (await import('@paxakos/leaser')).leaser,
  releaser: async () => (await import('@paxakos/releaser')).releaser,
};

/** Those that have to be told something. */
const needsOptions: readonly string[] = ['leaser', 'releaser'];

/** The features with every default filled in. Throws `InvalidError`. */
export function checkedFeatures<S extends AnyState>(features: Features<S>): Features<S> {
  const names = Object.keys(loads);
  if (typeof features !== 'object' || features === null)
    throw new InvalidError('features', features, `give an object with any of ${names.join(', ')}`);
  for (const [name, value] of Object.entries(features)) {
    if (!Object.hasOwn(loads, name))
      throw new InvalidError(`features.${name}`, value, `there is no such feature; there are ${names.join(', ')}`);
    const isOptions = typeof value === 'object' && value !== null;
    if (needsOptions.includes(name) && value === true)
      throw new InvalidError(`features.${name}`, value, 'give { table: (state) => … }, or false');
    if (value !== undefined && typeof value !== 'boolean' && !isOptions)
      throw new InvalidError(`features.${name}`, value, 'give true, false, or its options');
  }
  const { trackLeadership = true, leaser = false } = features;
  if (!trackLeadership && features.delegation)
    throw new InvalidError('features.trackLeadership', false, 'delegation needs it: switch both off, or none');
  return {
    trackLeadership,
    heartbeats: features.heartbeats ?? true,
    autofill: features.autofill ?? true,
    ensureLeadership: features.ensureLeadership ?? true,
    catchUp: features.catchUp ?? true,
    verify: features.verify ?? true,
    masterLeases: features.masterLeases ?? false,
    delegation: features.delegation ?? Boolean(trackLeadership),
    leaser,
    releaser: features.releaser ?? (leaser && releaserFor(leaser)),
  };
}

/** With the same table and clocks. */
function releaserFor<S extends AnyState>({ table, driftMax }: LeaserOptions<S>): ReleaserOptions<S> {
  return { table, ...(driftMax !== undefined && { driftMax }) };
}

/** Loads the packages of the features that are on, and makes their decorations, in the order that works. */
export async function loadFeatures<S extends AnyState>(features: Features<S>): Promise<readonly AnyDecoration[]> {
  const checked = checkedFeatures(features);
  const decorations: AnyDecoration[] = [];
  for (const [name, load] of Object.entries(loads)) {
    const given = checked[name as keyof Features];
    if (given === undefined || given === false) continue;
    const make = await load();
    decorations.push(make((given === true ? {} : given) as never) as AnyDecoration);
  }
  return decorations;
}
