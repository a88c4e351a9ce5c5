// Brings in the servers that the tests run against, where that is this machine's way, and else says what to install. Only Node
// built-ins.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { environment, locked } from './bootstrap.mjs';

/** Each program, and the package of Debian that it is in. */
const servers = ['nats-server', 'redis-server'];

/** Consulted by the tools that start what a package brings; 101 forbids it. */
const policyFile = '/usr/sbin/policy-rc.d';

/** Whether a program is on a path. */
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

/** What to do about programs that are missing: `install` them with these commands, or fail with this `advice`; or nothing. */
export function planFor(missing, { platform, uid, hasAptGet }) {
  if (missing.length === 0) return {};
  if (platform === 'linux' && uid === 0 && hasAptGet) {
    return {
      install: [
        ['apt-get', 'update'],
        ['apt-get', 'install', '-y', '--no-install-recommends', ...missing],
      ],
    };
  }
  const are = missing.length === 1 ? 'is' : 'are';
  return {
    advice:
      `${missing.join(' and ')} ${are} not installed, and the tests use the real ones: on Debian or Ubuntu run ` +
      `"sudo apt-get install ${missing.join(' ')}", on macOS "brew install ${missing.join(' ').replace('redis-server', 'redis')}"`,
  };
}

/** Runs apt-get so that it asks nothing, and starts no service: the tests start their own servers, on free ports. */
function runQuietly([command, ...args], env) {
  const quiet = { ...env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  return spawnSync(command, args, { env: quiet, stdio: ['ignore', 2, 2] }).status === 0;
}

/** Where systemd runs, the run level alone does not keep it from starting what is installed. */
function withoutServices(work) {
  const isOurs = existsSync('/run/systemd/system') && !existsSync(policyFile);
  if (isOurs) writeFileSync(policyFile, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    return work();
  } finally {
    if (isOurs) rmSync(policyFile);
  }
}

/** Sees to it that the servers are there; throws an error that says exactly what to install where that cannot be done here. */
export async function ensureServers(env = environment()) {
  const findMissing = () => servers.filter((command) => !isOnPath(command, env.PATH ?? ''));
  const plan = () =>
    planFor(findMissing(), {
      platform: process.platform,
      uid: process.getuid?.(),
      hasAptGet: isOnPath('apt-get', env.PATH ?? ''),
    });
  if (plan().install !== undefined) {
    await locked(() => {
      const { install = [] } = plan();
      if (install.length > 0) console.error(`installing ${findMissing().join(' and ')}, which the tests need`);
      // Each in turn, whatever came of the one before: old lists may do.
      withoutServices(() => {
        for (const command of install) runQuietly(command, env);
      });
    });
  }
  const missing = findMissing();
  const { advice } = planFor(missing, { platform: process.platform, uid: undefined, hasAptGet: false });
  if (advice !== undefined) throw new Error(advice);
}
