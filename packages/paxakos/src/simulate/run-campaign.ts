import type { SimulationResult } from '@paxakos/simulator';
import { failureLine } from './failure-text.ts';
import type { Progress } from './progress.ts';
import { SeedWorker } from './seed-worker.ts';
import type { CampaignTask } from './simulate-task.ts';
import type { CampaignEnd } from './summary.ts';
import { Tally } from './tally.ts';

/** For so long is waited for runs that go on after an interruption, and after the end of the time. */
const patienceMs = { interrupted: 5_000, over: 20_000 };

/** What was found out about a failure. */
export interface Finding {
  /** Whether a run of its own, in a fresh thread, went exactly the same way; `undefined` where it did not come to that. */
  readonly repeats: boolean | undefined;
  /** The same failure with fewer faults. */
  readonly least: SimulationResult | undefined;
}

/** A campaign that has ended. */
export interface FinishedCampaign extends CampaignEnd {
  readonly findings: ReadonlyMap<number, Finding>;
}

/** Runs many seeds in several threads. Ends early when the time is over, `signal` is aborted, or enough has failed. */
export async function runCampaign(
  task: CampaignTask,
  progress: Progress,
  signal: AbortSignal,
): Promise<FinishedCampaign> {
  return await new Campaign(task, progress, signal).run();
}

class Campaign {
  readonly #task: CampaignTask;
  readonly #progress: Progress;
  readonly #tally: Tally;
  readonly #interruption: AbortSignal;
  /** Aborted when no further seed is to be begun. */
  readonly #over: AbortSignal;
  readonly #findings = new Map<number, Finding>();
  readonly #workers = new Set<SeedWorker>();
  readonly #running = new Set<number>();
  readonly #startedAt = performance.now();
  #dealt = 0;

  constructor(task: CampaignTask, progress: Progress, signal: AbortSignal) {
    this.#task = task;
    this.#progress = progress;
    this.#tally = new Tally(task.from);
    this.#interruption = signal;
    this.#over = AbortSignal.any(task.timeMs === Infinity ? [signal] : [signal, AbortSignal.timeout(task.timeMs)]);
  }

  async run(): Promise<FinishedCampaign> {
    const timer = setInterval(() => this.#draw(), 1_000);
    const timers: NodeJS.Timeout[] = [];
    const hasNoMore = new Promise<void>((resolve) => {
      const endIn = (ms: number) => timers.push(setTimeout(resolve, ms));
      this.#over.addEventListener('abort', () => endIn(patienceMs.over));
      this.#interruption.addEventListener('abort', () => endIn(patienceMs.interrupted));
    });
    try {
      await Promise.race([Promise.all(Array.from({ length: this.#task.jobs }, () => this.#lane())), hasNoMore]);
    } finally {
      clearInterval(timer);
      for (const each of timers) clearTimeout(each);
      this.#progress.clear();
      await Promise.all([...this.#workers].map((worker) => worker.close()));
    }
    this.#tally.close();
    const elapsedMs = performance.now() - this.#startedAt;
    return {
      tally: this.#tally,
      elapsedMs,
      unfinished: [...this.#running].sort((a, b) => a - b),
      isCut: this.#interruption.aborted && (!this.#task.isEndless || this.#tally.runs === 0),
      findings: this.#findings,
    };
  }

  /** Takes the next seed for as long as there are any: which thread runs which seed makes no difference to a run. */
  async #lane(): Promise<void> {
    const { from, seeds } = this.#task;
    const worker = this.#open();
    while (!this.#over.aborted && !this.#tally.hasEnough && this.#dealt < seeds) {
      const seed = from + this.#dealt;
      this.#dealt += 1;
      this.#running.add(seed);
      const result = await worker.run(seed);
      this.#running.delete(seed);
      this.#tally.add(result);
      this.#draw();
      if (!result.passed) await this.#examine(result);
    }
  }

  async #examine(result: SimulationResult): Promise<void> {
    const { fingerprint, seed } = result;
    this.#progress.event(failureLine(result));
    const worker = this.#open();
    const again = await worker.run(seed);
    const repeats = again.fingerprint === fingerprint && failureLine(again) === failureLine(result);
    this.#findings.set(seed, { repeats, least: undefined });
    if (this.#task.shrinks && repeats) {
      this.#progress.event(`seed ${seed}: looking for fewer faults`);
      this.#findings.set(seed, { repeats, least: await worker.shrink(seed) });
    }
    this.#workers.delete(worker);
    await worker.close();
  }

  #open(): SeedWorker {
    const worker = new SeedWorker(this.#task.settings);
    this.#workers.add(worker);
    return worker;
  }

  #draw(): void {
    this.#progress.draw(this.#task, this.#tally, performance.now() - this.#startedAt);
  }
}
