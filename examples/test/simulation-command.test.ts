// Goal: the sample of the simulator's README goes through the command line, too. Method: the program itself.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';

const folder = dirname(createRequire(import.meta.url).resolve('paxakos/package.json'));
const program = join(folder, 'bin/paxakos.js');
const state = fileURLToPath(new URL('seats.js', import.meta.url));

test("the README's state is simulated by its module", (t) => {
  const args = ['simulate', '--state', state, '--seeds', '2', '--jobs', '1', '--horizon-ms', '2000'];
  const { status, stderr, stdout } = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
  t.is(status, 0, stderr);
  t.regex(stdout, /^passed\n {2}seeds {7}2 from 0: 2 passed, 0 failed\n/);
});
