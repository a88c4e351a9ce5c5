import { Explorer } from './explorer.ts';
import { worlds } from './worlds.ts';

const usage = `usage: npm run explore -- [states] [world ...] [--first]
  states: where to end in each world; 5,000,000 by default, or before, where there are no more
  world:  ${worlds.map(({ name }) => name).join(', ')}; all by default
  --first: end with the first rule that is broken`;

/** Explores worlds and prints what came of it; gives the exit code. */
export function explore(args: readonly string[], now: () => number, print: (line: string) => void): number {
  const limits = args.filter((arg) => /^\d[\d_,]*$/.test(arg)).map((arg) => Number(arg.replace(/[_,]/g, '')));
  const names = args.filter((arg) => !/^\d/.test(arg) && arg !== '--first');
  const chosen = worlds.filter(({ name }) => names.length === 0 || names.includes(name));
  if (limits.length > 1 || names.some((name) => !worlds.some((world) => world.name === name))) {
    print(usage);
    return 2;
  }
  let code = 0;
  for (const world of chosen) {
    const began = now();
    const found = new Explorer(world).run({ states: limits[0] ?? 5_000_000 });
    const seconds = Math.max(now() - began, 1) / 1_000;
    const figures = [
      `${found.states.toLocaleString('en')} states${found.isWhole ? ', which is all' : ''}`,
      `${found.transitions.toLocaleString('en')} events`,
      `${found.depth} deep`,
      `${found.localStates.toLocaleString('en')} states of single nodes`,
      `${seconds.toFixed(1)} s, ${Math.round(found.states / seconds).toLocaleString('en')} states/s`,
    ];
    print(`${world.name}: ${figures.join('; ')}`);
    if (found.violation === undefined) continue;
    code = 1;
    print(`  BROKEN: ${found.violation.rule}`);
    for (const [index, line] of found.violation.trace.entries()) print(`  ${index + 1}. ${line}`);
    if (args.includes('--first')) break;
  }
  return code;
}
