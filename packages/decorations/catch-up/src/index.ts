export type { CatchUpProgress } from './borrower.ts';
export { type CatchUp, catchUp } from './catch-up.ts';
export type { CatchUpOptions } from './catch-up-options.ts';
export type { Vet } from './lender.ts';
