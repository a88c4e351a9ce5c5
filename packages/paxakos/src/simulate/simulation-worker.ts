import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { InvalidError } from '@paxakos/core';
import { shrink, simulate } from '@paxakos/simulator';
import { reasonOf } from '../node/reason-of.ts';
import type { RunSettings } from './run-settings.ts';
import type { SeedOrder, SeedReport } from './seed-worker.ts';
import { simulationOptionsOf } from './simulation-options-of.ts';

/** What goes on in a thread: runs the seeds that it is told, one at a time. */
export function simulationWorker(port: MessagePort, settings: RunSettings): void {
  const options = simulationOptionsOf(settings);
  const carryOut = async ({ seed, shrinks }: SeedOrder): Promise<SeedReport> => {
    try {
      const whole = { ...(await options), seed };
      return { result: await (shrinks ? shrink(whole) : simulate(whole)) };
    } catch (error) {
      return { problem: reasonOf(error), isInvalid: error instanceof InvalidError };
    }
  };
  port.on('message', (order: SeedOrder) => {
    void carryOut(order).then((report) => port.postMessage(report));
  });
}

if (parentPort !== null) simulationWorker(parentPort, workerData as RunSettings);
