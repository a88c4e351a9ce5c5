// Provides the servers that the tests run against. A server on PATH is used as it is. A missing server is unpacked from Debian's
// packages into `.tools/servers`: nothing outside the clone changes, and root is not needed. Only Node built-ins.
import { spawnSync } from 'node:child_process';
import { accessSync, chmodSync, constants, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { environment, locked, serverFolder } from './bootstrap.mjs';

/** Each program is in the Debian package of the same name. */
const servers = ['nats-server', 'redis-server'];

/** Returns whether a program is on a path. */
export function isOnPath(command, path) {
  return path.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder === '' ? '.' : folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Returns the line that tells a person what to install. */
export function adviceFor(missing) {
  const are = missing.length === 1 ? 'is' : 'are';
  const names = missing.join(' ');
  return (
    `${missing.join(' and ')} ${are} not installed, and the tests use the real servers: on Debian or Ubuntu run ` +
    `"sudo apt-get install ${names}", on macOS "brew install ${names.replace('redis-server', 'redis')}"`
  );
}

/** Returns the packages that `apt-get install --simulate` lists for installation. */
export function packagesToFetch(simulation) {
  return [...simulation.matchAll(/^Inst (\S+) /gm)].map(([, name]) => name);
}

/** Returns every folder below `root` that holds a shared library. */
function libraryFolders(root) {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true });
  return [...new Set(entries.filter(({ name }) => /\.so(\.|$)/.test(name)).map(({ parentPath }) => parentPath))];
}

/** Writes a program that starts an unpacked one with the libraries that were unpacked beside it. */
function writeLauncher(folder, name, program, libraries) {
  const launcher = join(folder, name);
  writeFileSync(launcher, `#!/bin/sh\nLD_LIBRARY_PATH='${libraries.join(':')}' exec '${program}' "$@"\n`);
  chmodSync(launcher, 0o755);
}

function unpack(missing, env) {
  const root = join(serverFolder, 'root');
  const [debs, lists, archives] = ['debs', 'apt/lists', 'apt/archives'].map((name) => join(serverFolder, name));
  rmSync(serverFolder, { recursive: true, force: true });
  for (const folder of [root, debs, join(lists, 'partial'), join(archives, 'partial')])
    mkdirSync(folder, { recursive: true });
  // apt keeps its package lists below the clone too. dpkg's own database is only read.
  const settings = {
    'Dir::State::lists': lists,
    'Dir::Cache': join(serverFolder, 'apt'),
    'Debug::NoLocking': 'true',
    'APT::Sandbox::User': 'root',
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const run = (command, args, cwd = serverFolder) =>
    spawnSync(command, args, { cwd, env: { ...env, LC_ALL: 'C' }, encoding: 'utf8', stdio: ['ignore', 'pipe', 2] });
  if (run('apt-get', [...options, '-q', 'update']).status !== 0) return;
  const plan = run('apt-get', [...options, 'install', '--simulate', '--no-install-recommends', ...missing]);
  if (plan.status !== 0) return;
  if (run('apt-get', [...options, '-q', 'download', ...packagesToFetch(plan.stdout)], debs).status !== 0) return;
  for (const deb of readdirSync(debs)) if (run('dpkg', ['-x', join(debs, deb), root]).status !== 0) return;
  const bin = join(serverFolder, 'bin');
  mkdirSync(bin);
  const libraries = libraryFolders(root);
  for (const folder of ['usr/bin', 'usr/sbin'].map((name) => join(root, name)).filter(existsSync))
    for (const name of readdirSync(folder)) writeLauncher(bin, name, join(folder, name), libraries);
}

/** Makes the servers available on the path of `environment()`. Throws an error that says what to install if that fails. */
export async function ensureServers(env = environment()) {
  const missing = () => servers.filter((command) => !isOnPath(command, env.PATH ?? ''));
  const canUnpack = ['apt-get', 'dpkg'].every((command) => isOnPath(command, env.PATH ?? ''));
  if (missing().length > 0 && canUnpack) {
    await locked(() => {
      if (missing().length === 0) return;
      console.error(`unpacking ${missing().join(' and ')}, which the tests need, into .tools/servers`);
      unpack(missing(), env);
    });
  }
  if (missing().length > 0) throw new Error(adviceFor(missing()));
}
