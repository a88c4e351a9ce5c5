// Goal: the sample of the README does what it says. Method: it is run.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';

test('delegation: the sample appends at a follower, and the leader leads on', async (t) => {
  const path = fileURLToPath(new URL('../src/delegation.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [path], { timeout: 30_000 });
  t.is(stdout.trim(), 'the sum is 3 after round 2; a is leading');
});
