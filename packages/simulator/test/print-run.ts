// A program: prints the whole transcript of a seed, for comparison with that of another process.
import { simulate } from '../src/index.ts';

const [seed = '0'] = process.argv.slice(2);
const lines: string[] = [];
const result = await simulate({
  seed: Number(seed),
  profile: 'storm',
  horizonMs: 3_000,
  onLine: (line) => lines.push(line),
});
console.log(lines.join('\n'));
console.log(result.fingerprint, result.events, result.committed);
