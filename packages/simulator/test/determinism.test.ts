// Goal: a seed decides everything. Method: the whole transcripts of runs with the same seed are compared, byte for byte, within
// one process and between two.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { simulate } from '../src/index.ts';

async function transcriptOf(seed: number): Promise<string> {
  const lines: string[] = [];
  const { fingerprint } = await simulate({
    seed,
    profile: 'storm',
    horizonMs: 3_000,
    onLine: (line) => lines.push(line),
  });
  return [...lines, fingerprint].join('\n');
}

test('the same seed gives the same transcript, byte for byte', async (t) => {
  for (const seed of [1, 2, 3]) {
    const first = await transcriptOf(seed);
    t.true(first.length > 5_000);
    t.is(await transcriptOf(seed), first);
  }
});

test('the same seed gives the same transcript in another process, and while another run is under way', async (t) => {
  const program = fileURLToPath(new URL('print-run.js', import.meta.url));
  const run = (seed: number) => promisify(execFile)(process.execPath, [program, String(seed)], { maxBuffer: 1 << 28 });
  const [first, second, alone] = await Promise.all([run(7), run(7), run(8)]);
  t.is(first.stdout, second.stdout);
  t.not(first.stdout, alone.stdout);
  const [one, other] = await Promise.all([transcriptOf(7), transcriptOf(8)]);
  t.is(first.stdout.split('\n').slice(0, -2).join('\n'), one.split('\n').slice(0, -1).join('\n'));
  t.is(alone.stdout.split('\n').slice(0, -2).join('\n'), other.split('\n').slice(0, -1).join('\n'));
});

test('the fingerprint tells seeds apart', async (t) => {
  const results = await Promise.all([11, 12, 13].map((seed) => simulate({ seed })));
  t.is(new Set(results.map(({ fingerprint }) => fingerprint)).size, 3);
});
