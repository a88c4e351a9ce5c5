// Goal: what a campaign says of itself is right, and progress is shown as fits its reader. Method: the parts, with made-up results.
import { branches, type SimulationResult } from '@paxakos/simulator';
import test from 'ava';
import { parsedDuration, shownDuration } from '../src/simulate/duration.ts';
import { Progress, type ProgressStream } from '../src/simulate/progress.ts';
import { replayCommand } from '../src/simulate/replay-command.ts';
import { type CampaignTask, simulateTask } from '../src/simulate/simulate-task.ts';
import { type CampaignEnd, hasPassed, summaryText, unmetBranches } from '../src/simulate/summary.ts';
import { Tally } from '../src/simulate/tally.ts';

const task = simulateTask({
  endless: false,
  shrink: false,
  decorated: false,
  seeds: '1000',
  jobs: '2',
}) as CampaignTask;

function resultOf(seed: number, more: Partial<SimulationResult> = {}): SimulationResult {
  return {
    seed,
    passed: true,
    violation: undefined,
    faults: [],
    transcript: [],
    fingerprint: '',
    coverage: new Map(branches.map((branch) => [branch, 1])),
    appends: 10,
    committed: 5,
    events: 100,
    worldMs: 1_000,
    levelAfterMs: 500,
    undecided: 0,
    replay: `paxakos simulate --seed ${seed} --profile rough`,
    ...more,
  };
}

const failed = { passed: false, violation: { checker: 'quorum', problem: 'none', atMs: 3 } };

function tallyOf(count: number, more: Partial<SimulationResult> = {}): Tally {
  const tally = new Tally(0);
  for (let seed = 0; seed < count; seed += 1) tally.add(resultOf(seed, more));
  return tally;
}

test('a campaign of 250 seeds or more must meet every branch and every fault, if its settings are the default', (t) => {
  const [first = '', ...others] = branches;
  const coverage = new Map(others.map((branch) => [branch, 1]));
  t.deepEqual(unmetBranches(task, tallyOf(250, { coverage })), [first]);
  t.deepEqual(unmetBranches(task, tallyOf(250)), []);
  t.is(unmetBranches(task, tallyOf(249, { coverage })), undefined);
  for (const settings of [{ profile: 'calm' }, { nodes: '3' }, { 'horizon-ms': '8000' }, { state: './x.mjs' }]) {
    const other = simulateTask({ endless: false, shrink: false, decorated: false, ...settings }) as CampaignTask;
    t.is(unmetBranches(other, tallyOf(250, { coverage })), undefined, JSON.stringify(settings));
  }
  const text = summaryText(task, {
    tally: tallyOf(250, { coverage }),
    elapsedMs: 10_000,
    unfinished: [],
    isCut: false,
  });
  t.regex(text, /^not passed\n/);
  t.regex(text, new RegExp(`${branches.length - 1} of ${branches.length} branches and faults; all are required`));
  t.regex(text, new RegExp(`${first} +never met`));
});

test('a summary has the sums, the rates and the coverage', (t) => {
  const tally = tallyOf(2_000);
  tally.add(resultOf(2_000, { levelAfterMs: undefined, undecided: 2 }));
  tally.add(resultOf(2_001, { levelAfterMs: 3_500 }));
  const text = summaryText(task, { tally, elapsedMs: 10_000, unfinished: [], isCut: false });
  t.deepEqual(text.split('\n').slice(0, 9), [
    'passed',
    '  seeds       2,002 from 0: 2,002 passed, 0 failed',
    '  appends     0.020 million tried, 0.010 million acknowledged',
    '  rates       2,002 appends/s, 200.20 seeds/s; 10.0 s with 2 jobs',
    '  simulated   33 min 22 s of the world, 0.200 million events',
    '  healing     1 run ended with too many memories gone to go on',
    '              half were level within 0.5 s of the world, all within 3.5 s',
    '  judged      2 objects had a history with too many steps to decide whether it is linearizable',
    `  coverage    ${branches.length} of ${branches.length} branches and faults; all required are met`,
  ]);
  t.is(text.split('\n').filter((line) => line.endsWith(' 2,002')).length, branches.length);
});

test('a campaign passes if it was not cut short, something was run, all that was begun came to its end, and nothing failed', (t) => {
  const verdictOf = (tally: Tally, more: Partial<CampaignEnd> = {}) => {
    const end = { tally, elapsedMs: 1_000, unfinished: [], isCut: false, ...more };
    const [verdict] = summaryText(task, end).split('\n');
    t.is(verdict === 'passed', hasPassed(task, end));
    return verdict;
  };
  t.is(verdictOf(tallyOf(3)), 'passed');
  t.is(verdictOf(tallyOf(3, failed)), 'not passed');
  t.is(verdictOf(tallyOf(0)), 'not passed');
  t.is(verdictOf(tallyOf(250, { coverage: new Map() })), 'not passed');
  t.is(verdictOf(tallyOf(250, { levelAfterMs: undefined })), 'not passed');
  t.is(verdictOf(tallyOf(3), { unfinished: [7] }), 'not passed');
  t.is(verdictOf(tallyOf(3), { isCut: true, unfinished: [7] }), 'interrupted');
  t.is(verdictOf(tallyOf(3, failed), { isCut: true }), 'not passed');
});

