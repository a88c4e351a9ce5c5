// Goal: the protocol, the node and the log hold under every fault that there is here. Method: a fixed campaign; it fails, too,
// where it did not meet every branch of the protocol and every fault.
import test from 'ava';
import { beyondHealingMax, campaign, type SimulationResult } from '../src/index.ts';

function report(failures: readonly SimulationResult[]): string {
  return failures
    .map(
      ({ replay, transcript, violation }) =>
        `${violation?.checker}: ${violation?.problem}\n${replay}\n${transcript.slice(-40).join('\n')}`,
    )
    .join('\n\n');
}

test('a fixed campaign finds nothing, and meets every branch of the protocol and every fault', async (t) => {
  t.timeout(600_000);
  const { beyondHealing, committed, coverage, failures, healingTimes, passed, runs, undecided, unmet } = await campaign(
    {
      seeds: 250,
    },
  );
  t.is(report(failures), '');
  t.deepEqual(unmet, [], `met: ${[...coverage.keys()].join('; ')}`);
  t.true(beyondHealing <= runs / 50, `${beyondHealing} of ${runs} runs could not be healed`);
  const [most, worst] = [healingTimes.within(0.95), healingTimes.within(1)];
  t.true((most ?? Infinity) <= 3_500, `of twenty runs nineteen were level within ${most} ms`);
  t.true((worst ?? Infinity) <= 10_000, `the worst run was level after ${worst} ms`);
  // The order of the log, which is tried first, is right in nearly all: more would mean that it is not.
  t.is(undecided, 0, `${undecided} histories were not decided`);
  t.true(passed);
  t.true(committed > 20_000, `${committed} appends were acknowledged`);
});

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
