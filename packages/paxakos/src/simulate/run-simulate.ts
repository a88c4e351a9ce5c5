import { constants } from 'node:os';
import { failureText } from './failure-text.ts';
import { Progress } from './progress.ts';
import { type FinishedCampaign, runCampaign } from './run-campaign.ts';
import { runReplay } from './run-replay.ts';
import { type CampaignTask, type SimulateArguments, simulateTask } from './simulate-task.ts';
import { simulationOptionsOf } from './simulation-options-of.ts';
import { hasOnlyBeenCut, hasPassed, summaryText } from './summary.ts';

const signals = ['SIGINT', 'SIGTERM'] as const;

/** `paxakos simulate`. Gives the exit code. */
export async function runSimulate(given: SimulateArguments): Promise<number> {
  const task = simulateTask(given);
  if (task.kind === 'replay') return await runReplay(task);
  // What is wrong with a module is said once, and before anything begins.
  await simulationOptionsOf(task.settings);
  const interruption = new AbortController();
  let signal: (typeof signals)[number] | undefined;
  const progress = new Progress(process.stderr);
  const interrupt = (name: (typeof signals)[number]) => {
    if (signal !== undefined) process.exit(128 + constants.signals[name]);
    signal = name;
    progress.event('interrupted: what runs is run to its end; a second time ends at once');
    interruption.abort();
  };
  for (const name of signals) process.on(name, interrupt);
  progress.event(beginning(task));
  const end = await runCampaign(task, progress, interruption.signal);
  for (const name of signals) process.off(name, interrupt);
  for (const text of failureTexts(task, end)) console.log(`${text}\n`);
  console.log(summaryText(task, end));
  if (hasPassed(task, end)) return 0;
  return signal !== undefined && hasOnlyBeenCut(task, end) ? 128 + constants.signals[signal] : 1;
}

function beginning({ from, isEndless, jobs, seeds, settings, timeMs }: CampaignTask): string {
  const bounds = [
    ...(isEndless ? ['until it is interrupted'] : []),
    ...(timeMs < Infinity ? [`for ${timeMs / 1_000} s`] : []),
    ...(seeds < Number.MAX_SAFE_INTEGER / 2 ? [`${seeds} of them`] : []),
  ];
  const testbed = settings.isDecorated ? 'the testbed with all ten decorations' : 'the testbed';
  const what = settings.state ?? testbed;
  return `simulating ${what}, profile ${settings.profile}: seeds from ${from}, ${bounds.join(', ')}; jobs: ${jobs}`;
}

function failureTexts({ settings, shrinks }: CampaignTask, { findings, tally }: FinishedCampaign): string[] {
  return tally.failures.flatMap((failure) => {
    const { repeats, least } = findings.get(failure.seed) ?? {};
    const texts = [failureText(failure, settings)];
    if (repeats === undefined) texts.push('  it has not been run again, as there was no time left');
    if (repeats === false)
      texts.push(
        '  it does NOT fail in the same way when it is run again by itself: the state, or what else is given, uses more than its\n' +
          '  arguments: a clock, Math.random, or something that it keeps from run to run',
      );
    if (least !== undefined) texts.push(`with the fewest faults that were found:\n${failureText(least, settings)}`);
    else if (shrinks && repeats !== false) texts.push('  it has not been shrunk, as there was no time left');
    return texts;
  });
}
