import type { CommunicatorTrouble } from '../contracts/index.ts';

/** Of the same trouble, each one of this many is reported at the least. */
const reportEvery = 1_024;

interface Tally {
  count: number;
  nextAt: number;
  reported: number;
}

/**
 * Counts troubles and reports them at a bounded rate: of each kind the 1st, 2nd, 4th, 8th and so on, then each 1,024th, with
 * how many there were since the last report. A flood of bad frames thus costs a count, not a flood of reports.
 */
export class TroubleCounter {
  readonly #report: (trouble: CommunicatorTrouble) => void;
  readonly #tallies = new Map<string, Tally>();

  constructor(report: (trouble: CommunicatorTrouble) => void) {
    this.#report = report;
  }

  /** `reason` is one of a fixed set; what differs from one trouble to the next goes into `detail`. */
  count(type: CommunicatorTrouble['type'], reason: string, peer?: string, detail?: string): void {
    let tally = this.#tallies.get(reason);
    if (tally === undefined) {
      tally = { count: 0, nextAt: 1, reported: 0 };
      this.#tallies.set(reason, tally);
    }
    tally.count++;
    if (tally.count < tally.nextAt) return;
    const count = tally.count - tally.reported;
    tally.reported = tally.count;
    tally.nextAt += Math.min(tally.count, reportEvery);
    const text = detail === undefined ? reason : `${reason}: ${detail}`;
    this.#report({ type, count, reason: text, ...(peer === undefined ? {} : { peer }) });
  }
}
