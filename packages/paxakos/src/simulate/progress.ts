import type { WriteStream } from 'node:tty';
import { shownNumber } from '../demo/view.ts';
import { shownDuration } from './duration.ts';
import type { CampaignTask } from './simulate-task.ts';
import type { Tally } from './tally.ts';

const redrawMsMin = 200;
const lineEveryMs = 10_000;

/** Where progress goes: a terminal, or anything else that takes text. */
export type ProgressStream = Pick<WriteStream, 'write'> & Partial<Pick<WriteStream, 'columns' | 'isTTY'>>;

/** Shows how far a campaign is: on a terminal as one line that is written again and again, else as a line every ten seconds. */
export class Progress {
  readonly #out: ProgressStream;
  readonly #now: () => number;
  #drawnAt: number;
  #isDrawn = false;

  constructor(out: ProgressStream, now: () => number = () => performance.now()) {
    this.#out = out;
    this.#now = now;
    this.#drawnAt = now();
  }

  /** Something that happened, as a line that stays. */
  event(text: string): void {
    this.clear();
    this.#out.write(`${text}\n`);
  }

  draw(task: CampaignTask, tally: Tally, elapsedMs: number): void {
    const isTerminal = this.#out.isTTY === true;
    const now = this.#now();
    if (now - this.#drawnAt < (isTerminal ? redrawMsMin : lineEveryMs)) return;
    this.#drawnAt = now;
    const line = progressLine(task, tally, elapsedMs);
    if (!isTerminal) {
      this.#out.write(`${line}\n`);
      return;
    }
    const width = Math.max(20, this.#out.columns ?? 80) - 1;
    this.#out.write(`\r${line.slice(0, width)}\u001b[K`);
    this.#isDrawn = true;
  }

  /** Leaves a clean line. */
  clear(): void {
    if (this.#isDrawn) this.#out.write('\r\u001b[K');
    this.#isDrawn = false;
  }
}

/** How far a campaign is, in one line. */
function progressLine({ seeds, timeMs, isEndless }: CampaignTask, tally: Tally, elapsedMs: number): string {
  const { appends, failures, runs } = tally;
  const perSecond = runs / (elapsedMs / 1_000);
  const hasEnd = !isEndless && seeds < Number.MAX_SAFE_INTEGER / 2;
  const leftMs = Math.min(timeMs - elapsedMs, hasEnd && runs > 0 ? ((seeds - runs) / perSecond) * 1_000 : Infinity);
  return [
    `${shownNumber(runs)}${hasEnd ? ` of ${shownNumber(seeds)}` : ''} seeds`,
    `${perSecond.toFixed(1)} seeds/s`,
    `${shownNumber(appends)} appends`,
    `${failures.length} failed`,
    leftMs === Infinity ? shownDuration(elapsedMs) : `${shownDuration(Math.max(0, leftMs))} left`,
  ].join('   ');
}
