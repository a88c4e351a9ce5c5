// Goal: what core promises holds with all ten decorations on every node. Method: core's own tests of nodes, compiled anew, run once
// more with the decorations of core-suite-decorate.ts, in the order of the preset and with its times. Those that ask a node which
// does not lead to append by itself, or to fail at that, run with decorations that keep quiet.
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const own = at('../..'); // this package, seen from build/test
const core = join(own, '../core');
const suite = join(own, 'build/core-suite');

/** What cannot hold with decorations, and why. Everything else must. */
const differences: ReadonlyMap<string, string> = new Map([
  [
    'append › H65: a policy that throws, or gives nonsense, ends the append with its error and is reported',
    'delegation asks the policy, and reports under its name',
  ],
  [
    'decoration-host › poll calls once the node runs, then after the time that it is given, one call at a time, until undefined',
    'counts timers, and five decorations have one each',
  ],
  ['reads › a read refuses what it does not know, and what needs a decoration', 'the decoration is there'],
  ['stop › an idle cluster is silent: level nodes set no timers', 'counts timers, and five decorations have one each'],
  [
    'storage › H3: a single node acknowledges nothing before its own disk does',
    'masterLeases: a node helps nobody, itself included, while a promise of its former life may bind',
  ],
  [
    'voters › H62: the bytes of a vote are its own, whatever the codec goes on writing to',
    'masterLeases puts the data of a voter beside its own',
  ],
  [
    'voters › a voter is asked about each candidate, each proposal and each commit',
    'masterLeases asks it about no candidate that it abstains from by itself',
  ],
  [
    'voters › onVote sees each vote that reaches the proposer, with its data and when the request left',
    'masterLeases puts the data of a voter beside its own',
  ],
]);

const lands = 'delegation: what is appended at a node that does not lead lands at the one that does';

/** What holds only where nothing is appended but by the test, and at the node that it says. */
const quietOnly: ReadonlyMap<string, string> = new Map([
  ['append-errors › exiled: a node that was removed says so', lands],
  ['append-errors › lost: the node does not lead, and names who seems to', lands],
  [
    'append-errors › unacceptable: the own voter is against it, and nothing leaves',
    'delegation: the voter of the leader is against it, and the error says at which node',
  ],
  ['append › an append that inquires learns from the others that its round has converged', lands],
  ['append › an append that may only use leadership does not acquire it', lands],
  [
    'decoration-host › the host tells the open rounds, who governs them, and the mandate from when it is won to when it is lost',
    lands,
  ],
  ['events › directive tells who bids, proposes and commits, for which rounds, and when', lands],
  ['events › statusChange tells of each change, up to stopped', lands],
  ['membership › H30: quick successive changes while a node is cut off: no two majorities choose apart', lands],
  ['membership › H34: the leader is removed under load: it is exiled, and the others go on without it', lands],
  ['membership › a change takes effect without traffic: the leader fills the rounds up to it', lands],
  [
    'membership › a single node grows to three and shrinks to one again',
    'delegation: what was sent to a leader that is then cut off is in doubt',
  ],
  ['starting › join: a node follows, and votes from where the state names it', lands],
]);

interface Ran {
  readonly code: number;
  readonly output: string;
}

function run(cwd: string, program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ran> {
  return new Promise((resolve) => {
    const options = { cwd, env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 };
    execFile(process.execPath, [program, ...args], options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : 1, output: stdout + stderr }),
    );
  });
}

/** Compiles core and its tests to a folder of its own, so that nobody else's build is in the way. Core's own run checks the types. */
async function compile(): Promise<Ran> {
  await mkdir(suite, { recursive: true });
  await writeFile(join(suite, 'package.json'), '{"type":"module"}\n');
  await writeFile(
    join(suite, 'ava.config.js'),
    "export default { files: ['test/node/*.test.js'], workerThreads: false, timeout: '10m' };\n",
  );
  const tsc = join(core, 'node_modules/typescript/bin/tsc');
  return run(core, tsc, ['-p', 'tsconfig.test.json', '--outDir', suite, '--sourceMap', 'false', '--noCheck']);
}

/** Runs tests of core with the decorations, and gives the titles of those that passed and failed. */
async function runSuite(args: readonly string[], env: NodeJS.ProcessEnv) {
  const ava = join(own, 'node_modules/ava/entrypoints/cli.mjs');
  const concurrency = Math.max(1, availableParallelism() - 1);
  const decorate = { PAXAKOS_TEST_DECORATE: at('core-suite-decorate.js') };
  const { output } = await run(suite, ava, ['--tap', `--concurrency=${concurrency}`, ...args], { ...decorate, ...env });
  const titles = (verdict: string): string[] =>
    [...output.matchAll(/^(ok|not ok) \d+ - (.*)$/gm)].flatMap(([, is, title = '']) => (is === verdict ? [title] : []));
  return { output, passed: titles('ok').sort(), failed: titles('not ok').sort() };
}

test.serial(
  "core's tests of nodes pass with all ten decorations on each, but for the differences that are meant",
  async (t) => {
    t.timeout(600_000);
    const compiled = await compile();
    t.is(compiled.code, 0, compiled.output);
    const { output, passed, failed } = await runSuite([], {});
    const expected = [...differences.keys(), ...quietOnly.keys()].sort();
    if (failed.length > expected.length) t.log(output);
    t.deepEqual(failed, expected);
    t.true(passed.length > 220, `${passed.length} passed`);
  },
);

test.serial('where the decorations keep quiet, the others pass as well', async (t) => {
  t.timeout(600_000);
  const titles = [...quietOnly.keys()].map((title) => title.slice(title.indexOf(' › ') + 3));
  const files = new Set([...quietOnly.keys()].map((title) => `test/node/${title.split(' › ', 1)[0]}.test.js`));
  const { output, passed, failed } = await runSuite([...files, ...titles.map((title) => `--match=${title}`)], {
    PAXAKOS_TEST_QUIET: '1',
  });
  t.deepEqual([passed, failed], [[...quietOnly.keys()].sort(), []], output);
});
