// Goal: the sample of the README does what it says. Method: it is run.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';

test('master-leases: the leader of the sample reads from memory, and no other node does', async (t) => {
  const path = fileURLToPath(new URL('../src/master-leases.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [path], { timeout: 30_000 });
  t.deepEqual(stdout.trim().split('\n'), ['a reads 1 from memory', 'b: PAXAKOS_NO_LEASE']);
});
