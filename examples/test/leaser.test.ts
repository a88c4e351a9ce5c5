// Goal: the sample of the README does what it says. Method: it is run.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';

test('leaser: in the sample one node holds the lease after the other, and a third one is refused', async (t) => {
  const path = fileURLToPath(new URL('../src/leaser.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [path], { timeout: 30_000 });
  t.deepEqual(stdout.trim().split('\n'), ['a writes', 'b writes, and holds it: true', 'c: PAXAKOS_LEASE_TIMEOUT']);
});
