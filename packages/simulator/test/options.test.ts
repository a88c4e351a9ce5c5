import test from 'ava';
import { campaign, shrink, simulate } from '../src/index.ts';

const invalid = [
  [{ seed: -1 }, /seed is -1: give an integer/],
  [{ seed: 1.5 }, /seed is 1\.5: give an integer/],
  [{ seed: 1, profile: 'wild' }, /profile is "wild": give one of none, calm, rough, storm/],
  [{ seed: 1, nodes: 8 }, /nodes is 8: give an integer from 1 to 7/],
  [{ seed: 1, horizonMs: -1 }, /horizonMs is -1: give milliseconds/],
  [{ seed: 1, workload: () => ({}) }, /give a state and its workload/],
] as const;

test('an option that is not what it must be is named, with its value and the remedy', async (t) => {
  for (const [options, message] of invalid)
    await t.throwsAsync(simulate(options as never), { code: 'PAXAKOS_INVALID', message } as never);
  await t.throwsAsync(campaign({ seeds: 0 }), { message: /seeds is 0: give an integer from 1/ });
});

test('what passes cannot be shrunk', async (t) => {
  await t.throwsAsync(shrink({ seed: 1, profile: 'none', horizonMs: 100 }), { message: /give one whose run fails/ });
});
