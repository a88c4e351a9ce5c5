// Installs the pinned pnpm (below .tools) and the dependencies if they are missing. Only Node built-ins.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const tools = join(root, '.tools');
const stampFile = join(root, 'node_modules', '.paxakos-installed');

/** The folder into which `ensureServers` unpacks servers that are not installed. */
export const serverFolder = join(tools, 'servers');

/** Debian installs servers into these folders, which are not on every user's path. */
const systemFolders = process.platform === 'win32' ? [] : ['/usr/local/sbin', '/usr/sbin'];

/** Returns the environment of every tool: the pinned tools come first on the path, and no tool sends telemetry. */
export function environment() {
  const own = [join(tools, 'node_modules', '.bin'), join(root, 'node_modules', '.bin')];
  const path = [...own, process.env.PATH ?? '', ...systemFolders, join(serverFolder, 'bin')];
  return {
    ...process.env,
    PATH: path.join(delimiter),
    TURBO_TELEMETRY_DISABLED: '1',
    DO_NOT_TRACK: '1',
    PAXAKOS_NODE_VERSION: process.version,
  };
}

/** Returns the path of a tool: pnpm from `.tools`, any other from the root's dependencies. */
export function binPath(tool) {
  return join(tool === 'pnpm' ? tools : root, 'node_modules', '.bin', tool);
}

/** Returns turbo's own binary. Its start script dies of a signal without passing it on. */
export function turboPath() {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const architecture = process.arch === 'x64' ? '64' : process.arch;
  try {
    const { resolve: find } = createRequire(realpathSync(join(root, 'node_modules', 'turbo', 'package.json')));
    return find(`@turbo/${platform}-${architecture}/bin/turbo${platform === 'windows' ? '.exe' : ''}`);
  } catch {
    return binPath('turbo');
  }
}

/** Runs a tool with its output on stderr, and throws if it fails. */
function mustRun(command, args, cwd) {
  const { status, error } = spawnSync(command, args, { cwd, env: environment(), stdio: ['ignore', 2, 2] });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed (${status ?? 'killed'})`);
}

/** Runs `work` while it holds a lock file, so that two commands in one clone do not install at the same time. */
export async function locked(work) {
  mkdirSync(tools, { recursive: true });
  const lock = join(tools, 'lock');
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (!holderLives(lock)) rmSync(lock, { force: true });
      await new Promise((done) => setTimeout(done, 200));
    }
  }
  try {
    return work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function holderLives(lock) {
  try {
    const pid = Number(readFileSync(lock, 'utf8'));
    if (!(pid > 0)) return true; // created a moment ago, not written yet
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function pnpmVersion() {
  if (!existsSync(binPath('pnpm'))) return undefined;
  const { stdout } = spawnSync(binPath('pnpm'), ['--version'], { cwd: tools, env: environment(), encoding: 'utf8' });
  return stdout?.trim();
}

/** Installs the pnpm that the root's `packageManager` names. */
export async function ensurePnpm() {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const version = packageManager.replace(/^pnpm@/, '').replace(/\+.*$/, '');
  if (pnpmVersion() === version) return;
  await locked(() => {
    if (pnpmVersion() === version) return;
    const quiet = ['--no-save', '--no-package-lock', '--no-audit', '--no-fund'];
    mustRun('npm', ['install', '--prefix', '.tools', ...quiet, `pnpm@${version}`], root);
  });
}

/** Returns the paths of all manifests of the workspace, in a fixed order. */
export function manifests() {
  const folders = ['packages', 'packages/decorations'].flatMap((parent) =>
    existsSync(join(root, parent)) ? readdirSync(join(root, parent)).map((name) => `${parent}/${name}`) : [],
  );
  const all = ['.', 'bench', 'examples', 'scripts', 'servers', 'testing', ...folders].map((folder) =>
    join(root, folder, 'package.json'),
  );
  return all.filter((path) => existsSync(path)).toSorted((a, b) => (a < b ? -1 : 1));
}

function fingerprint() {
  const hash = createHash('sha256').update(process.version);
  const files = [join(root, 'pnpm-lock.yaml'), join(root, 'pnpm-workspace.yaml'), ...manifests()];
  for (const file of files) hash.update(file).update(existsSync(file) ? readFileSync(file) : '');
  return hash.digest('hex');
}

/** Installs the dependencies that the lock file names, unless they are installed already. */
export async function ensureInstalled() {
  const isStamped = () => existsSync(stampFile) && readFileSync(stampFile, 'utf8') === fingerprint();
  if (isStamped()) return;
  await locked(() => {
    if (isStamped()) return;
    mustRun(binPath('pnpm'), ['install', '--frozen-lockfile', '--reporter=append-only'], root);
    writeFileSync(stampFile, fingerprint());
  });
}
