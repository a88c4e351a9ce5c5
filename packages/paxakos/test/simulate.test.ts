// Goal: `paxakos simulate` finds what is wrong, says it so that it can be found again, and ends as it should. Method: the program
// itself, with states that are wrong on purpose.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { simulate } from '@paxakos/simulator';
import test, { type ExecutionContext } from 'ava';
import { ApplicationFolder } from './application-folder.ts';
import { DemoRun, program } from './demo-run.ts';
import { simulateRun, sumModule } from './simulate-run.ts';

const short = ['--nodes', '3', '--horizon-ms', '2000', '--jobs', '1'];

let wrongSeed: Promise<string> | undefined;

/** A state that thaws to another one than was frozen, and the first seed that finds it. */
async function wrongThaw(t: ExecutionContext): Promise<{ readonly state: string; readonly seed: string }> {
  const state = sumModule(t, { thawed: '1' });
  wrongSeed ??= firstFailure(state);
  return { state, seed: await wrongSeed };
}

async function firstFailure(state: string): Promise<string> {
  const { simulation } = (await import(pathToFileURL(state).href)) as { readonly simulation: object };
  for (let seed = 0; ; seed += 1) {
    const { passed } = await simulate({ ...simulation, seed, nodes: 3, horizonMs: 2_000 });
    if (!passed) return `${seed}`;
  }
}

/** The lines of a failure's transcript, as a campaign prints them. */
function transcriptIn(out: string): string[] {
  const lines = out.split('\n');
  const from = lines.findIndex((line) => line.startsWith('  the last '));
  return lines.slice(from + 1, lines.indexOf('', from));
}

test.serial('the replay command of a failure gives the identical run, and the identical trace each time', async (t) => {
  const { seed, state } = await wrongThaw(t);
  const first = await simulateRun(t, '--state', state, '--from', seed, '--seeds', '1', ...short);
  t.is(first.code, 1, first.err);
  const command = /replay: (paxakos simulate --seed .*)/.exec(first.out)?.[1] ?? '';
  const runs = ['1', '2'].map((name) => {
    const trace = join(dirname(state), name);
    const shell = `"$NODE" "$PROGRAM" ${command.replace('paxakos ', '')} --trace ${trace}`;
    const env = { ...process.env, NODE: process.execPath, PROGRAM: program };
    const { status, stdout } = spawnSync('sh', ['-c', shell], { env, encoding: 'utf8' });
    return { status, stdout, trace: readFileSync(trace, 'utf8') };
  });
  const [one, two] = runs;
  t.deepEqual(one, two);
  t.is(one?.status, 1);
  t.true((one?.trace.length ?? 0) > 10_000);
  t.is(/fingerprint .*/.exec(one?.stdout ?? '')?.[0], /fingerprint .*/.exec(first.out)?.[0]);
  const last = transcriptIn(first.out);
  t.is(last.length, 40);
  t.deepEqual(one?.trace.trimEnd().split('\n').slice(-40), last);
});

test.serial(
  'a failure tells its seed, its property, its command, its faults, and the last of what happened',
  async (t) => {
    const state = sumModule(t, {
      more: "invariant: (state) => { if (state.freeze() > 20) throw new Error('too much'); }",
    });
    const { code, err, out } = await simulateRun(
      t,
      '--state',
      state,
      '--seeds',
      '1',
      '--profile',
      'none',
      '--from',
      '3',
    );
    t.is(code, 1);
    t.regex(
      out,
      /^seed 3 failed: invariant: Error: too much\n {2}replay: paxakos simulate --seed 3 --profile none --state /,
    );
    t.regex(out, /\n {2}0 faults\n {2}the last 40 lines/);
    t.regex(out, /applied \d+: e\d+ add = \d+/);
    t.regex(out, /\nnot passed\n {2}seeds {7}1 from 3: 0 passed, 1 failed\n/);
    t.regex(err, /\nseed 3 failed: invariant: Error: too much\n/);
  },
);

test.serial('the results are the same, however many threads there are', async (t) => {
  const { seed, state } = await wrongThaw(t);
  const outputs: { readonly code: unknown; readonly out: string }[] = [];
  for (const jobs of ['1', '3']) {
    const args = ['--from', seed, '--seeds', '4', ...short.slice(0, -1), jobs];
    const { code, out } = await simulateRun(t, '--state', state, ...args);
    outputs.push({ code, out: out.replace(/ {2}rates.*/, '') });
  }
  t.deepEqual(outputs[0], outputs[1]);
  t.regex(outputs[0]?.out ?? '', / 4 from \d+: \d+ passed, [1-4] failed\n/);
});

