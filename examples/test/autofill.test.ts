// Goal: the sample of the README does what it says. Method: it is run.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';

test('autofill: in the sample the rounds before an entry are filled', async (t) => {
  const path = fileURLToPath(new URL('../src/autofill.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [path], { timeout: 30_000 });
  const [first, second] = stdout.trim().split('\n');
  t.is(first, 'committed in round 100, applied up to 1');
  t.is(second, '98 rounds filled, applied up to 100');
});
