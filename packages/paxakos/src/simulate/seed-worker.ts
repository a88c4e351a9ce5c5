import { Worker } from 'node:worker_threads';
import type { SimulationResult } from '@paxakos/simulator';
import { DemoError, UsageError } from '../demo/demo-error.ts';
import type { RunSettings } from './run-settings.ts';

/** What a worker is told to do. */
export interface SeedOrder {
  readonly seed: number;
  readonly shrinks: boolean;
}

/** What a worker answers. */
export type SeedReport =
  | { readonly result: SimulationResult }
  /** `isInvalid`: what the application gave is not what it must be. */
  | { readonly problem: string; readonly isInvalid: boolean };

/** A thread that runs one seed at a time. */
export class SeedWorker {
  readonly #worker: Worker;
  readonly #settings: RunSettings;
  #answer: ((report: SeedReport) => void) | undefined;
  #end: string | undefined;

  constructor(settings: RunSettings) {
    this.#settings = settings;
    this.#worker = new Worker(new URL('./simulation-worker.js', import.meta.url), { workerData: settings });
    this.#worker.on('message', (report: SeedReport) => this.#settle(report));
    this.#worker.on('error', (error: unknown) => this.#over(error instanceof Error ? error.message : String(error)));
    this.#worker.on('exit', (code) => this.#over(`its thread ended with ${code}`));
  }

  /** Runs a seed. Rejects with a `DemoError` where it cannot be run to its end, or what was given is not right. */
  run(seed: number): Promise<SimulationResult> {
    return this.#order({ seed, shrinks: false });
  }

  /** Finds fewer faults with which a seed still fails. Rejects as `run` does. */
  shrink(seed: number): Promise<SimulationResult> {
    return this.#order({ seed, shrinks: true });
  }

  /** Ends the thread, whatever it does. */
  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  async #order(order: SeedOrder): Promise<SimulationResult> {
    const report = await new Promise<SeedReport>((resolve) => {
      if (this.#end !== undefined) return resolve({ problem: this.#end, isInvalid: false });
      this.#answer = resolve;
      this.#worker.postMessage(order);
    });
    if ('result' in report) return report.result;
    if (report.isInvalid) throw new UsageError(`--state is ${this.#settings.state}: ${report.problem}`);
    throw new DemoError(`seed ${order.seed} cannot be run to its end (${report.problem}): run it alone with --seed`);
  }

  #over(problem: string): void {
    this.#end ??= problem;
    this.#settle({ problem: this.#end, isInvalid: false });
  }

  #settle(report: SeedReport): void {
    this.#answer?.(report);
    this.#answer = undefined;
  }
}
