import type { NodeProcess } from './node-process.ts';

/** What there is to see at some moment. */
export interface Board {
  readonly phase: string;
  readonly nodes: readonly NodeProcess[];
  readonly acknowledged: number;
  readonly total: number | undefined;
}

/** Shows what happens. */
export interface View {
  event(text: string): void;
  draw(board: Board): void;
  /** Leaves what it shows as it is. */
  close(): void;
}

/** Seconds since the start, as events are stamped. */
export function stampOf(startedAt: number): string {
  return `${((performance.now() - startedAt) / 1_000).toFixed(1).padStart(6)} s`;
}

/** A number as people read it. */
export function shownNumber(count: number): string {
  return count.toLocaleString('en');
}

/** So many of something. */
export function counted(count: number, noun: string): string {
  return `${shownNumber(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** What goes on, and how far it is. */
export function progressOf({ phase, acknowledged, total }: Board): string {
  if (acknowledged === 0) return phase;
  const of = total === undefined ? '' : ` of ${shownNumber(total)}`;
  return `${phase}: ${shownNumber(acknowledged)}${of} acknowledged`;
}

export function nodeLine({ id, pid, status, appendsPerSecond }: NodeProcess): string {
  if (status === undefined) return `${id}  down`;
  const round = shownNumber(status.round).padStart(11);
  const rate = shownNumber(Math.round(appendsPerSecond)).padStart(8);
  const named = status.participation === 'active' ? status.status : `${status.status} (${status.participation})`;
  return `${id}  ${named.padEnd(12)} round ${round}   leader ${status.leader ?? '-'}   ${rate} appends/s   process ${pid}`;
}
