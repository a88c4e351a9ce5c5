// Goal: a number counts once. Method: the window against a set that forgets nothing, for random numbers near one another.
import test from 'ava';
import fc from 'fast-check';
import { ReplayWindow, windowSize } from '../src/replay-window.ts';

test('the window takes each number once, in any order within its size, and none that is older', (t) => {
  const jumps = fc.array(fc.oneof(fc.integer({ min: -9_000, max: 300 }), fc.integer({ min: 1, max: 20_000 })));
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 40 }), jumps, (floor, steps) => {
      const window = new ReplayWindow(floor);
      const seen = new Set<number>();
      let newest = floor;
      for (const step of steps) {
        const number = Math.max(1, newest + step);
        const isNew = number > floor && !seen.has(number) && number > newest - windowSize;
        if (window.take(number) !== isNew) return false;
        seen.add(number);
        newest = Math.max(newest, number);
      }
      return true;
    }),
    { numRuns: 500 },
  );
  t.true(windowSize >= 4_096);
});

test('the window takes whatever comes late by less than its size', (t) => {
  const window = new ReplayWindow(0);
  t.true(window.take(windowSize + 1));
  t.false(window.take(1));
  for (let number = windowSize; number > 1; number -= 1) t.true(window.take(number));
  for (let number = windowSize + 1; number > 0; number -= 1) t.false(window.take(number));
});
