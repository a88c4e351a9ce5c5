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

/** What goes on, and how far it is. */
export function progressOf({ phase, acknowledged, total }: Board): string {
  if (acknowledged === 0) return phase;
  const of = total === undefined ? '' : ` of ${total.toLocaleString('en')}`;
  return `${phase}: ${acknowledged.toLocaleString('en')}${of} acknowledged`;
}

export function nodeLine({ id, pid, status, appendsPerSecond }: NodeProcess): string {
  if (status === undefined) return `${id}  down`;
  const round = status.round.toLocaleString('en').padStart(11);
  const rate = Math.round(appendsPerSecond).toLocaleString('en').padStart(8);
  const named = status.participation === 'active' ? status.status : `${status.status} (${status.participation})`;
  return `${id}  ${named.padEnd(12)} round ${round}   leader ${status.leader ?? '-'}   ${rate} appends/s   process ${pid}`;
}
