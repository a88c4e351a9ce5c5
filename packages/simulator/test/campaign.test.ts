// Goal: the protocol, the node and the log hold under every fault that there is here. Method: a fixed campaign; it fails, too,
// where it did not meet every branch of the protocol and every fault.
import test from 'ava';
import { campaign, type SimulationResult } from '../src/index.ts';

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
  const { beyondHealing, committed, coverage, failures, runs, unmet } = await campaign({ seeds: 250 });
  t.is(report(failures), '');
  t.deepEqual(unmet, [], `met: ${[...coverage.keys()].join('; ')}`);
  t.true(beyondHealing <= runs / 50, `${beyondHealing} of ${runs} runs could not be healed`);
  t.true(committed > 20_000, `${committed} appends were acknowledged`);
});

test('a campaign that does not meet what it requires has not passed', async (t) => {
  const result = await campaign({ seeds: 1, profile: 'none', requires: ['message: prepare', 'fault: crash'] });
  t.false(result.passed);
  t.deepEqual(result.unmet, ['fault: crash']);
  t.deepEqual(result.failures, []);
});

test('a campaign ends early where its owner says so', async (t) => {
  const { runs } = await campaign({ seeds: 100, profile: 'none', requires: [], onResult: ({ seed }) => seed < 1 });
  t.is(runs, 2);
});
