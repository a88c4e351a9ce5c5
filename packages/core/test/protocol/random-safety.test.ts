import test from 'ava';
import { Chaos } from './support/chaos.ts';

// A failure prints its seed; PAXAKOS_SEED=<seed> runs that one alone, with its transcript. PAXAKOS_SEEDS=<n> runs n of them.
const { PAXAKOS_SEED, PAXAKOS_SEEDS } = process.env;
const seeds =
  PAXAKOS_SEED === undefined
    ? Array.from({ length: Number(PAXAKOS_SEEDS ?? 300) }, (_, seed) => seed)
    : [Number(PAXAKOS_SEED)];

function failureOf(seed: number): string | undefined {
  const chaos = new Chaos(seed);
  try {
    chaos.run(1_500);
    chaos.heal();
    chaos.world.checker.finish();
    return undefined;
  } catch (error) {
    if (PAXAKOS_SEED !== undefined) console.log(chaos.world.transcript.join('\n'));
    const { message, stack } = error as Error;
    return `seed ${seed}: ${PAXAKOS_SEED === undefined ? message : stack}`;
  }
}

test('random runs keep agreement, promises and appends, and heal (P1 to P12, H16, H53)', (t) => {
  t.timeout(Math.max(60_000, seeds.length * 200));
  const failures = seeds.flatMap((seed) => failureOf(seed) ?? []);
  t.deepEqual(failures.slice(0, 20), [], `${failures.length} of ${seeds.length} seeds failed`);
});
