import type { SimulationResult } from '@paxakos/simulator';
import { counted, shownNumber } from '../demo/view.ts';
import { replayCommand } from './replay-command.ts';
import type { RunSettings } from './run-settings.ts';

/** What failed, in one line. */
export function failureLine({ seed, violation }: SimulationResult): string {
  const [problem = ''] = (violation?.problem ?? '').split('\n');
  return `seed ${seed} failed: ${violation?.checker ?? ''}: ${problem}`;
}

/**
 * A failure in full: the property, the command that replays it, the faults with their places, and the last of what happened, so
 * many lines of it. The same run gives the same text.
 */
export function failureText(result: SimulationResult, settings: RunSettings, linesMax = 40): string {
  const { transcript, violation } = result;
  const [, ...more] = (violation?.problem ?? '').split('\n');
  const last = transcript.slice(-linesMax);
  return [
    failureLine(result),
    ...more.map((line) => `    ${line.trim()}`),
    `  replay: ${replayCommand(result, settings)}`,
    ...factsOf(result),
    `  the last ${counted(last.length, 'line')} of what happened (milliseconds of the world, node and life):`,
    ...last,
  ].join('\n');
}

/** A run that passed. The same run gives the same text. */
export function passedText(result: SimulationResult): string {
  const { appends, committed, levelAfterMs, seed } = result;
  const end = levelAfterMs === undefined ? 'too many memories were gone to go on' : `level after ${levelAfterMs} ms`;
  return [
    `seed ${seed} passed: ${shownNumber(appends)} appends tried, ${shownNumber(committed)} acknowledged; ${end}`,
    ...factsOf(result),
    '  coverage is not asked of a single seed',
  ].join('\n');
}

function factsOf(result: SimulationResult): string[] {
  const { events, faults, fingerprint, violation, worldMs } = result;
  const atMs = Math.round(violation?.atMs ?? worldMs);
  const places = placesIn(result);
  return [
    `  ${shownNumber(events)} events in ${shownNumber(atMs)} ms of the world; fingerprint ${fingerprint}`,
    `  ${counted(faults.length, 'fault')}${faults.length === 0 ? '' : ', by their places for --keep:'}`,
    ...faults.map((fault, index) => `  ${String(places[index]).padStart(4)}  ${fault}`),
  ];
}

/** Where the faults of a run stand in the plan of its seed. */
function placesIn({ faults, replay }: SimulationResult): readonly (number | string)[] {
  return /--keep ([\d,]+)/.exec(replay)?.[1]?.split(',') ?? faults.map((_, index) => index);
}
