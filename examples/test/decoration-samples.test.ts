// Goal: the samples of the decorations' READMEs do what these say. Method: each runs as a program of its own.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';

/** Runs a sample and returns what it prints. */
async function run(name: string): Promise<string> {
  const path = fileURLToPath(new URL(`../src/${name}.js`, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [path], { timeout: 60_000 });
  return stdout;
}

test('autofill: in the sample the rounds before an entry are filled', async (t) => {
  const stdout = await run('autofill');
  const [first, second] = stdout.trim().split('\n');
  t.is(first, 'committed in round 100, applied up to 1');
  t.is(second, '98 rounds filled, applied up to 100');
});

test('catch-up: the sample has a node repaired that was left behind for good', async (t) => {
  const stdout = await run('catch-up');
  t.regex(stdout, /nobody has round 2 any more\nc has a snapshot of round \d+\nc reads 100\n$/);
});

test('delegation: the sample appends at a follower, and the leader leads on', async (t) => {
  const stdout = await run('delegation');
  t.is(stdout.trim(), 'the sum is 3 after round 2; a is leading');
});

test('ensure-leadership: in the sample a leader comes by itself, and another one after it', async (t) => {
  const stdout = await run('ensure-leadership');
  t.is(stdout.trim(), 'two leaders, one after the other: true');
});

test('heartbeats: in the sample a node notices that it is cut off, and that it is back', async (t) => {
  const stdout = await run('heartbeats');
  t.deepEqual(stdout.trim().split('\n'), ['c is cut off', 'c is back']);
});

test('leaser: in the sample one node holds the lease after the other, and a third one is refused', async (t) => {
  const stdout = await run('leaser');
  t.deepEqual(stdout.trim().split('\n'), ['a writes', 'b writes, and holds it: true', 'c: PAXAKOS_LEASE_TIMEOUT']);
});

test('master-leases: the leader of the sample reads from memory, and no other node does', async (t) => {
  const stdout = await run('master-leases');
  t.deepEqual(stdout.trim().split('\n'), ['a reads 1 from memory', 'b: PAXAKOS_NO_LEASE']);
});

test('releaser: in the sample the lease of a node that went away is cleared once, and the next one has it', async (t) => {
  const stdout = await run('releaser');
  t.deepEqual(stdout.trim().split('\n'), ['b holds it, with a greater token: true', 'cleared 1 time']);
});

test('track-leadership: the sample tells who leads which rounds', async (t) => {
  const stdout = await run('track-leadership');
  const lines = stdout.trim().split('\n');
  t.true(lines.includes('c sees a lead'), stdout);
  t.deepEqual(lines.slice(-2), ['a leads 1 to 1', 'b leads 2 to …']);
});

test('verify: the sample has a wrong state found, and repaired', async (t) => {
  const stdout = await run('verify');
  t.regex(stdout, /^c went wrong in one of the rounds 11 to 20\na majority has what c has: true\nc reads (20)\n$/);
});
