// Goal: what core promises holds with all ten decorations on every node. Method: core's own tests of nodes, compiled anew, run once
// more with the decorations of core-suite-decorate.ts, in the order of the preset.
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

/** Compiles core and its tests to a folder of its own, so that nobody else's build is in the way. */
async function compile(): Promise<Ran> {
  await mkdir(suite, { recursive: true });
  await writeFile(join(suite, 'package.json'), '{"type":"module"}\n');
  await writeFile(
    join(suite, 'ava.config.js'),
    "export default { files: ['test/node/*.test.js'], workerThreads: false, timeout: '120s' };\n",
  );
  const tsc = join(core, 'node_modules/typescript/bin/tsc');
  return run(core, tsc, ['-p', 'tsconfig.test.json', '--outDir', suite, '--sourceMap', 'false']);
}

test("core's tests of nodes pass with all ten decorations on each, but for the differences that are meant", async (t) => {
  t.timeout(300_000);
  const compiled = await compile();
  t.is(compiled.code, 0, compiled.output);
  const ava = join(own, 'node_modules/ava/entrypoints/cli.mjs');
  const concurrency = Math.max(1, availableParallelism() - 1);
  const { output } = await run(suite, ava, ['--tap', `--concurrency=${concurrency}`], {
    PAXAKOS_TEST_DECORATE: at('core-suite-decorate.js'),
  });
  const results = [...output.matchAll(/^(ok|not ok) \d+ - (.*)$/gm)].map(([, verdict, title]) => [verdict, title]);
  const passed = results.flatMap(([verdict, title]) => (verdict === 'ok' ? [title] : []));
  const failed = results.flatMap(([verdict, title]) => (verdict === 'ok' ? [] : [title])).sort();
  if (failed.length > differences.size) t.log(output);
  t.deepEqual(failed, [...differences.keys()].sort());
  t.true(passed.length > 230, `${passed.length} passed`);
});
