export { LeaseError, type LeaseRefusal } from './lease-error.ts';
export { type MasterLeases, masterLeases } from './master-leases.ts';
export type { MasterLeasesOptions } from './master-leases-options.ts';
