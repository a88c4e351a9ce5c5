/** The pure protocol, for simulators. Outside semantic versioning: it may change in any release. */
export { compareCoordNums, greaterCoordNum, nextCoordNum, sameCoordNum } from './coord-num.ts';
export type * from './durable-record.ts';
export type * from './effect.ts';
export type * from './input.ts';
export { BrokenInvariant } from './invariant.ts';
export { majorityOf } from './majority-of.ts';
export { PromiseLedger } from './promise-ledger.ts';
export { Replica, type Standing } from './replica.ts';
export * from './settings.ts';
export type * from './snapshot-image.ts';
export { Window } from './window.ts';
