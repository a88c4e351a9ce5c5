import type { CoordNum, Entry, RoundNum } from '@paxakos/core/contracts';

/** A number in few letters: its counter, its node, and the beginning of its memory. */
export function describeNumber({ counter, node, incarnation }: CoordNum): string {
  return `${counter}${node}.${incarnation.slice(0, 3)}`;
}

/** Rounds in few letters. */
export function describeSpan(from: RoundNum, to: RoundNum): string {
  if (from === to) return `${from}`;
  return to === Number.MAX_SAFE_INTEGER ? `${from}-` : `${from}-${to}`;
}

/** An entry in words: its id, or what it is where it is the protocol's own. */
export function textOf(entry: Entry | undefined): string {
  if (entry === undefined) return 'nothing';
  return entry.kind === 'application' ? new TextDecoder().decode(entry.id) : entry.kind;
}
