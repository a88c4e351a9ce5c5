// Goal: what is given on the command line is understood, or else named, with its value and the remedy. Method: the readers of it.
import { availableParallelism } from 'node:os';
import test from 'ava';
import { UsageError } from '../src/demo/demo-error.ts';
import { loadState } from '../src/simulate/load-state.ts';
import { type SimulateArguments, simulateTask } from '../src/simulate/simulate-task.ts';
import { moduleOf, sumModule } from './simulate-run.ts';

const taskOf = (given: Partial<SimulateArguments>) =>
  simulateTask({ endless: false, shrink: false, decorated: false, ...given });
const settings = { profile: 'rough', nodes: undefined, horizonMs: undefined, state: undefined, isDecorated: false };

test('without any option, a thousand seeds are run on every core', (t) => {
  t.deepEqual(taskOf({}) as unknown, {
    kind: 'campaign',
    settings,
    from: 0,
    seeds: 1_000,
    timeMs: Number.POSITIVE_INFINITY,
    isEndless: false,
    shrinks: false,
    jobs: availableParallelism(),
  });
});

test('a campaign ends after its seeds, its time, whichever is first, or never', (t) => {
  const boundsOf = (given: Partial<SimulateArguments>) => {
    const task = taskOf({ from: '5', jobs: '8', ...given });
    return task.kind === 'campaign' ? [task.from, task.seeds, task.timeMs, task.isEndless, task.jobs] : [];
  };
  const ever = Number.POSITIVE_INFINITY;
  const all = Number.MAX_SAFE_INTEGER - 4;
  t.deepEqual(boundsOf({ seeds: '7' }), [5, 7, ever, false, 7]);
  t.deepEqual(boundsOf({ time: '10m' }), [5, all, 600_000, false, 8]);
  t.deepEqual(boundsOf({ time: '2s', seeds: '70' }), [5, 70, 2_000, false, 8]);
  t.deepEqual(boundsOf({ endless: true }), [5, all, ever, true, 8]);
  t.deepEqual(boundsOf({ from: `${Number.MAX_SAFE_INTEGER}` }), [Number.MAX_SAFE_INTEGER, 1, ever, false, 1]);
});

test('one seed is run with the faults, the founders and the time that are named', (t) => {
  const given = {
    seed: '7',
    keep: '4,1,4',
    trace: '-',
    nodes: '3',
    'horizon-ms': '500',
    profile: 'storm',
    state: './x.mjs',
  };
  t.deepEqual(taskOf(given) as unknown, {
    kind: 'replay',
    settings: { profile: 'storm', nodes: 3, horizonMs: 500, state: './x.mjs', isDecorated: false },
    seed: 7,
    keep: [1, 4],
    trace: '-',
    shrinks: false,
  });
  t.like(taskOf({ seed: '7', keep: 'none', shrink: true }), { keep: [], shrinks: true });
});

const refused: readonly (readonly [Partial<SimulateArguments>, RegExp])[] = [
  [{ seeds: '0' }, /^--seeds is 0: give a whole number from 1 to/],
  [{ seeds: '1e3' }, /^--seeds is 1e3: give a whole number/],
  [{ seeds: '2', from: '9007199254740991' }, /^--seeds is 2: give a whole number from 1 to 1$/],
  [{ from: '-1' }, /^--from is -1: give a whole number from 0/],
  [{ seed: '9007199254740992' }, /^--seed is 9007199254740992: give a whole number from 0 to 2\^53 - 1/],
  [{ time: '10' }, /^--time is 10: give a length of time such as 90s, 10m or 1\.5h/],
  [{ time: '501h' }, /^--time is 501h: .*500h at most/],
  [{ jobs: '0' }, /^--jobs is 0: give a whole number from 1 to 256/],
  [{ profile: 'wild' }, /^--profile is wild: give one of none, calm, rough, storm/],
  [{ nodes: '8' }, /^--nodes is 8: give a whole number from 1 to 7/],
  [{ 'horizon-ms': '1h' }, /^--horizon-ms is 1h: give a whole number from 0 to 3,600,000/],
  [{ seed: '1', keep: '1;2' }, /^--keep is 1;2: give the places of faults, such as 0,3,7, or none/],
  [{ keep: '1' }, /^--keep 1 is of one run: name its --seed/],
  [{ trace: 'x' }, /^--trace x is of one run: name its --seed/],
  [{ endless: true, seeds: '3' }, /^--seeds 3 does not go with --endless: leave out one of them/],
  [{ endless: true, time: '3s' }, /^--time 3s does not go with --endless: leave out one of them/],
  [{ seed: '1', jobs: '2' }, /^--jobs 2 does not go with --seed: leave out one of them/],
  [{ seed: '1', endless: true }, /^--endless does not go with --seed: leave out one of them/],
  [
    { seed: '1', shrink: true, trace: 'x' },
    /^--trace is x, and --shrink runs many times: trace what it prints at last/,
  ],
  [{ decorated: true, state: './x.mjs' }, /^--state \.\/x\.mjs does not go with --decorated: leave out one of them/],
  [{ seed: '' }, /^--seed is empty: give it a value/],
];

test('what cannot be meant is named, with its value and the remedy', (t) => {
  for (const [given, message] of refused) t.throws(() => taskOf(given), { instanceOf: UsageError, message });
});

test('the module of a state gives what is of the application', async (t) => {
  const options = await loadState(sumModule(t, { more: 'rescues: false, invariant: undefined' }));
  t.deepEqual(Object.keys(options), ['state', 'workload', 'rescues', 'invariant']);
});

test('a module that is not right is named, with what is wrong and the remedy', async (t) => {
  const cases: readonly (readonly [string, RegExp])[] = [
    [sumModule(t, { more: 'workload: undefined' }), /whose simulation has no workload: name a module that exports/],
    [sumModule(t, { more: 'invariant: 3' }), /whose simulation\.invariant is no function: give one, or leave it out/],
    [sumModule(t, { more: 'models: null' }), /whose simulation\.models is no object: give one, or leave it out/],
    [sumModule(t, { more: 'invariants: 3' }), /whose simulation has invariants: leave it out, or name one of state, /],
    [sumModule(t, { more: 'seed: 3' }), /whose simulation has seed: leave it out, or name one of state, workload, /],
    [moduleOf(t, 'export const state = 1;'), /which does not export simulation: name a module that exports simulation/],
    [moduleOf(t, 'export const'), /which does not load \(.+\): name a module that exports simulation/],
    ['./package.json', /^--state is \.\/package\.json, which does not load/],
  ];
  for (const [path, message] of cases) {
    const error = await t.throwsAsync(loadState(path), { instanceOf: UsageError, message });
    t.true(error?.message.startsWith(`--state is ${path}, wh`));
  }
});
