// Runs the tests of the package in the current folder: compiles them, runs AVA, and writes `reports/ava.json`.
//
//   node ../../scripts/run-tests.mjs [test/some.test.ts ...] [--match='title*'] [-v] [--anyway]
//
// Named files and `--match` narrow the run; `-v` shows AVA's own output; `--anyway` runs what compiled, for work on one part
// while another is open. Failures are shown with their diagnostics.
//
// As a part of `npm test` it waits for its turn. Tests that compute then leave the other processors alone; tests that mostly wait
// are those of a package whose AVA configuration names a `concurrency`.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { takeTurn } from './lanes.mjs';
import { tapReader } from './tap.mjs';

const here = process.cwd();
const isTypeScript = existsSync('tsconfig.test.json');

/** All files below a folder, as paths relative to the package. */
function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(here, join(entry.parentPath, entry.name)));
}

function finish(counts, code) {
  mkdirSync('reports', { recursive: true });
  writeFileSync(join('reports', 'ava.json'), `${JSON.stringify(counts)}\n`);
  console.log(`${counts.passed} ok, ${counts.failed} not ok, ${counts.skipped} skipped`);
  process.exitCode = code;
}

/** Compiles src and test to build; output whose source is gone is deleted first, so that no deleted test runs on. */
function compile() {
  for (const file of filesBelow('build')) {
    const source = relative('build', file).replace(/\.js(\.map)?$/, '.ts');
    if (!existsSync(source)) rmSync(file);
  }
  const { status } = spawnSync('tsc', ['-p', 'tsconfig.test.json'], { stdio: 'inherit' });
  return status === 0;
}

const ava = join(here, 'node_modules', 'ava', 'entrypoints', 'cli.mjs');

function runAva(args) {
  const reader = tapReader();
  const child = spawn(process.execPath, [ava, '--tap', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const isVerbose = process.argv.includes('-v');
  createInterface({ input: child.stdout }).on('line', (text) => {
    const shown = reader.line(text);
    if (isVerbose) console.log(text);
    else if (shown !== undefined) console.log(shown);
  });
  child.on('close', (code) => {
    const { counts } = reader;
    if (code !== 0 && counts.failed === 0) counts.failed = 1;
    finish(counts, counts.failed > 0 ? 1 : (code ?? 1));
  });
}

/** Waits until this package may be tested; resolves to the arguments that keep AVA within its bounds. */
async function turn() {
  const { name } = JSON.parse(readFileSync('package.json', 'utf8'));
  const config = await import(pathToFileURL(join(here, 'ava.config.js')).href);
  const waits = config.default.concurrency !== undefined;
  const port = Number(process.env.PAXAKOS_LANES);
  delete process.env.PAXAKOS_LANES; // for what the tests start it is nobody's turn
  const { isAlone } = await takeTurn(port, { name, waits });
  return waits || isAlone ? [] : ['--concurrency=1'];
}

const args = process.argv.slice(2).filter((arg) => !['-v', '--', '--anyway'].includes(arg));
const built = args.map((arg) => (isTypeScript ? arg.replace(/^(?:\.\/)?(test\/.*)\.ts$/, 'build/$1.js') : arg));

if (filesBelow('test').length === 0) {
  console.log('no tests yet');
  finish({ passed: 0, failed: 0, skipped: 0 }, 0);
} else {
  const bounds = await turn();
  if (isTypeScript && !compile() && !process.argv.includes('--anyway')) {
    console.log('✗ the tests do not compile');
    finish({ passed: 0, failed: 1, skipped: 0 }, 1);
  } else {
    runAva([...bounds, ...built]);
  }
}
