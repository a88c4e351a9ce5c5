import { PaxakosError } from '@paxakos/core/contracts';

/** A lease was not to be had in time. Code: `PAXAKOS_LEASE_TIMEOUT`. */
export class LeaseTimeoutError extends PaxakosError {
  /** The name of the lease. */
  readonly lease: string;

  constructor(lease: string, waitMs: number, options?: { readonly cause?: unknown }) {
    super(
      'PAXAKOS_LEASE_TIMEOUT',
      waitMs === 0
        ? `lease ${JSON.stringify(lease)} is not free, or the log did not answer: wait for it with waitMs, or try again`
        : `lease ${JSON.stringify(lease)} was not to be had within ${waitMs} ms: wait longer, or try again`,
      options,
    );
    this.lease = lease;
  }
}

/** A lease is held no longer, or may not be. Code: `PAXAKOS_LEASE_LOST`. */
export class LeaseLostError extends PaxakosError {
  /** The name of the lease. */
  readonly lease: string;
  /** Its fencing token. */
  readonly token: number;

  constructor(lease: string, token: number, why: string, options?: { readonly cause?: unknown }) {
    super('PAXAKOS_LEASE_LOST', `lease ${JSON.stringify(lease)} is no longer held: ${why}`, options);
    this.lease = lease;
    this.token = token;
  }
}