test('a campaign passes with as many runs beyond healing as may be, and with not one more', (t) => {
  for (const [beyond, passes] of [
    [3, true],
    [4, false],
  ] as const) {
    const tally = new Tally(0);
    for (let seed = 0; seed < 100; seed += 1)
      tally.add(resultOf(seed, seed < beyond ? { levelAfterMs: undefined } : {}));
    const end = { tally, elapsedMs: 1_000, unfinished: [], isCut: false };
    t.is(hasPassed(task, end), passes);
    t.is(/4 runs ended with .* go on, where 3 may\n/.test(summaryText(task, end)), !passes);
  }
});

test('what was run out of order counts in the order of the seeds, up to the tenth failure', (t) => {
  const results = Array.from({ length: 30 }, (_, seed) => resultOf(seed, seed % 2 === 1 ? failed : {}));
  const tallies = [results, results.toReversed()].map((list) => {
    const tally = new Tally(0);
    for (const result of list) tally.add(result);
    tally.close();
    return tally;
  });
  for (const { failures, hasEnough, runs } of tallies) {
    t.deepEqual(
      failures.map(({ seed }) => seed),
      [1, 3, 5, 7, 9, 11, 13, 15, 17, 19],
    );
    t.is(runs, 20);
    t.true(hasEnough);
  }
});

test('a failure beyond a seed that was not run to its end is not lost', (t) => {
  const tally = new Tally(0);
  tally.add(resultOf(0));
  tally.add(resultOf(5, failed));
  t.is(tally.failures.length, 0);
  tally.close();
  t.is(tally.failures.length, 1);
  t.is(tally.runs, 2);
});

/** A stream that keeps what is written to it. */
function screen(isTTY: boolean) {
  const texts: string[] = [];
  const write = (text: string) => texts.push(text) > 0;
  return { stream: { isTTY, columns: 300, write } as ProgressStream, text: () => texts.join('') };
}

test('progress is one line on a terminal, written again, and a line now and then elsewhere', (t) => {
  for (const isTTY of [true, false]) {
    const { stream, text } = screen(isTTY);
    let now = 0;
    const progress = new Progress(stream, () => now);
    for (now = 100; now <= 20_000; now += 100) progress.draw(task, tallyOf(200), now);
    progress.event('something');
    const written = text();
    const line = '200 of 1,000 seeds   10.0 seeds/s   2,000 appends   0 failed   1 min 20 s left';
    t.true(written.includes(line), written);
    t.true(written.endsWith(isTTY ? '\r\u001b[Ksomething\n' : '\nsomething\n'));
    t.is(written.split(isTTY ? '\r' : '\n').length - 2, isTTY ? 100 : 2);
    t.is(written.includes('\n2'), !isTTY);
  }
});

test('the time that is left is that of the seeds or of the clock, whichever is over first', (t) => {
  const drawn = (given: object) => {
    const { stream, text } = screen(true);
    let now = 0;
    const progress = new Progress(stream, () => now);
    now = 1_000;
    progress.draw(
      simulateTask({ endless: false, shrink: false, decorated: false, ...given }) as CampaignTask,
      tallyOf(100),
      10_000,
    );
    return text();
  };
  t.regex(drawn({ time: '1m' }), /^\r100 seeds {3}.*50\.0 s left/);
  t.regex(drawn({ time: '1m', seeds: '200' }), /^\r100 of 200 seeds {3}.*10\.0 s left/);
  t.regex(drawn({ endless: true }), /^\r100 seeds {3}.*failed {3}10\.0 s/);
});

test('a length of time is read, and shown', (t) => {
  const texts = ['90s', '1.5h', '10m', '10', '0s', 's', '-1s', '1d'];
  t.deepEqual(texts.map(parsedDuration), [90_000, 5_400_000, 600_000, ...Array.from({ length: 5 }, () => undefined)]);
  t.deepEqual([59_900, 59_990, 3_599_400, 3_600_000, 40_000_000].map(shownDuration), [
    '59.9 s',
    '1 min 0 s',
    '59 min 59 s',
    '1 h 0 min',
    '11 h 6 min',
  ]);
});

test('a replay names the module in a way that a shell takes', (t) => {
  const settings = { profile: 'rough', nodes: undefined, horizonMs: undefined, isDecorated: false } as const;
  const commandOf = (state: string | undefined) => replayCommand(resultOf(1), { ...settings, state });
  t.is(commandOf(undefined), 'paxakos simulate --seed 1 --profile rough');
  t.is(commandOf('./my-state.mjs'), 'paxakos simulate --seed 1 --profile rough --state ./my-state.mjs');
  t.is(commandOf("./it's $HOME.mjs"), "paxakos simulate --seed 1 --profile rough --state './it'\\''s $HOME.mjs'");
  const isDecorated = true;
  t.regex(replayCommand(resultOf(1), { ...settings, state: undefined, isDecorated }), /--profile rough --decorated$/);
});
