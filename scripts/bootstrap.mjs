// Brings in the pinned pnpm (below .tools) and the dependencies, when they aren't there yet. Only Node built-ins.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const tools = join(root, '.tools');
const stampFile = join(root, 'node_modules', '.paxakos-installed');

/** Where Debian puts servers; not on every user's path. */
const serverFolders = process.platform === 'win32' ? [] : ['/usr/local/sbin', '/usr/sbin'];

/** The environment that every tool runs with: the pinned tools first on the path, and nothing is reported home. */
export function environment() {
  const own = [join(tools, 'node_modules', '.bin'), join(root, 'node_modules', '.bin')];
  const path = [...own, process.env.PATH ?? '', ...serverFolders];
  return {
    ...process.env,
    PATH: path.join(delimiter),
    TURBO_TELEMETRY_DISABLED: '1',
    DO_NOT_TRACK: '1',
    PAXAKOS_NODE_VERSION: process.version,
  };
}

/** The path of a tool that the root depends on; pnpm is the one that the bootstrap brought in. */
export function binPath(tool) {
  return join(tool === 'pnpm' ? tools : root, 'node_modules', '.bin', tool);
}

/** Runs a tool with all that it prints on stderr; throws when it fails. */
function mustRun(command, args, cwd) {
  const { status, error } = spawnSync(command, args, { cwd, env: environment(), stdio: ['ignore', 2, 2] });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed (${status ?? 'killed'})`);
}

/** Does what two at the same time would spoil for one another: holds a lock file with the holder's process id. */
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

/** Brings in the pnpm that the root's `packageManager` names. */
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

/** Every manifest of the workspace, in a fixed order. */
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

/** Installs the dependencies as the lock file names them, unless that was already done. */
export async function ensureInstalled() {
  const isStamped = () => existsSync(stampFile) && readFileSync(stampFile, 'utf8') === fingerprint();
  if (isStamped()) return;
  await locked(() => {
    if (isStamped()) return;
    mustRun(binPath('pnpm'), ['install', '--frozen-lockfile', '--reporter=append-only'], root);
    writeFileSync(stampFile, fingerprint());
  });
}
