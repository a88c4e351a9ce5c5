// Goal: the sample of the README does what it says. Method: it is run.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';

test('catch-up: the sample has a node repaired that was left behind for good', async (t) => {
  const path = fileURLToPath(new URL('../src/catch-up.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [path], { timeout: 30_000 });
  t.regex(stdout, /nobody has round 2 any more\nc has a snapshot of round \d+\nc reads 100\n$/);
});
