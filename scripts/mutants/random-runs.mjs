// Runs the random clusters of core's tests, seed after seed, up to the first one that fails. Its folder and how many are given.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [core = '.', seeds = '300'] = process.argv.slice(2);
const { Chaos } = await import(pathToFileURL(join(core, 'build/test/protocol/support/chaos.js')).href);

function failureOf(seed) {
  const chaos = new Chaos(seed);
  try {
    chaos.run(1_500);
    chaos.heal();
    chaos.world.checker.finish();
    return undefined;
  } catch ({ message }) {
    // Founders that lost their memory as they met are at odds: nothing was appended, and they say so.
    const atOdds =
      /bound to found the cluster with other incarnations/.test(message) && chaos.world.checker.log.size === 0;
    return atOdds ? undefined : message;
  }
}

for (let seed = 0; seed < Number(seeds); seed += 1) {
  const failure = failureOf(seed);
  if (failure === undefined) continue;
  console.log(`KILLED after ${seed + 1} ${seed === 0 ? 'seed' : 'seeds'}: ${failure.split('\n')[0]}`);
  process.exit(1);
}