test.serial(
  'a failure is shrunk to the faults that it takes, and the command that names those fails in the same way',
  async (t) => {
    const { seed, state } = await wrongThaw(t);
    const args = ['--state', state, ...short.slice(0, -2)];
    const { code, out } = await simulateRun(t, ...args, '--from', seed, '--seeds', '1', '--shrink');
    t.is(code, 1);
    const [whole = '', least = ''] = out.split('with the fewest faults that were found:');
    const [, keep = ''] = /--keep (\S+)/.exec(least) ?? [];
    const countIn = (text: string) => Number(/(\d+) faults?/.exec(text)?.[1]);
    t.true(countIn(least) < countIn(whole), out);
    const again = await simulateRun(t, ...args, '--seed', seed, '--keep', keep);
    t.is(again.code, 1);
    t.is(/fingerprint .*/.exec(again.out)?.[0], /fingerprint .*/.exec(least)?.[0]);
  },
);

test.serial('one seed is shrunk, too, to none of its faults where it takes none', async (t) => {
  const state = sumModule(t, {
    more: "invariant: (state) => { if (state.freeze() > 20) throw new Error('too much'); }",
  });
  const { code, out } = await simulateRun(t, '--state', state, '--seed', '3', '--shrink');
  t.is(code, 1);
  const [whole = '', least = ''] = out.split('with the fewest faults that were found:');
  t.notRegex(whole, /--keep \S*none|\n {2}0 faults/);
  t.regex(least, /replay: paxakos simulate --seed 3 --profile rough --keep none --state /);
  t.regex(least, /\n {2}0 faults\n/);
});

test.serial('a run that passes says that nothing is shrunk', async (t) => {
  const args = ['--seed', '3', '--horizon-ms', '500', '--nodes', '3'];
  const { code, out } = await simulateRun(t, ...args, '--shrink');
  t.is(code, 0);
  t.regex(out, /^seed 3 passed: [\s\S]*\n {2}nothing is shrunk: only a run that fails can be\n$/);
  t.notRegex((await simulateRun(t, ...args)).out, /shrunk/);
});

test.serial(
  'an option that is given twice, and an argument that nobody asked for, are named with the remedy',
  async (t) => {
    const cases: readonly (readonly [readonly string[], string])[] = [
      [['--seeds', '5', '--seeds', '6'], '--seeds is given more than once: give it once'],
      [['--seeds=5', '--seeds', '6'], '--seeds is given more than once: give it once'],
      [['--endless', '--no-endless'], '--endless is given more than once: give it once'],
      [['--seed', '3', 'extra'], 'the argument extra is superfluous: leave it out, or see paxakos --help'],
      [['--seeed', '3'], 'there is no option --seeed: see paxakos --help'],
      [['-s', '3'], 'there is no option -s: see paxakos --help'],
    ];
    for (const [args, problem] of cases)
      t.deepEqual(await simulateRun(t, ...args), { code: 2, out: '', err: `paxakos: ${problem}\n` });
  },
);

test.serial('a failure that does not repeat itself is told apart', async (t) => {
  const state = sumModule(t, { beside: 'let calls = 0;', applied: '((calls += 1) % 97 === 0 ? 1 : 0)' });
  const { code, out } = await simulateRun(t, '--state', state, '--seeds', '4', ...short);
  t.is(code, 1);
  t.regex(out, /it does NOT fail in the same way/);
});

