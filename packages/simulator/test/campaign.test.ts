// Goal: a campaign passes only if it met what it requires, and ends if its owner says so. Method: campaigns of few seeds. The fixed
// campaign under every fault is in faults/.
import test from 'ava';
import { beyondHealingMax, campaign } from '../src/index.ts';

test('a campaign that does not meet what it requires has not passed', async (t) => {
  const result = await campaign({ seeds: 1, profile: 'none', requires: ['message: prepare', 'fault: crash'] });
  t.false(result.passed);
  t.deepEqual(result.unmet, ['fault: crash']);
  t.deepEqual(result.failures, []);
});

test('of few runs one may end beyond healing, of many a small share', (t) => {
  t.deepEqual(
    [1, 49, 50, 250, 1_000].map((runs) => beyondHealingMax(runs)),
    [1, 1, 2, 6, 21],
  );
  t.is(beyondHealingMax(1_000, 'none'), 1);
  t.is(beyondHealingMax(100, 'storm'), 15);
});

test('a campaign ends early where its owner says so', async (t) => {
  const { runs } = await campaign({ seeds: 100, profile: 'none', requires: [], onResult: ({ seed }) => seed < 1 });
  t.is(runs, 2);
});
