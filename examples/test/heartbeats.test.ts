// Goal: the sample of the README does what it says. Method: it is run.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';

test('heartbeats: in the sample a node notices that it is cut off, and that it is back', async (t) => {
  const path = fileURLToPath(new URL('../src/heartbeats.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [path], { timeout: 30_000 });
  t.deepEqual(stdout.trim().split('\n'), ['c is cut off', 'c is back']);
});
