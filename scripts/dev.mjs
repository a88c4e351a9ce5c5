// The entry point of `npm start`, `npm test` and the other scripts. It works in a bare clone with only Node and npm: it installs
// the pinned tools first. Only Node built-ins here. Notes and builds print to stderr, so stdout belongs to the command.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { binPath, ensureInstalled, ensurePnpm, environment, root, turboPath } from './bootstrap.mjs';
import { ensureServers } from './ensure-servers.mjs';
import { runForeground } from './foreground.mjs';

/** Runs a tool and resolves to its exit code. A signal to this process ends the tool too. */
const run = (command, args, { stdio = 'inherit', cwd = root, env = environment() } = {}) =>
  runForeground(command, args, { cwd, env, stdio });

/** Runs all commands, one after the other, and resolves to the first exit code that is not 0. */
async function runAll(...commands) {
  let worst = 0;
  for (const [command, ...args] of commands) worst = (await run(command, args)) || worst;
  return worst;
}

const turbo = (args, options) => run(turboPath(), ['run', ...args], options);
const quiet = { stdio: ['ignore', 2, 2] };
const build = (...filters) =>
  turbo(
    ['build', '--output-logs=new-only', '--log-order=grouped', ...filters.map((each) => `--filter=${each}`)],
    quiet,
  );

async function foreground(target, script, args) {
  const code = await build(target);
  if (code !== 0) return code;
  const path = join(root, script);
  if (!existsSync(path)) throw new Error(`${script} is missing`);
  return run(process.execPath, [path, ...args], { cwd: resolve(process.env.INIT_CWD ?? process.cwd()) });
}

/** Runs a test task of all packages, or of those that `--filter` names, and prints the totals as the last line. */
async function test(task, args) {
  await ensureServers();
  const { deleteLogs, printTotals } = await import('./totals.mjs');
  deleteLogs(task);
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.once(signal, () => interruption.abort(128 + constants.signals[signal]));
  const flags = ['--continue=dependencies-successful', ...(process.env.CI === 'true' ? ['--force'] : []), ...args];
  const built = await turbo(['build', '--output-logs=new-only', '--log-order=grouped', ...flags]);
  if (interruption.signal.aborted) return interruption.signal.reason;
  // Arguments after `--` are part of a task's hash: `--only` keeps them away from the builds.
  const tested = await turbo([task, '--only', '--output-logs=hash-only', ...flags, '--', '--tap']);
  if (interruption.signal.aborted) return interruption.signal.reason;
  const isWhole = !args.some((arg) => arg.startsWith('--filter') || arg === '-F' || arg === '--affected');
  const passes = await printTotals(task, { isWhole });
  return built || tested || (passes ? 0 : 1);
}

function folderOf(name) {
  const folder = ['', 'packages', 'packages/decorations'].map((at) => join(root, at, name ?? '?')).find(existsSync);
  if (folder === undefined)
    throw new Error('usage: npm run unit|watch -- <package folder> [test/some.test.ts ...] [AVA options]');
  return folder;
}

function ensureServersFor(folder) {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return '@paxakos/servers' in { ...dependencies, ...devDependencies } ? ensureServers() : undefined;
}

/** Runs the tests of one package, or some of its files. `test/faults/…` selects the second tier. */
async function unit([name, ...args]) {
  const folder = folderOf(name);
  await ensureServersFor(folder);
  // The scripts' tests look at every package.
  const built = await build(...(name === 'scripts' ? [] : [`{./${relative(root, folder)}}...`]));
  if (built !== 0) return built;
  const task = args.some((arg) => arg.includes('test/faults')) ? 'test:faults' : 'test';
  return run(binPath('pnpm'), ['run', '--silent', task, ...args], { cwd: folder });
}

/** Runs the tests of one package again whenever its files, or those of a package that it depends on, change. */
async function watch([name, ...args]) {
  const folder = folderOf(name);
  await ensureServersFor(folder);
  return run(turboPath(), ['watch', 'test', `--filter={./${relative(root, folder)}}`, '--', ...args]);
}

const lint = () =>
  runAll([binPath('biome'), 'check', '--error-on-warnings'], [binPath('oxlint'), '--type-aware', '--deny-warnings']);
const types = () => turbo(['types', '--output-logs=new-only', '--continue=dependencies-successful']);

/** Checks that each package that changed since the last release has a changeset. Before a release, checks their form. */
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
  test: (args) => test('test', args),
  'test:faults': (args) => test('test:faults', args),
  lint,
  types,
  format: () => run(binPath('biome'), ['check', '--write']),
  verify: async (args) =>
    (await test('test', args)) || (await test('test:faults', args)) || (await types()) || changesetStatus(),
  run: ([task, ...args]) => turbo([task, ...args]),
  unit,
  watch,
  pnpm: (args) => run(binPath('pnpm'), args, { cwd: process.cwd() }),
  exec: ([tool, ...args]) => run(binPath(tool), args, { cwd: process.cwd() }),
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
