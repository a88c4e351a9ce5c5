// Goal: the sample of the README does what it says. Method: it is run.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';

test('track-leadership: the sample tells who leads which rounds', async (t) => {
  const path = fileURLToPath(new URL('../src/track-leadership.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [path], { timeout: 30_000 });
  const lines = stdout.trim().split('\n');
  t.true(lines.includes('c sees a lead'), stdout);
  t.deepEqual(lines.slice(-2), ['a leads 1 to 1', 'b leads 2 to …']);
});
