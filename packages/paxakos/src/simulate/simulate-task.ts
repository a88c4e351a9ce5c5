import { availableParallelism } from 'node:os';
import { type ProfileName, profileNames } from '@paxakos/simulator';
import { UsageError } from '../demo/demo-error.ts';
import { parsedDuration } from './duration.ts';
import type { RunSettings } from './run-settings.ts';

const seedsDefault = 1_000;
const jobsMax = 256;
/** Of what a timer can wait for. */
const timeMsMax = 500 * 3_600_000;

/** What was given on the command line. */
export interface SimulateArguments {
  readonly seeds?: string | undefined;
  readonly from?: string | undefined;
  readonly time?: string | undefined;
  readonly endless: boolean;
  readonly seed?: string | undefined;
  readonly keep?: string | undefined;
  readonly trace?: string | undefined;
  readonly profile?: string | undefined;
  readonly nodes?: string | undefined;
  readonly 'horizon-ms'?: string | undefined;
  readonly state?: string | undefined;
  readonly decorated: boolean;
  readonly shrink: boolean;
  readonly jobs?: string | undefined;
}

/** Many seeds, one after the other. */
export interface CampaignTask {
  readonly kind: 'campaign';
  readonly settings: RunSettings;
  readonly from: number;
  /** How many at most; may be infinite. */
  readonly seeds: number;
  /** How long at most, in real milliseconds; may be infinite. */
  readonly timeMs: number;
  readonly isEndless: boolean;
  readonly shrinks: boolean;
  readonly jobs: number;
}

/** One seed, looked at closely. */
export interface ReplayTask {
  readonly kind: 'replay';
  readonly settings: RunSettings;
  readonly seed: number;
  readonly keep: readonly number[] | undefined;
  /** Where the whole transcript goes; `-` is standard output. */
  readonly trace: string | undefined;
  readonly shrinks: boolean;
}

/** Reads what was given. Throws a `UsageError` where it cannot be meant. */
export function simulateTask(given: SimulateArguments): CampaignTask | ReplayTask {
  for (const [name, value] of Object.entries(given))
    if (value === '') throw new UsageError(`--${name} is empty: give it a value`);
  const settings: RunSettings = {
    profile: profileOf(given.profile),
    nodes: given.nodes === undefined ? undefined : integer('nodes', given.nodes, 1, 7),
    horizonMs: given['horizon-ms'] === undefined ? undefined : integer('horizon-ms', given['horizon-ms'], 0, 3_600_000),
    state: given.state,
    isDecorated: given.decorated,
  };
  if (settings.isDecorated) refuseBeside(given, ['state'], 'does not go with --decorated', 'leave out one of them');
  return given.seed === undefined ? campaignOf(given, settings) : replayOf(given, given.seed, settings);
}

function campaignOf(given: SimulateArguments, settings: RunSettings): CampaignTask {
  const { endless: isEndless, time, shrink: shrinks } = given;
  refuseBeside(given, ['keep', 'trace'], 'is of one run', 'name its --seed');
  if (isEndless) refuseBeside(given, ['seeds', 'time'], 'does not go with --endless', 'leave out one of them');
  const timeMs = time === undefined ? Number.POSITIVE_INFINITY : parsedDuration(time);
  if (timeMs === undefined || (timeMs > timeMsMax && time !== undefined))
    throw new UsageError(`--time is ${time}: give a length of time such as 90s, 10m or 1.5h, of 500h at most`);
  const from = integer('from', given.from ?? '0', 0, Number.MAX_SAFE_INTEGER);
  const most = Math.min(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER - from + 1);
  const isOpen = isEndless || (time !== undefined && given.seeds === undefined);
  const seeds = isOpen ? most : integer('seeds', given.seeds ?? `${Math.min(seedsDefault, most)}`, 1, most);
  const jobs = given.jobs === undefined ? availableParallelism() : integer('jobs', given.jobs, 1, jobsMax);
  return { kind: 'campaign', settings, from, seeds, timeMs, isEndless, shrinks, jobs: Math.min(jobs, seeds) };
}

function replayOf(given: SimulateArguments, text: string, settings: RunSettings): ReplayTask {
  const seed = integer('seed', text, 0, Number.MAX_SAFE_INTEGER);
  refuseBeside(given, ['seeds', 'from', 'time', 'endless', 'jobs'], 'does not go with --seed', 'leave out one of them');
  const { keep, trace, shrink: shrinks } = given;
  if (shrinks && trace !== undefined)
    throw new UsageError(`--trace is ${trace}, and --shrink runs many times: trace what it prints at last`);
  return { kind: 'replay', settings, seed, keep: keep === undefined ? undefined : keptOf(keep), trace, shrinks };
}

function refuseBeside(
  given: SimulateArguments,
  names: readonly (keyof SimulateArguments)[],
  problem: string,
  remedy: string,
): void {
  for (const name of names) {
    const value = given[name];
    if (value === undefined || value === false) continue;
    throw new UsageError(`--${name}${value === true ? '' : ` ${value}`} ${problem}: ${remedy}`);
  }
}

function keptOf(text: string): readonly number[] {
  if (text === 'none') return [];
  if (!/^\d{1,9}(,\d{1,9})*$/.test(text))
    throw new UsageError(`--keep is ${text}: give the places of faults, such as 0,3,7, or none`);
  return [...new Set(text.split(',').map(Number))].sort((a, b) => a - b);
}

function profileOf(text = 'rough'): ProfileName {
  const profile = profileNames.find((name) => name === text);
  if (profile === undefined) throw new UsageError(`--profile is ${text}: give one of ${profileNames.join(', ')}`);
  return profile;
}

function integer(name: string, text: string, min: number, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max && Number.isSafeInteger(value)) return value;
  const most = max === Number.MAX_SAFE_INTEGER ? '2^53 - 1' : max.toLocaleString('en');
  throw new UsageError(`--${name} is ${text}: give a whole number from ${min} to ${most}`);
}
