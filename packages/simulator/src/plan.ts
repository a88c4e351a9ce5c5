import type { Tuning } from '@paxakos/core';
import type { Fault } from './fault.ts';
import { planFaults } from './plan-faults.ts';
import type { ProfileName } from './profile-name.ts';
import { Seeded } from './seeded.ts';
import type { Weather } from './simulated-network.ts';

/** Everything that is decided before a run begins; all of it follows from the seed. */
export interface Plan {
  readonly founders: readonly string[];
  /** Nodes that may be admitted later. */
  readonly spares: readonly string[];
  /** Nodes without durable storage. */
  readonly volatile: readonly string[];
  readonly window: number;
  /** How long the faults last, in milliseconds of the world. */
  readonly horizonMs: number;
  readonly weather: Weather;
  readonly frameBytesMax: number;
  readonly segmentBytes: number;
  readonly retain: { readonly entries: number; readonly bytes: number };
  readonly snapshotEveryBytes: number;
  readonly tuning: Partial<Tuning>;
  /** How fast each node's clock goes. */
  readonly clockRates: ReadonlyMap<string, number>;
  /** Whether nodes have a clock beside, which is right. */
  readonly hasWallClocks: boolean;
  /** Appends a second, on average, and how many of them at once at most. */
  readonly appendsPerSecond: number;
  readonly burstMax: number;
  readonly faults: readonly Fault[];
}

/** What an application decides about a plan. */
export interface PlanLimits {
  readonly profile: ProfileName;
  /** How many founders; by the seed where it is not given. */
  readonly nodes: number | undefined;
  readonly horizonMs: number;
  /** Whether the state has entries that change its members, or its window. */
  readonly canAdmit: boolean;
  readonly canResize: boolean;
}

const ids: readonly string[] = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];

/** Makes the plan of a seed. */
export function planOf(seed: number, limits: PlanLimits): Plan {
  const random = new Seeded(seed, 'plan');
  const { profile } = limits;
  const size = limits.nodes ?? random.pick([1, 2, 3, 3, 3, 3, 4, 5, 5, 6, 7]);
  const founders = ids.slice(0, size);
  const spares = limits.canAdmit ? ids.slice(size, size + random.below(3)) : [];
  const all = [...founders, ...spares];
  const isForgetful = profile !== 'calm' && size > 2 && random.chance(0.3);
  const volatile = isForgetful ? random.sample(all, random.chance(0.3) ? all.length : 1 + random.below(2)) : [];
  const isSmall = random.chance(0.3);
  const plan: Omit<Plan, 'faults'> = {
    founders,
    spares,
    volatile,
    window: random.pick([1, 2, 3, 8, 16, 64]),
    horizonMs: limits.horizonMs,
    weather: { latencyMs: random.pick([0.1, 1, 5]), jitterMs: random.pick([0, 2, 20]), ...lossesOf(profile, random) },
    frameBytesMax: random.pick([400, 1_500, 1_048_576]),
    segmentBytes: random.pick([4_096, 16_384]),
    retain: random.chance(0.4) ? { entries: 20, bytes: 20_000 } : { entries: 100_000, bytes: 1_000_000 },
    snapshotEveryBytes: random.pick([3_000, 20_000, 1_000_000]),
    tuning: {
      recentBytesMax: random.chance(0.4) ? 1_000 : 1_000_000,
      messageEntryBytesMax: random.chance(0.3) ? 120 : 1_000_000,
      acceptAheadMax: random.chance(0.1) ? 4 : 65_536,
      ...(isSmall && { queuedBytesMax: 400, openBytesMax: 400 }),
    },
    clockRates: new Map(all.map((id) => [id, random.chance(0.5) ? 1 : random.between(0.8, 1.25)])),
    hasWallClocks: random.fork('wall clocks').chance(0.5),
    appendsPerSecond: random.pick([20, 40, 80]),
    burstMax: random.pick([1, 4, 12]),
  };
  return { ...plan, faults: profile === 'none' ? [] : planFaults(plan, limits, random.fork('faults')) };
}

function lossesOf(profile: ProfileName, random: Seeded): Pick<Weather, 'loss' | 'duplication'> {
  if (profile === 'none' || profile === 'calm') return { loss: 0, duplication: 0 };
  return { loss: random.pick([0, 0, 0.02, 0.1]), duplication: random.pick([0, 0.05]) };
}
