import type { LogEntry } from '@paxakos/core/contracts';

/** One holder of a lease, or one that waits for it, as the table has it. */
export interface LeaseClaim {
  readonly name: string;
  /** Names the claim; unique to one call of `takeLease`. */
  readonly claim: string;
  /** Who claims it: a node id. */
  readonly holder: string;
  /** How long the claim is good for after it was taken or extended, in milliseconds. */
  readonly durationMs: number;
  /** The number of its last take or extension. No number is ever used twice in a table. */
  readonly extension: number;
  /** The fencing token, where the claim holds the lease: greater than any token that the table has given before. */
  readonly token?: number;
}

/** Claims a lease, or keeps the claim alive where it is there already. Its outcome is the claim; `undefined` where it is refused. */
export type TakeEntry = LogEntry<
  'lease/take',
  {
    readonly name: string;
    readonly claim: string;
    readonly holder: string;
    readonly durationMs: number;
    /** Whether it waits in line where another one holds the lease. */
    readonly queue: boolean;
  },
  LeaseClaim | undefined
>;

/** Keeps a held lease. Its outcome is the claim; `undefined` where this token no longer holds it. */
export type ExtendEntry = LogEntry<
  'lease/extend',
  { readonly name: string; readonly token: number },
  LeaseClaim | undefined
>;

/** Gives a claim up, held or waiting. Its outcome says whether it was there. */
export type ReleaseEntry = LogEntry<'lease/release', { readonly name: string; readonly claim: string }, boolean>;

/**
 * Clears the claim whose last extension is the one of this number, and no other: an extension that got in first wins. Its outcome
 * says whether it was there.
 */
export type ClearEntry = LogEntry<'lease/clear', { readonly name: string; readonly extension: number }, boolean>;

/** The entries that a lease table applies. They must be of the application's log. */
export type LeaseEntry = TakeEntry | ExtendEntry | ReleaseEntry | ClearEntry;
