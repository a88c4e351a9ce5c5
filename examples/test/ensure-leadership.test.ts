// Goal: the sample of the README does what it says. Method: it is run.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';

test('ensure-leadership: in the sample a leader comes by itself, and another one after it', async (t) => {
  const path = fileURLToPath(new URL('../src/ensure-leadership.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [path], { timeout: 30_000 });
  t.is(stdout.trim(), 'two leaders, one after the other: true');
});
