import type { Entry, RoundNum } from '../contracts/index.ts';

/** Cuts items, in round order, into runs of consecutive rounds whose entries hold at most `bytesMax`, but for a single one. */
export function splitRuns<Item extends { readonly round: RoundNum; readonly entry: Entry }>(
  items: readonly Item[],
  bytesMax: number,
): Item[][] {
  const runs: Item[][] = [];
  let run: Item[] = [];
  let bytes = 0;
  for (const item of items) {
    const length = item.entry.bytes.length;
    const last = run.at(-1);
    if (last !== undefined && (item.round !== last.round + 1 || bytes + length > bytesMax)) {
      runs.push(run);
      run = [];
      bytes = 0;
    }
    run.push(item);
    bytes += length;
  }
  if (run.length > 0) runs.push(run);
  return runs;
}
