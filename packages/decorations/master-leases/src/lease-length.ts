import { InvalidError, type PaxakosNode } from '@paxakos/core/contracts';
import { isLease, type OfState } from './master-leases-options.ts';

/** How long leases are, in milliseconds, as the state says; where it says nothing of use, as it last did. */
export class LeaseLength {
  readonly #leaseMs: OfState<unknown>;
  readonly #leaseMsMax: number;
  readonly #node: Pick<PaxakosNode, 'read'>;
  readonly #report: (error: unknown) => void;
  #last: number;
  #isBad = false;

  constructor(
    leaseMs: OfState<unknown>,
    leaseMsMax: number,
    node: Pick<PaxakosNode, 'read'>,
    report: (error: unknown) => void,
  ) {
    this.#leaseMs = leaseMs;
    this.#leaseMsMax = leaseMsMax;
    this.#node = node;
    this.#report = report;
    this.#last = typeof leaseMs === 'number' ? leaseMs : Math.min(1_000, leaseMsMax);
  }

  /** How long one that begins now is. */
  get ms(): number {
    const leaseMs = this.#leaseMs;
    if (typeof leaseMs === 'number') return leaseMs;
    // A stale read calls its function before it returns; without a state it does not.
    this.#node.read((state) => this.#ask(leaseMs, state), { consistency: 'stale' }).catch(() => {});
    return this.#last;
  }

  #ask(leaseMs: (state: unknown) => number, state: unknown): void {
    try {
      const ms = leaseMs(state);
      if (!isLease(ms) || ms > this.#leaseMsMax)
        throw new InvalidError('masterLeases.leaseMs', ms, `give milliseconds from 10 to ${this.#leaseMsMax}`);
      this.#last = ms;
      this.#isBad = false;
    } catch (error) {
      // Once: it is asked with every other vote.
      if (!this.#isBad) this.#report(error);
      this.#isBad = true;
    }
  }
}
