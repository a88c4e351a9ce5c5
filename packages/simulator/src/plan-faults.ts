import type { Fault } from './fault.ts';
import type { Plan, PlanLimits } from './plan.ts';
import type { Seeded } from './seeded.ts';

type Maker = (random: Seeded, plan: Omit<Plan, 'faults'>) => Omit<Fault, 'at'>;

const everyone = ({ founders, spares }: Omit<Plan, 'faults'>): string[] => [...founders, ...spares];

/** Ways that are cut together: a node, one direction of it, a chain, a star without its middle, halves. */
function ways(random: Seeded, ids: readonly string[]): (readonly [string, string])[] {
  const pairs = ids.flatMap((from) => ids.filter((to) => to !== from).map((to) => [from, to] as const));
  const alone = random.pick(ids);
  const group = new Set(random.sample(ids, 1 + random.below(ids.length)));
  switch (random.below(6)) {
    case 0:
      return pairs.filter(([from, to]) => from === alone || to === alone);
    case 1:
      return pairs.filter(([from]) => from === alone);
    case 2:
      return pairs.filter(([, to]) => to === alone);
    case 3:
      return pairs.filter(([from, to]) => Math.abs(ids.indexOf(from) - ids.indexOf(to)) > 1);
    case 4:
      return pairs.filter(([from, to]) => group.has(from) !== group.has(to));
    default:
      return pairs.filter(() => random.chance(0.3));
  }
}

const durationMs = (random: Seeded): number => Math.round(50 + 4_000 * random.next() ** 2);

const makers: readonly (readonly [number, Maker])[] = [
  [
    4,
    (random) => ({
      kind: 'weather',
      forMs: durationMs(random),
      weather: {
        latencyMs: random.pick([0.1, 5, 50, 200]),
        jitterMs: random.pick([0, 20, 300]),
        loss: random.pick([0.05, 0.2, 0.5]),
        duplication: random.pick([0, 0.2]),
      },
    }),
  ],
  [6, (random, plan) => ({ kind: 'cut', forMs: durationMs(random), ways: ways(random, everyone(plan)) })],
  [4, (random, plan) => ({ kind: 'pause', node: random.pick(everyone(plan)), forMs: durationMs(random) })],
  [
    9,
    (random, plan) => ({
      kind: 'crash',
      node: random.pick(everyone(plan)),
      downMs: durationMs(random),
      isPowerCut: random.chance(0.75),
      afterChanges: random.chance(0.6) ? 1 + random.below(12) : 0,
    }),
  ],
  [1, (random) => ({ kind: 'blackout', downMs: 50 + random.below(500) })],
  [2, (random, plan) => ({ kind: 'forget', node: random.pick(everyone(plan)), downMs: durationMs(random) })],
  [2, (random, plan) => ({ kind: 'stop', node: random.pick(everyone(plan)), downMs: durationMs(random) })],
  [3, (random, plan) => ({ kind: 'snapshot', from: random.pick(everyone(plan)), to: random.pick(everyone(plan)) })],
  [0.7, (random, plan) => ({ kind: 'eject', node: random.pick(everyone(plan)) })],
  [1, (random, plan) => ({ kind: 'clockRate', node: random.pick(everyone(plan)), rate: random.between(0.3, 3) })],
  [1, (random, plan) => ({ kind: 'clockJump', node: random.pick(everyone(plan)), aheadMs: random.below(20_000) })],
  [1, (random, plan) => ({ kind: 'diskFull', node: random.pick(everyone(plan)), forMs: durationMs(random) })],
  [1, (random, plan) => ({ kind: 'diskHung', node: random.pick(everyone(plan)), forMs: 4 * durationMs(random) })],
  [
    1.5,
    (random, plan) => ({
      kind: 'diskSlow',
      node: random.pick(everyone(plan)),
      forMs: durationMs(random),
      slowness: random.pick([10, 100, 1_000]),
    }),
  ],
  [1, (random, plan) => ({ kind: 'failSync', node: random.pick(everyone(plan)) })],
  [0.7, (random, plan) => ({ kind: 'failWrite', node: random.pick(everyone(plan)) })],
  [1.5, (random, plan) => ({ kind: 'flip', node: random.pick(everyone(plan)) })],
  [3, (random) => ({ kind: 'replay', count: 1 + random.below(40) })],
  [
    1,
    (random, plan) => ({
      kind: 'dissent',
      node: random.pick(everyone(plan)),
      forMs: durationMs(random),
      share: random.pick([0.2, 1]),
    }),
  ],
];

const changes: readonly (readonly [number, Maker])[] = [
  [3, (random, plan) => ({ kind: 'admit', node: random.pick(everyone(plan)) })],
  [2, (random, plan) => ({ kind: 'dismiss', node: random.pick(everyone(plan)) })],
];

const resizing: readonly (readonly [number, Maker])[] = [
  [3, (random) => ({ kind: 'window', concurrency: random.pick([1, 2, 4, 16, 64]) })],
];

/** What is done to the cluster of a plan, in the order of its time. */
export function planFaults(plan: Omit<Plan, 'faults'>, limits: PlanLimits, random: Seeded): Fault[] {
  const { horizonMs } = plan;
  const count = { none: 0, calm: 3, rough: 12, storm: 40 }[limits.profile];
  // Not everything happens in every run: some runs are about one thing.
  const isMixed = random.chance(0.6);
  const all = [...makers, ...(limits.canAdmit ? changes : []), ...(limits.canResize ? resizing : [])];
  const chosen = isMixed ? all : random.sample(all, 3);
  const total = chosen.reduce((sum, [weight]) => sum + weight, 0);
  const faults: Fault[] = [];
  for (let left = Math.ceil(count * random.between(0.5, 1.5)); left > 0; left -= 1) {
    let at = random.next() * total;
    for (const [weight, make] of chosen) {
      at -= weight;
      if (at >= 0) continue;
      faults.push({ at: Math.round(random.next() * horizonMs), ...make(random, plan) } as Fault);
      break;
    }
  }
  return faults.sort((a, b) => a.at - b.at);
}
