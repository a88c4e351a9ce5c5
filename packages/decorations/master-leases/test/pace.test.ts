// Whether another clock keeps time, by what its owner says it showed between two moments.
import test from 'ava';
import fc from 'fast-check';
import { Pace } from '../src/pace.ts';

const ratioMax = 1.04;

/** Samples of a clock of this rate, each taken in so many milliseconds, at these moments. */
function paced(rate: number, tookMs: number, moments: readonly number[], pace = new Pace(ratioMax, 10_000)): Pace {
  for (const at of moments)
    pace.note({ theirs: 7_000 + at * rate, earliest: at - tookMs / 2, latest: at + tookMs / 2 }, 1);
  return pace;
}

test('one sample tells nothing, two that are far apart do', (t) => {
  t.false(paced(1, 1, [0]).isKept);
  t.false(paced(1, 1, [0, 40]).isKept);
  t.true(paced(1, 1, [0, 200]).isKept);
  t.false(paced(1, 20, [0, 200]).isKept, 'not where messages took long beside that');
  t.true(paced(1, 20, [0, 200, 400, 2_000]).isKept);
});

test('a clock that is too fast never passes, one that is slow does no harm', (t) => {
  t.false(paced(1.05, 1, [0, 200, 400, 5_000, 50_000, 500_000]).isKept);
  t.true(paced(0.5, 1, [0, 200]).isKept);
});

test('no clock is ever passed that is too fast, whatever messages take, and a good one is in the end', (t) => {
  const steps = fc.array(
    fc.record({ pauseMs: fc.nat({ max: 3_000 }), out: fc.nat({ max: 300 }), back: fc.nat({ max: 300 }) }),
    {
      minLength: 1,
      maxLength: 60,
    },
  );
  const rates = fc.double({ min: 0.8, max: 1.3, noNaN: true });
  fc.assert(
    fc.property(rates, steps, fc.boolean(), (rate, all, isRounded) => {
      const pace = new Pace(ratioMax, 20_000);
      const shown = (at: number): number => (isRounded ? Math.floor(at) : at);
      let now = 0;
      for (const { pauseMs, out, back } of all) {
        now += pauseMs;
        pace.note({ theirs: shown((now + out) * rate), earliest: shown(now), latest: shown(now + out + back) }, 1);
        now += out + back;
        if (rate > ratioMax) t.false(pace.isKept);
      }
      if (rate > 1.03) return;
      for (let times = 0; times < 40; times += 1) {
        now += 1_500;
        pace.note({ theirs: shown(now * rate), earliest: shown(now), latest: shown(now) }, 1);
      }
      t.true(pace.isKept);
    }),
    { numRuns: 300 },
  );
});

test('a clock that goes wrong later is found out, whatever it did before', (t) => {
  const before = Array.from({ length: 100 }, (_, index) => index * 500);
  const pace = paced(1, 1, before);
  t.true(pace.isKept);
  let theirs = 7_000 + 99 * 500;
  for (let times = 1; times <= 60; times += 1) {
    theirs += 600;
    pace.note({ theirs, earliest: (99 + times) * 500 - 0.5, latest: (99 + times) * 500 + 0.5 }, 1);
  }
  t.false(pace.isKept);
});

test('a clock that goes wrong after a long time is found out with the next samples', (t) => {
  for (const rate of [1.1, 1.3, 2]) {
    const pace = paced(
      1,
      1,
      Array.from({ length: 1_000 }, (_, index) => index * 300),
      new Pace(ratioMax, 64_000),
    );
    t.true(pace.isKept);
    const at = 1_000 * 300;
    for (let times = 0; times < 2; times += 1)
      pace.note(
        {
          theirs: 7_000 + at - 300 + (times + 1) * 300 * rate,
          earliest: at + times * 300 - 0.5,
          latest: at + times * 300 + 0.5,
        },
        1,
      );
    t.false(pace.isKept, `${rate}`);
  }
});

test('another process is another clock', (t) => {
  const pace = paced(1, 1, [0, 200]);
  t.true(pace.isKept);
  pace.note({ theirs: 7_400, earliest: 399, latest: 401 }, 2);
  t.false(pace.isKept);
  pace.note({ theirs: 7_600, earliest: 599, latest: 601 }, 2);
  t.true(pace.isKept);
  pace.note({ theirs: 10, earliest: 799, latest: 801 }, 2);
  t.false(pace.isKept, 'nor does any clock go back');
});
