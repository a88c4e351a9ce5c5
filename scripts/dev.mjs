// The one way in: `npm start`, `npm test`, `npm run pnpm -- …` work in a bare clone with nothing but Node and npm.
// Only Node built-ins here. Notes of this script and of builds go to stderr; stdout belongs to what was asked for.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { binPath, ensureInstalled, ensurePnpm, environment, root } from './bootstrap.mjs';
import { ensureServers } from './ensure-servers.mjs';
import { runForeground } from './foreground.mjs';
import { openLanes } from './lanes.mjs';
import { deleteReports, sumReports } from './reports.mjs';

const noise = ['ignore', 2, 2];

/** Runs a tool to its end and resolves to its exit code. */
function run(command, args, stdio = 'inherit', cwd = root) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { cwd, env: environment(), stdio });
    child.on('error', fail);
    child.on('exit', (code, signal) => done(code ?? (signal === 'SIGINT' ? 130 : 1)));
  });
}

/** Runs commands one after another, all of them, and resolves to the first exit code that isn't 0. */
async function runAll(...commands) {
  let worst = 0;
  for (const [command, ...args] of commands) worst = (await run(command, args)) || worst;
  return worst;
}

const forced = () => (process.env.CI === 'true' ? ['--force'] : []);
const turbo = (tasks, flags, stdio) =>
  run(binPath('turbo'), ['run', ...tasks, '--output-logs=new-only', '--log-order=grouped', ...flags], stdio);

async function buildFor(target) {
  return turbo(['build'], [`--filter=${target}`], noise);
}

async function foreground(target, script, args) {
  const code = await buildFor(target);
  if (code !== 0) return code;
  const path = join(root, script);
  if (!existsSync(path)) throw new Error(`${script} is missing`);
  return runForeground(process.execPath, [path, ...args], {
    cwd: resolve(process.env.INIT_CWD ?? process.cwd()),
    env: environment(),
  });
}

async function test(args) {
  const filtered = args.some((arg) => arg.startsWith('--filter') || arg === '-F');
  if (!filtered) await ensureServers();
  deleteReports();
  const flags = ['--continue=dependencies-successful', ...forced(), ...args];
  const built = await turbo(['build'], flags);
  // All start at once and wait for their turns, so that those that take longest can go first.
  const lanes = await openLanes();
  process.env.PAXAKOS_LANES = `${lanes.port}`;
  const tested = await turbo(['test'], ['--concurrency=64', ...flags]);
  lanes.close();
  const sum = sumReports({ all: !filtered });
  for (const name of sum.missing) console.log(`${name}: no test report (it did not build, or its tests did not start)`);
  console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
  return built || tested || (sum.failed > 0 || sum.passed === 0 ? 1 : 0);
}

function usesServers(folder) {
  const { name, dependencies, devDependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return '@paxakos/servers' in { [name]: '', ...dependencies, ...devDependencies };
}

/** Runs the tests of one package, or some of its files, after building what it needs. */
async function unit([name, ...args]) {
  const folder = ['', 'packages', 'packages/decorations']
    .map((parent) => join(root, parent, name ?? '?'))
    .find(existsSync);
  if (folder === undefined)
    throw new Error('usage: npm run unit -- <package folder> [test/some.test.ts ...] [--match=…] [-v] [--anyway]');
  if (usesServers(folder)) await ensureServers();
  // The scripts' tests look at every package, built.
  const filter = name === 'scripts' ? [] : [`--filter={./${relative(root, folder)}}...`];
  const built = await turbo(['build'], [...filter, '--continue'], noise);
  if (built !== 0 && !args.includes('--anyway')) return built;
  return run(process.execPath, [join(root, 'scripts', 'run-tests.mjs'), ...args], 'inherit', folder);
}

const lint = () =>
  runAll([binPath('biome'), 'check', '--error-on-warnings'], [binPath('oxlint'), '--type-aware', '--deny-warnings']);
const types = () => turbo(['types'], ['--continue=dependencies-successful']);

/** Whether each package that changed since the last release has a changeset; before the first one, whether they are sound. */
function changesetStatus() {
  const { stdout } = spawnSync('git', ['describe', '--tags', '--abbrev=0'], { cwd: root, encoding: 'utf8' });
  const tag = stdout.trim();
  return run(binPath('changeset'), ['status', ...(tag === '' ? [] : [`--since=${tag}`])]);
}

const commands = {
  start: (args) => foreground('paxakos', 'packages/paxakos/bin/paxakos.js', ['demo', ...args]),
  bench: (args) => foreground('@paxakos/bench', 'bench/dist/main.js', args),
  simulate: (args) => foreground('paxakos', 'packages/paxakos/bin/paxakos.js', ['simulate', ...args]),
  explore: (args) => foreground('@paxakos/simulator', 'packages/simulator/bin/explore.js', args),
  mutants: (args) => foreground('@paxakos/simulator', 'scripts/mutants/main.mjs', args),
  test,
  lint,
  types,
  format: () => run(binPath('biome'), ['check', '--write']),
  verify: async (args) => (await test(args)) || (await types()) || changesetStatus(),
  run: ([task, ...args]) => turbo([task], args),
  unit,
  pnpm: (args) => run(binPath('pnpm'), args, 'inherit', process.cwd()),
  exec: ([tool, ...args]) => run(binPath(tool), args, 'inherit', process.cwd()),
};

const managesPackages = new Set(['install', 'i', 'add', 'remove', 'rm', 'update', 'up', 'import', 'dedupe']);

async function main([name, ...args]) {
  const command = commands[name];
  if (command === undefined) {
    console.error(`usage: node scripts/dev.mjs ${Object.keys(commands).join('|')} [...]`);
    return 2;
  }
  await ensurePnpm();
  if (!(name === 'pnpm' && args.some((arg) => managesPackages.has(arg)))) await ensureInstalled();
  return command(args);
}

process.exitCode = await main(process.argv.slice(2)).catch((error) => {
  console.error(error.message);
  return 1;
});
