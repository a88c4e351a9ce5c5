// How the time of claims is measured: never early, whatever the clock does.
import test from 'ava';
import { Watch } from '../src/watch.ts';

const claim = (extension: number, durationMs = 1_000) => ({ name: 'x', extension, durationMs });
const limit = (durationMs: number): number => durationMs;

test('a claim is overdue once its time has passed since it was first seen, and counts anew with each extension', (t) => {
  const watch = new Watch();
  t.true(watch.step(5_000, 100));
  t.deepEqual(watch.look([claim(1)], limit), []);
  for (let now = 5_100; now < 6_000; now += 100) {
    watch.step(now, 100);
    t.deepEqual(watch.look([claim(1)], limit), []);
  }
  watch.step(6_000, 100);
  t.deepEqual(watch.look([claim(1), claim(2)], limit), [{ name: 'x', extension: 1 }]);
  t.deepEqual(watch.look([claim(3)], limit), []);
  for (let now = 6_100; now <= 7_000; now += 100) watch.step(now, 100);
  t.deepEqual(watch.look([claim(3), claim(4)], limit), [{ name: 'x', extension: 3 }]);
  t.deepEqual(watch.look([claim(1)], limit), []);
});

test('H24: a step that took longer than planned counts no longer than planned, and nothing is judged at its end', (t) => {
  const watch = new Watch();
  watch.step(0, 100);
  watch.look([claim(1)], limit);
  t.false(watch.step(60_000, 100));
  t.deepEqual(watch.look([claim(1)], limit), []);
  for (let now = 60_100; now < 60_900; now += 100) t.true(watch.step(now, 100));
  t.deepEqual(watch.look([claim(1)], limit), []);
  t.true(watch.step(60_900, 100));
  t.is(watch.look([claim(1)], limit).length, 1);
});

test('a timer may be a little late', (t) => {
  const watch = new Watch();
  watch.step(0, 100);
  t.true(watch.step(249, 100));
  t.false(watch.step(500, 100));
});

test('what is being cleared is held off for a while, and what was seen is forgotten on demand', (t) => {
  const watch = new Watch();
  watch.step(0, 2_000);
  watch.look([claim(1), claim(2)], limit);
  watch.step(2_000, 2_000);
  t.is(watch.look([claim(1), claim(2)], limit).length, 2);
  watch.holdOff(1, 500);
  watch.step(2_400, 2_000);
  t.deepEqual(watch.look([claim(1), claim(2)], limit), [{ name: 'x', extension: 2 }]);
  watch.step(2_600, 2_000);
  t.is(watch.look([claim(1), claim(2)], limit).length, 2);
  watch.reset();
  t.deepEqual(watch.look([claim(1), claim(2)], limit), []);
});
