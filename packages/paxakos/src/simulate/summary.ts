import { beyondHealingMax, branches } from '@paxakos/simulator';
import { counted, shownNumber } from '../demo/view.ts';
import { decoratedBranches } from './decorated/decorated-branches.ts';
import { shownDuration } from './duration.ts';
import type { CampaignTask } from './simulate-task.ts';
import type { Tally } from './tally.ts';

/** Fewer seeds need not meet every branch of the protocol, and every fault. */
const seedsForCoverage = 250;

/** How a campaign ended. */
export interface CampaignEnd {
  readonly tally: Tally;
  readonly elapsedMs: number;
  /** Seeds that were begun and not ended. */
  readonly unfinished: readonly number[];
  /** Whether it was interrupted before the end that it was given. */
  readonly isCut: boolean;
}

/** What is required and was never met; `undefined` where nothing is required. */
export function unmetBranches({ settings }: CampaignTask, { coverage, runs }: Tally): readonly string[] | undefined {
  const { horizonMs, nodes, profile, state } = settings;
  const isDefault = horizonMs === undefined && nodes === undefined && profile === 'rough' && state === undefined;
  const known = knownBranches(settings);
  return isDefault && runs >= seedsForCoverage ? known.filter((branch) => !coverage.has(branch)) : undefined;
}

function knownBranches({ isDecorated }: CampaignTask['settings']): readonly string[] {
  return isDecorated ? decoratedBranches : branches;
}

/** Whether a campaign was interrupted, and had found nothing. */
export function hasOnlyBeenCut(task: CampaignTask, end: CampaignEnd): boolean {
  return end.isCut && !hasFailed(task, end);
}

function mostBeyondHealing({ settings }: CampaignTask, runs: number): number {
  return beyondHealingMax(runs, settings.profile);
}

function hasFailed(task: CampaignTask, { tally }: CampaignEnd): boolean {
  const { beyondHealing, failures, runs } = tally;
  return (
    failures.length > 0 ||
    (unmetBranches(task, tally) ?? []).length > 0 ||
    beyondHealing > mostBeyondHealing(task, runs)
  );
}

/** Whether a campaign has come to its end, and found nothing. */
export function hasPassed(task: CampaignTask, end: CampaignEnd): boolean {
  const { tally, unfinished } = end;
  return !end.isCut && tally.runs > 0 && (task.isEndless || unfinished.length === 0) && !hasFailed(task, end);
}

/** What came of a campaign, for its reader. */
export function summaryText(task: CampaignTask, end: CampaignEnd): string {
  const { tally, elapsedMs, unfinished } = end;
  const { appends, committed, events, failures, runs, worldMs } = tally;
  const seconds = elapsedMs / 1_000;
  const unmet = unmetBranches(task, tally);
  const verdict = hasOnlyBeenCut(task, end) ? 'interrupted' : 'not passed';
  const lines = [
    hasPassed(task, end) ? 'passed' : verdict,
    `  seeds       ${shownNumber(runs)} from ${task.from}: ${shownNumber(runs - failures.length)} passed, ${shownNumber(failures.length)} failed`,
    `  appends     ${millions(appends)} million tried, ${millions(committed)} million acknowledged`,
    `  rates       ${shownNumber(Math.round(appends / seconds))} appends/s, ${(runs / seconds).toFixed(2)} seeds/s; ${shownDuration(elapsedMs)} with ${counted(task.jobs, 'job')}`,
    `  simulated   ${shownDuration(worldMs)} of the world, ${millions(events)} million events`,
    ...healingLines(tally, mostBeyondHealing(task, runs)),
    `  judged      ${counted(tally.undecided, 'object')} had a history with too many steps to decide whether it is linearizable`,
  ];
  if (unfinished.length > 0) lines.push(`  unfinished  ${unfinished.join(', ')}: begun, and not run to the end`);
  return [...lines, ...coverageLines(tally, knownBranches(task.settings), unmet)].join('\n');
}

function healingLines({ beyondHealing, healingTimes }: Tally, most: number): string[] {
  const tooMany = beyondHealing > most ? `, where ${most} may` : '';
  const [median, worst] = [healingTimes.within(0.5), healingTimes.within(1)];
  const lines = [`  healing     ${counted(beyondHealing, 'run')} ended with too many memories gone to go on${tooMany}`];
  if (median !== undefined && worst !== undefined)
    lines.push(
      `              half were level within ${shownDuration(median)} of the world, all within ${shownDuration(worst)}`,
    );
  return lines;
}

function coverageLines({ coverage }: Tally, known: readonly string[], unmet: readonly string[] | undefined): string[] {
  const met = known.filter((branch) => coverage.has(branch)).length;
  const why = `not required: that takes ${seedsForCoverage} seeds or more, of the testbed, with the default settings`;
  const verdict = unmet === undefined ? why : unmet.length === 0 ? 'all required are met' : 'all are required';
  const longest = Math.max(...known.map(({ length }) => length));
  return [
    `  coverage    ${met} of ${known.length} branches and faults; ${verdict}`,
    ...known.map((branch) => {
      const times = coverage.get(branch);
      return `    ${branch.padEnd(longest)}  ${times === undefined ? 'never met' : shownNumber(times).padStart(12)}`;
    }),
  ];
}

function millions(count: number): string {
  return (count / 1e6).toLocaleString('en', { minimumFractionDigits: 3, maximumFractionDigits: 3 });
}