test.serial('one seed that passes says how, and its whole transcript can go to standard output', async (t) => {
  const args = ['--seed', '3', '--horizon-ms', '500', '--nodes', '3'];
  const { code, out } = await simulateRun(t, ...args);
  t.is(code, 0);
  t.regex(out, /^seed 3 passed: \d+ appends tried, \d+ acknowledged; level after \d+ ms\n/);
  t.regex(out, /coverage is not asked of a single seed/);
  const [, worldMs = ''] = / events in ([\d,]+) ms of the world/.exec(out) ?? [];
  t.true(Number(worldMs.replaceAll(',', '')) < 8_000, 'the faults did not end when they should');
  const traced = await simulateRun(t, ...args, '--trace', '-');
  t.is(traced.code, 0);
  t.is(traced.err, out);
  t.regex(traced.out, /^ {6}0\.00 /);
  t.regex(traced.out, /## all faults end/);
});

/** A state whose second run says that the first has come to its end. */
function talkative(t: ExecutionContext): string {
  const state = `state: (members) => {
    runs += 1;
    if (runs === 2) console.error('one run has ended');
    return { create: () => sum(members), thaw: (total) => sum(members, total) };
  }`;
  return sumModule(t, { beside: 'let runs = 0;', more: state });
}

test.serial('an endless campaign goes on until it is interrupted, and then tells what came of it', async (t) => {
  const run = new DemoRun(t, ['simulate', '--endless', '--state', talkative(t), ...short]);
  await run.says(/simulating .*until it is interrupted/);
  await run.says(/one run has ended/);
  run.process.kill('SIGINT');
  t.is(await run.ended(), 0, run.err);
  t.regex(run.err, /interrupted: what runs is run to its end/);
  t.regex(run.out, /^passed\n {2}seeds {7}\d+ from 0/);
  t.regex(run.out, /not required: that takes 250 seeds or more, of the testbed, with the default settings/);
});

test.serial(
  'a campaign that is interrupted before its end has not passed, and one that has failed has failed',
  async (t) => {
    const bounded = new DemoRun(t, ['simulate', '--seeds', '100000', '--state', talkative(t), ...short]);
    await bounded.says(/one run has ended/);
    bounded.process.kill('SIGTERM');
    t.is(await bounded.ended(), 143, bounded.err);
    t.regex(bounded.out, /^interrupted\n {2}seeds {7}[1-9]/);

    const state = sumModule(t, { more: "invariant: () => { throw new Error('never right'); }" });
    const failing = new DemoRun(t, ['simulate', '--endless', '--state', state, '--jobs', '1']);
    await failing.says(/never right/);
    failing.process.kill('SIGINT');
    t.is(await failing.ended(), 1, failing.err);
  },
);

test.serial('a campaign lasts as long as it is told to', async (t) => {
  const { code, out } = await simulateRun(t, '--time', '1.5s', '--horizon-ms', '200', '--nodes', '1', '--jobs', '1');
  t.is(code, 0);
  t.regex(out, /^passed\n {2}seeds {7}\d+ from 0: (\d+) passed, 0 failed\n/);
});

test.serial('a run that never comes to its end keeps nobody from the end, and is named', async (t) => {
  const state = sumModule(t, { more: 'invariant: () => { for (;;); }' });
  const run = new DemoRun(t, ['simulate', '--state', state, '--jobs', '1', '--from', '5']);
  await run.says(/simulating/);
  run.process.kill('SIGINT');
  t.is(await run.ended(), 130, run.err);
  t.regex(run.out, /^interrupted\n {2}seeds {7}0 from 5/);
  t.regex(run.out, /unfinished {2}5: begun, and not run to the end/);
});

test.serial('a second interruption ends at once', async (t) => {
  const run = new DemoRun(t, ['simulate', '--state', sumModule(t, { more: 'invariant: () => { for (;;); }' })]);
  await run.says(/simulating/);
  run.process.kill('SIGINT');
  await run.says(/interrupted/);
  run.process.kill('SIGINT');
  t.is(await run.ended(), 130, run.err);
  t.is(run.out, '');
});

test.serial('what cannot be meant ends with 2, and is said in one line that names it', async (t) => {
  const module = sumModule(t, { more: "unchecked: ['nothing']" });
  for (const [args, message] of [
    [['--seeds', '0'], /^paxakos: --seeds is 0: give a whole number from 1 to 2\^53 - 1\n$/],
    [
      ['--seed', '1', '--nodes', '1', '--horizon-ms', '9', '--keep', '999'],
      /^paxakos: --keep is 999: the plan of seed 1 has no fault in/,
    ],
    [
      ['--seed', '1', '--trace', '/nowhere/x'],
      /^paxakos: --trace is \/nowhere\/x, which cannot be written .*: name a file/,
    ],
    [['--state', './nowhere.mjs'], /^paxakos: --state is \.\/nowhere\.mjs, which does not load .*: name a module/],
    [['--state', module, '--seed', '1'], /^paxakos: --state is .*: unchecked is "nothing": give names of checkers/],
    [['--state', module, '--seeds', '2'], /\npaxakos: --state is .*: unchecked is "nothing": give names of checkers/],
  ] as const) {
    const { code, err, out } = await simulateRun(t, ...args);
    t.is(code, 2, err);
    t.regex(err, message);
    t.is(out, '');
  }
});

test.serial('the program simulates where only the package and what it needs are installed', (t) => {
  const app = new ApplicationFolder(t);
  const { status, stderr } = app.cli('simulate', '--seeds', '2', '--nodes', '1', '--horizon-ms', '200');
  t.is(status, 0, stderr);
  t.regex(stderr, /^simulating the testbed, profile rough: seeds from 0, 2 of them; jobs: \d\n$/);
});
