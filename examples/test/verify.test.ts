// Goal: the sample of the README does what it says. Method: it is run.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';

test('verify: the sample has a wrong state found, and repaired', async (t) => {
  const path = fileURLToPath(new URL('../src/verify.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [path], { timeout: 30_000 });
  t.regex(stdout, /^c went wrong in one of the rounds 11 to 20\na majority has what c has: true\nc reads (20)\n$/);
});
