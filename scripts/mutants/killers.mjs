// Who looks for a bug: each runs in a laboratory, and says how it found one, or nothing.
import { fileURLToPath } from 'node:url';

const timeoutMs = 900_000;
const campaign = fileURLToPath(new URL('./campaign.mjs', import.meta.url));
const randomRuns = fileURLToPath(new URL('./random-runs.mjs', import.meta.url));

function explorer(states) {
  return {
    name: 'exploration',
    async kill(laboratory) {
      const { code, output } = await laboratory.run('simulator', ['bin/explore.js', `${states}`, '--first'], timeoutMs);
      if (code === 0) return undefined;
      const [, world, count] = /^(.*): ([\d,]+) states.*\n\s+BROKEN/m.exec(output) ?? [];
      const rule = /BROKEN: (.*)/.exec(output)?.[1] ?? (code === undefined ? 'never ends' : lastLine(output));
      return { after: count === undefined ? '' : `${count} states of "${world}"`, rule };
    },
  };
}

/** A program of ours that takes a package's folder and a number of seeds, and says after how many it found something. */
function seeded(name, program, folder, seeds) {
  return {
    name,
    async kill(laboratory) {
      const { code, output } = await laboratory.run(folder, [program, laboratory.path(folder), `${seeds}`], timeoutMs);
      if (code === 0) return undefined;
      const [, after, rule] = /KILLED after (\d+ seeds?): (.*)/.exec(output) ?? [];
      return { after: after ?? '', rule: rule ?? (code === undefined ? 'never ends' : lastLine(output)) };
    },
  };
}

/** Tests of a package, by the names of their files. All of them belong to one tier. */
function tests(folder, ...files) {
  const config = files[0].startsWith('faults/') ? ['--config', 'ava.faults.config.js'] : [];
  return {
    name: `tests of ${folder}`,
    async kill(laboratory) {
      const patterns = files.map((file) => `test/${file}.test.ts`);
      const ava = ['node_modules/ava/entrypoints/cli.mjs', '--tap', '--fail-fast', ...config, ...patterns];
      const { code, output } = await laboratory.run(folder, ava, timeoutMs);
      if (code === 0) return undefined;
      const title = /^not ok \d+ - (.*)$/m.exec(output)?.[1];
      return { after: '', rule: title ?? (code === undefined ? 'never ends' : lastLine(output)) };
    },
  };
}

function lastLine(output) {
  return output.trim().split('\n').at(-1) ?? '';
}

const simulator = seeded('simulator', campaign, 'simulator', 40);
const ofCore = [
  simulator,
  explorer(20_000),
  seeded('random runs', randomRuns, 'core', 300),
  explorer(150_000),
  // Without the pinned transcripts: those tell that something is other than before, not what is wrong.
  tests('core', 'protocol/{rules,claims,incarnations,numbers,learner,window,promise,hazards}*', 'hazards/*'),
  tests('core', 'node/storage', 'node/snapshot*', 'node/starting', 'node/faults', 'node/membership', 'node/reads'),
];
const ofStorage = [
  simulator,
  tests('storage-fs', 'crash', 'poison', 'retention'),
  tests('storage-fs', 'damage'),
  tests('storage-fs', 'faults/replay', 'faults/real-damage'),
  tests('storage-fs', 'conformance*', 'fs-storage', 'golden'),
  tests('storage-fs', 'faults/processes', 'faults/kill-loop'),
];

/** In the order in which they try; the first one to find the bug is named. */
export function killersOf({ file }) {
  return file.startsWith('packages/storage-fs/') ? ofStorage : ofCore;
}

export const allKillers = [...new Set([...ofCore, ...ofStorage])];
