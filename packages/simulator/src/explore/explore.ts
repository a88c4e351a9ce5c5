import { type Exploration, Explorer } from './explorer.ts';
import type { World } from './world.ts';
import { worlds as allWorlds } from './worlds.ts';

/** So many states must show all that a world is there to show. */
const statesOfWholeRun = 5_000_000;

const usage = `usage: npm run explore -- [states] [world ...] [--first]
  states: where to end in each world; 5,000,000 by default, or before, where there are no more;
          so many, or all there are, must show everything that a world is there for
  world:  ${allWorlds.map(({ name }) => name).join(', ')}; all by default
  --first: end with the first rule that is broken`;

/** Explores worlds and prints what came of it; gives the exit code. */
export function explore(
  args: readonly string[],
  now: () => number,
  print: (line: string) => void,
  worlds: readonly World[] = allWorlds,
): number {
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
    const found = new Explorer(world).run({ states: limits[0] ?? statesOfWholeRun });
    printFigures(found, Math.max(now() - began, 1) / 1_000, print);
    if (!isGood(found, print)) code = 1;
    if (found.violation !== undefined && args.includes('--first')) break;
  }
  return code;
}

function printFigures(found: Exploration, seconds: number, print: (line: string) => void): void {
  const figures = [
    `${found.states.toLocaleString('en')} states${found.isWhole ? ', which is all' : ''}`,
    `${found.transitions.toLocaleString('en')} events`,
    `${found.depth} deep`,
    `${found.localStates.toLocaleString('en')} states of single nodes`,
    `${seconds.toFixed(1)} s, ${Math.round(found.states / seconds).toLocaleString('en')} states/s`,
  ];
  print(`${found.world}: ${figures.join('; ')}`);
}

/** Says what was broken, and what was met. Where a run is short by request, it need not meet everything. */
function isGood({ violation, met, unmet, states, isWhole }: Exploration, print: (line: string) => void): boolean {
  if (violation !== undefined) {
    print(`  BROKEN: ${violation.rule}`);
    for (const [index, line] of violation.trace.entries()) print(`  ${index + 1}. ${line}`);
    return false;
  }
  for (const { name, states: count } of met) print(`  met after ${count.toLocaleString('en')} states: ${name}`);
  const isLong = isWhole || states >= statesOfWholeRun;
  for (const name of unmet) print(`  ${isLong ? 'NEVER MET' : 'not met so far'}: ${name}`);
  return unmet.length === 0 || !isLong;
}
