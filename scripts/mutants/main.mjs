// Puts one bug after another into a copy of the packages and sees who finds it. Fails where one is found by nobody.
//
//   npm run mutants -- [--jobs=2] [words of a title ...]
import { allMutants } from './all-mutants.mjs';
import { allKillers, killersOf } from './killers.mjs';
import { Laboratory } from './laboratory.mjs';

const args = process.argv.slice(2);
const jobs = Number(args.find((arg) => arg.startsWith('--jobs='))?.slice(7) ?? 2);
const words = args.filter((arg) => !arg.startsWith('--'));
const chosen = allMutants.filter(({ title, file }) => words.every((word) => `${title} ${file}`.includes(word)));

if (!Number.isSafeInteger(jobs) || jobs < 1 || chosen.length === 0) {
  console.error('usage: npm run mutants -- [--jobs=2] [words of a title or file ...]');
  process.exit(2);
}

const verdicts = new Map();
const laboratories = Array.from({ length: Math.min(jobs, chosen.length) }, () => new Laboratory());
process.on('exit', () => {
  for (const laboratory of laboratories) laboratory.close();
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

/** A killer that finds a bug where there is none proves nothing. */
async function checkKillers() {
  const killers = [...new Set(chosen.flatMap(killersOf))];
  const queue = allKillers.filter((killer) => killers.includes(killer));
  const check = async (laboratory) => {
    for (let killer = queue.shift(); killer !== undefined; killer = queue.shift()) {
      const found = await killer.kill(laboratory);
      if (found !== undefined) throw new Error(`${killer.name} fail without any mutant: ${found.rule}`);
    }
  };
  await Promise.all(laboratories.map(check));
  console.log('without a mutant, nothing is found');
}

async function judge(laboratory, mutant) {
  const takeOut = laboratory.plant(mutant);
  try {
    for (const killer of killersOf(mutant)) {
      const found = await killer.kill(laboratory);
      if (found !== undefined) return { killer: killer.name, ...found };
    }
    return undefined;
  } finally {
    takeOut();
  }
}

async function work(laboratory, queue) {
  for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
    const verdict = await judge(laboratory, mutant);
    verdicts.set(mutant, verdict);
    const how = verdict === undefined ? 'SURVIVED' : `${verdict.killer} ${verdict.after}: ${verdict.rule}`;
    console.log(`${verdicts.size}/${chosen.length} ${mutant.title} — ${how}`);
  }
}

function printTable() {
  console.log('\n| mutant | killed by | after | what it said |\n|---|---|---|---|');
  for (const mutant of chosen) {
    const { killer = 'NOBODY', after = '', rule = '' } = verdicts.get(mutant) ?? {};
    console.log(`| ${[mutant.title, killer, after, rule].map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`);
  }
}

await checkKillers();
const queue = [...chosen];
await Promise.all(laboratories.map((laboratory) => work(laboratory, queue)));
printTable();
const survivors = chosen.filter((mutant) => verdicts.get(mutant) === undefined);
console.log(`\n${chosen.length - survivors.length} of ${chosen.length} mutants are killed`);
process.exitCode = survivors.length > 0 ? 1 : 0;
