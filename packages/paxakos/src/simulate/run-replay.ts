import { closeSync, openSync, writeSync } from 'node:fs';
import { InvalidError } from '@paxakos/core';
import { type SimulationOptions, type SimulationResult, shrink, simulate } from '@paxakos/simulator';
import { UsageError } from '../demo/demo-error.ts';
import { reasonOf } from '../node/reason-of.ts';
import { failureText, passedText } from './failure-text.ts';
import type { ReplayTask } from './simulate-task.ts';
import { simulationOptionsOf } from './simulation-options-of.ts';

/**
 * Runs one seed, and says all of it that the simulator kept. Gives the exit code. Nothing that it writes has a real time in it: the
 * same run gives the same bytes.
 */
export async function runReplay(task: ReplayTask): Promise<number> {
  const { keep, seed, settings, shrinks } = task;
  const options = { ...(await simulationOptionsOf(settings)), seed, ...(keep === undefined ? {} : { keep }) };
  const result = await traced(options, task);
  if (keep !== undefined && result.faults.length < keep.length)
    throw new UsageError(`--keep is ${keep.join()}: the plan of seed ${seed} has no fault in some of these places`);
  // A transcript on standard output is to be the whole of it.
  const say = task.trace === '-' ? console.error : console.log;
  const { length } = result.transcript;
  say(result.passed ? passedText(result) : failureText(result, settings, length));
  if (shrinks && result.passed) say('  nothing is shrunk: only a run that fails can be');
  if (shrinks && !result.passed) {
    const least = await shrink(options);
    say(`\nwith the fewest faults that were found:\n${failureText(least, settings, length)}`);
  }
  return result.passed ? 0 : 1;
}

async function traced(options: SimulationOptions, { settings, trace }: ReplayTask): Promise<SimulationResult> {
  const out = trace === undefined ? undefined : openTrace(trace);
  try {
    return await simulate(out === undefined ? options : { ...options, onLine: (line) => out.write(`${line}\n`) });
  } catch (error) {
    if (error instanceof InvalidError) throw new UsageError(`--state is ${settings.state}: ${error.message}`);
    throw error;
  } finally {
    out?.close();
  }
}

interface Trace {
  write(text: string): void;
  close(): void;
}

function openTrace(path: string): Trace {
  if (path === '-') {
    // Whoever reads it may have enough of it.
    process.stdout.once('error', () => process.exit(1));
    return { write: (text) => process.stdout.write(text), close: () => {} };
  }
  try {
    const file = openSync(path, 'w');
    return { write: (text) => writeSync(file, text), close: () => closeSync(file) };
  } catch (error) {
    throw new UsageError(
      `--trace is ${path}, which cannot be written (${reasonOf(error)}): name a file that can, or -`,
      {
        cause: error,
      },
    );
  }
}
