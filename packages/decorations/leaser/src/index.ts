export type { Lease } from './lease.ts';
export type { ClearEntry, ExtendEntry, LeaseClaim, LeaseEntry, ReleaseEntry, TakeEntry } from './lease-entry.ts';
export { LeaseLostError, LeaseTimeoutError } from './lease-errors.ts';
export { type FrozenLeases, LeaseTable } from './lease-table.ts';
export { type LeaserApi, leaser } from './leaser.ts';
export type { LeaserOptions, TakeLeaseOptions } from './leaser-options.ts';
