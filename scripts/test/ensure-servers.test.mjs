// Goal: a missing server is unpacked below the clone, or one line says what to install. Method: the decisions as functions, and the
// whole with a path on which the servers are missing and on which apt-get and dpkg are scripts that record their arguments.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { root } from '../bootstrap.mjs';
import { adviceFor, isOnPath, packagesToFetch } from '../ensure-servers.mjs';

test('advice names each missing server, for Debian and for macOS', (t) => {
  t.regex(
    adviceFor(['nats-server', 'redis-server']),
    /^nats-server and redis-server are not installed, .*"sudo apt-get install nats-server redis-server"/,
  );
  t.regex(adviceFor(['nats-server', 'redis-server']), /"brew install nats-server redis"$/);
  t.regex(adviceFor(['redis-server']), /^redis-server is not .*install redis-server".* "brew install redis"$/);
});

test('the packages to fetch are those that apt-get would install', (t) => {
  const simulation =
    'Reading lists...\nInst redis-tools (5:7.0 Debian:12 [amd64])\nInst redis-server (5:7.0)\nConf redis-tools (5:7.0)\n';
  t.deepEqual(packagesToFetch(simulation), ['redis-tools', 'redis-server']);
  t.deepEqual(packagesToFetch('0 upgraded\n'), []);
});

const aptGet = `#!/bin/sh
echo "apt-get $*" >> "$LOG"
case " $* " in
  *" install "*) echo "Inst library (1)"; for name in "$@"; do case $name in *-server) echo "Inst $name (1)";; esac; done;;
  *" download "*) for name in "$@"; do case $name in library|*-server) echo > "$name.deb";; esac; done;;
esac
`;
const dpkg = `#!/bin/sh
name=$(basename "$2" .deb)
mkdir -p "$3/usr/bin" "$3/usr/lib/triplet"
if [ $name = library ]; then echo > "$3/usr/lib/triplet/liba.so.1"
else printf '#!/bin/sh\\necho "$LD_LIBRARY_PATH" "$@"\\n' > "$3/usr/bin/$name"; chmod +x "$3/usr/bin/$name"; fi
`;

/** A clone with only the scripts, and a path with Node, the shell's tools, and these programs. */
function clone(t, programs) {
  const folder = mkdtempSync(join(tmpdir(), 'paxakos-servers-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  cpSync(join(root, 'scripts'), join(folder, 'scripts'), {
    recursive: true,
    filter: (path) => !path.includes('node_modules'),
  });
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(bin, name), text);
    chmodSync(join(bin, name), 0o755);
  }
  for (const name of ['sh', 'basename', 'mkdir', 'chmod']) symlinkSync(join('/bin', name), join(bin, name));
  symlinkSync(process.execPath, join(bin, 'node'));
  const log = join(folder, 'log');
  const servers = join(folder, '.tools', 'servers', 'bin');
  const ensure = () => {
    const text = `await (await import('${join(folder, 'scripts/ensure-servers.mjs')}')).ensureServers(process.env);`;
    const env = { PATH: `${bin}:${servers}`, LOG: log };
    return spawnSync(process.execPath, ['--input-type=module', '-e', text], { env, encoding: 'utf8' });
  };
  return { folder, servers, ensure, log: () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []) };
}

test('missing servers are unpacked once, below the clone, and start with the libraries that they need', (t) => {
  const { folder, servers, ensure, log } = clone(t, { 'apt-get': aptGet, dpkg });
  const first = ensure();
  t.is(first.status, 0, first.stderr);
  t.is(first.stdout, '');
  t.true(isOnPath('nats-server', servers) && isOnPath('redis-server', servers));
  const { stdout } = spawnSync(join(servers, 'redis-server'), ['--port', '0'], { encoding: 'utf8' });
  t.is(stdout, `${join(folder, '.tools/servers/root/usr/lib/triplet')} --port 0\n`);
  t.is(log().length, 3);
  t.regex(log()[0], /-o Dir::State::lists=\S+\.tools\/servers\/apt\/lists .* update$/);
  t.regex(log()[1], /install --simulate --no-install-recommends nats-server redis-server$/);
  t.regex(log()[2], /download library nats-server redis-server$/);
  t.is(ensure().status, 0);
  t.is(log().length, 3);
});

test('a server that is on the path is used as it is', (t) => {
  const server = '#!/bin/sh\n';
  const { ensure, log } = clone(t, { 'apt-get': aptGet, dpkg, 'nats-server': server, 'redis-server': server });
  t.is(ensure().status, 0);
  t.deepEqual(log(), []);
});

for (const [how, programs] of Object.entries({
  'without apt-get': {},
  'if the download fails': { 'apt-get': '#!/bin/sh\nexit 100\n', dpkg },
  'if unpacking fails': { 'apt-get': aptGet, dpkg: '#!/bin/sh\nexit 2\n' },
})) {
  test(`${how}, one line says what to install`, (t) => {
    const { status, stderr } = clone(t, programs).ensure();
    t.is(status, 1);
    t.regex(
      stderr,
      /Error: nats-server and redis-server are not installed, .*"sudo apt-get install nats-server redis-server"/,
    );
  });
}
