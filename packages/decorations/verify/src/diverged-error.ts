import { PaxakosError, type RoundNum } from '@paxakos/core/contracts';

/**
 * The state of this node is another one than that of a majority. It went wrong in one of the rounds `from` to `to`. Code:
 * `PAXAKOS_DIVERGED`.
 */
export class DivergedError extends PaxakosError {
  /** The round after the last check point where it was equal; 1 where it never was since this node started, or got its state. */
  readonly from: RoundNum;
  /** The check point where it was found to be different. */
  readonly to: RoundNum;

  constructor(from: RoundNum, to: RoundNum) {
    super('PAXAKOS_DIVERGED', `the state differs from that of a majority since one of the rounds ${from} to ${to}`);
    this.from = from;
    this.to = to;
  }
}
