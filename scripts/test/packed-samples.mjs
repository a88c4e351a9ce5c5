// What the READMEs of packages show, run in an empty folder by somebody who has installed nothing but what they say.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** By package: what has to be installed beside it, but core, and what the sample of its README prints; `test` is one for AVA. */
export const shown = {
  '@paxakos/autofill': { prints: /applied up to 1\n98 rounds filled, applied up to 100\n$/ },
  '@paxakos/catch-up': { prints: /\nc has a snapshot of round \d+\nc reads 100\n$/ },
  '@paxakos/delegation': {
    beside: ['@paxakos/track-leadership'],
    prints: /^the sum is 3 after round 2; a is leading\n$/,
  },
  '@paxakos/ensure-leadership': { prints: /^two leaders, one after the other: true\n$/ },
  '@paxakos/heartbeats': { prints: /^c is cut off\nc is back\n$/ },
  '@paxakos/leaser': { prints: /^a writes\nb writes, and holds it: true\nc: PAXAKOS_LEASE_TIMEOUT\n$/ },
  '@paxakos/master-leases': { prints: /^a reads 1 from memory\nb: PAXAKOS_NO_LEASE\n$/ },
  '@paxakos/releaser': { beside: ['@paxakos/leaser'], prints: /greater token: true\ncleared 1 time\n$/ },
  '@paxakos/track-leadership': { prints: /^c sees a lead\n/ },
  '@paxakos/verify': { prints: /\na majority has what c has: true\nc reads 20\n$/ },
  '@paxakos/simulator': { beside: ['@paxakos/storage-fs'], test: 'simulation.test', prints: /1 test passed/ },
};

/** The samples of the package for everything, which is not installed but unpacked: its dependencies are programs of others. */
export const shownByAll = {
  'start-node': /^the sum is 7; [abc] leads\n$/,
  'any-bus': /^the sum is 2\n$/,
};

/** Writes every sample of a README into a folder below `node_modules` that fit, named as its comment says. Gives their names. */
export function writeSamples(folder, readme) {
  const samples = readFileSync(readme, 'utf8').matchAll(/<!-- sample: (\S+) -->\n```ts\n([\s\S]*?)```/g);
  return [...samples].map(([, path, code]) => {
    writeFileSync(join(folder, basename(path)), code);
    return basename(path);
  });
}
