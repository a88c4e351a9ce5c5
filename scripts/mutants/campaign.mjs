// Runs the simulator, seed after seed, up to the first one that fails. Its folder and how many seeds are given.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [simulator = '.', seeds = '100'] = process.argv.slice(2);
const { campaign } = await import(pathToFileURL(join(simulator, 'dist/index.js')).href);
const { runs, failures } = await campaign({ seeds: Number(seeds), failuresMax: 1, requires: [] });
const [failure] = failures;
if (failure !== undefined) {
  const { checker, problem } = failure.violation ?? {};
  console.log(`KILLED after ${runs} ${runs === 1 ? 'seed' : 'seeds'}: ${checker}: ${String(problem).split('\n')[0]}`);
  process.exit(1);
}
