// Goal: the sample of the README does what it says. Method: it is run.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';

test('releaser: in the sample the lease of a node that went away is cleared once, and the next one has it', async (t) => {
  const path = fileURLToPath(new URL('../src/releaser.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [path], { timeout: 30_000 });
  t.deepEqual(stdout.trim().split('\n'), ['b holds it, with a greater token: true', 'cleared 1 time']);
});
