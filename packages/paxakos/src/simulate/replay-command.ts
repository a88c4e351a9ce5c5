import type { SimulationResult } from '@paxakos/simulator';
import type { RunSettings } from './run-settings.ts';

/** The one command that runs this again, for a shell. */
export function replayCommand({ replay }: SimulationResult, { state, isDecorated }: RunSettings): string {
  if (isDecorated) return `${replay} --decorated`;
  if (state === undefined) return replay;
  const isPlain = /^[\w@%+:,./-]+$/.test(state);
  return `${replay} --state ${isPlain ? state : `'${state.replaceAll("'", `'\\''`)}'`}`;
}
