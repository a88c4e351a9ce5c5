// Goal: where the servers of the tests are missing, they are installed or the user is told exactly what to install. Method: the
// decision as a function, and the whole with a path on which they are not, and an apt-get that only notes what it was told.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { root } from '../bootstrap.mjs';
import { isOnPath, planFor } from '../ensure-servers.mjs';

const both = ['nats-server', 'redis-server'];
const debian = { platform: 'linux', uid: 0, hasAptGet: true };

test('nothing is done where nothing is missing', (t) => {
  t.deepEqual(planFor([], debian), {});
  t.deepEqual(planFor([], { platform: 'darwin', uid: 501, hasAptGet: false }), {});
});

test('root on Debian gets what is missing, and no more', (t) => {
  const { install, advice } = planFor(['nats-server'], debian);
  t.is(advice, undefined);
  t.deepEqual(install.at(-1), ['apt-get', 'install', '-y', '--no-install-recommends', 'nats-server']);
  t.deepEqual(planFor(both, debian).install?.at(-1)?.slice(-2), both);
});

for (const [who, machine] of Object.entries({
  'a user on Debian': { ...debian, uid: 1000 },
  'root on another Linux': { ...debian, hasAptGet: false },
  'a user of macOS': { platform: 'darwin', uid: 501, hasAptGet: false },
  'root on macOS with an apt-get': { ...debian, platform: 'darwin' },
  'a user of Windows': { platform: 'win32', uid: undefined, hasAptGet: false },
})) {
  test(`${who} is told exactly what to install`, (t) => {
    const { install, advice } = planFor(both, machine);
    t.is(install, undefined);
    t.regex(
      advice,
      /^nats-server and redis-server are not installed, .*"sudo apt-get install nats-server redis-server"/,
    );
    t.regex(advice, /"brew install nats-server redis"$/);
    t.regex(
      planFor(['redis-server'], machine).advice,
      /^redis-server is not .*install redis-server".* "brew install redis"$/,
    );
  });
}

/** A path with Node and an apt-get that notes its arguments, and that installs what it is told where it `works`. */
function fakePath(t, works) {
  const folder = mkdtempSync(join(tmpdir(), 'paxakos-path-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  symlinkSync(process.execPath, join(folder, 'node'));
  const install = `for name in "$@"; do case $name in *-server) /bin/cp "$0" ${folder}/$name;; esac; done`;
  writeFileSync(
    join(folder, 'apt-get'),
    `#!/bin/sh\necho "$RUNLEVEL $DEBIAN_FRONTEND $*" >> ${folder}/log\necho noise\n${works ? install : 'exit 100'}\n`,
  );
  chmodSync(join(folder, 'apt-get'), 0o755);
  const ensure = () => {
    const text = `await (await import('${join(root, 'scripts/ensure-servers.mjs')}')).ensureServers(process.env);`;
    const env = { ...process.env, PATH: folder };
    return spawnSync(process.execPath, ['--input-type=module', '-e', text], { env, encoding: 'utf8' });
  };
  return { folder, ensure, log: () => readFileSync(join(folder, 'log'), 'utf8').trim().split('\n') };
}

const isRoot = process.platform === 'linux' && process.getuid?.() === 0;

test('missing servers are installed once, asking nothing and starting nothing; all it says goes to standard error', (t) => {
  const { folder, ensure, log } = fakePath(t, true);
  t.false(isOnPath('nats-server', folder));
  const first = ensure();
  t.is(first.stdout, '');
  if (!isRoot) {
    t.regex(first.stderr, /sudo apt-get install nats-server redis-server/);
    return;
  }
  t.is(first.status, 0, first.stderr);
  t.true(isOnPath('nats-server', folder) && isOnPath('redis-server', folder));
  const lines = [
    '1 noninteractive update',
    '1 noninteractive install -y --no-install-recommends nats-server redis-server',
  ];
  t.deepEqual(log(), lines);
  t.is(ensure().status, 0);
  t.deepEqual(log(), lines);
});

test('an installation that fails ends with what to install', (t) => {
  const { ensure } = fakePath(t, false);
  const { status, stderr } = ensure();
  t.is(status, 1);
  t.regex(stderr, /nats-server and redis-server are not installed, .*"sudo apt-get install nats-server redis-server"/);
});
