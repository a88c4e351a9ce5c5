import type { SnapshotName } from './message.ts';

/** Whether both name the same bytes. */
export function sameName(a: SnapshotName | undefined, b: SnapshotName | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return a.round === b.round && a.length === b.length && a.high === b.high && a.low === b.low;
}
