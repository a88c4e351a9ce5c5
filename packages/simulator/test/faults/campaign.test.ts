// Goal: the protocol, the node and the log hold under every fault that there is here. Method: a fixed campaign; it fails, too,
// if it did not meet every branch of the protocol and every fault. It runs in parts, so that no test takes long on a slow machine.
import test from 'ava';
import { branches, type CampaignResult, campaign, HealingTimes, type SimulationResult } from '../../src/index.ts';

function report(failures: readonly SimulationResult[]): string {
  return failures
    .map(
      ({ replay, transcript, violation }) =>
        `${violation?.checker}: ${violation?.problem}\n${replay}\n${transcript.slice(-40).join('\n')}`,
    )
    .join('\n\n');
}

const seeds = 250;
const partSeeds = 50;
const parts: CampaignResult[] = [];
const healingTimes = new HealingTimes();

for (let from = 0; from < seeds; from += partSeeds) {
  test.serial(`a fixed campaign finds nothing in the seeds from ${from} to ${from + partSeeds - 1}`, async (t) => {
    t.timeout(3_600_000);
    const part = await campaign({
      from,
      seeds: partSeeds,
      requires: [],
      onResult({ levelAfterMs, passed }) {
        if (passed && levelAfterMs !== undefined) healingTimes.add(levelAfterMs);
        return true;
      },
    });
    parts.push(part);
    t.is(report(part.failures), '');
    t.true(part.passed);
    // The order of the log, which is tried first, is right in nearly all: more would mean that it is not.
    t.is(part.undecided, 0, `${part.undecided} histories were not decided`);
  });
}

// The last of the serial tests, because it judges all parts.
test.serial('a fixed campaign finds nothing, and meets every branch of the protocol and every fault', (t) => {
  const sum = (of: (part: CampaignResult) => number): number => parts.reduce((total, part) => total + of(part), 0);
  const runs = sum((part) => part.runs);
  t.is(runs, seeds, 'every part has run: select this test together with those of the parts');
  const met = new Set(parts.flatMap(({ coverage }) => [...coverage.keys()]));
  const unmet = branches.filter((branch) => !met.has(branch));
  t.deepEqual(unmet, [], `met: ${[...met].join('; ')}`);
  const beyondHealing = sum((part) => part.beyondHealing);
  t.true(beyondHealing <= runs / 50, `${beyondHealing} of ${runs} runs could not be healed`);
  const [most, worst] = [healingTimes.within(0.95), healingTimes.within(1)];
  t.true((most ?? Infinity) <= 3_500, `of twenty runs nineteen were level within ${most} ms`);
  t.true((worst ?? Infinity) <= 10_000, `the worst run was level after ${worst} ms`);
  const committed = sum((part) => part.committed);
  t.true(committed > 20_000, `${committed} appends were acknowledged`);
});
