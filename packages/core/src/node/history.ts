import type { Proposal, RoundRange, Storage } from '../contracts/index.ts';
import { compareCoordNums } from '../protocol/index.ts';
import { decodeRecord } from './record-codec.ts';

/**
 * Reads committed entries of these rounds back from the storage: from the first on, without a gap, no more than about `bytesMax`.
 * Only what a record says to be committed is given: an accepted proposal alone may have been overruled.
 */
export async function readHistory(
  storage: Storage,
  rounds: RoundRange,
  bytesMax: number,
): Promise<readonly Proposal[]> {
  const accepted = new Map<number, Proposal>();
  const committed = new Map<number, Proposal>();
  let bytes = 0;
  let last = rounds.to;
  const keep = (proposal: Proposal): void => {
    if (committed.has(proposal.round)) return;
    committed.set(proposal.round, proposal);
    bytes += proposal.entry.bytes.length + 64;
    while (bytes > bytesMax && last > rounds.from) {
      bytes -= committed.has(last) ? (committed.get(last)?.entry.bytes.length ?? 0) + 64 : 0;
      committed.delete(last);
      accepted.delete(last);
      last -= 1;
    }
  };
  const wanted = (round: number): boolean => round >= rounds.from && round <= last;
  for await (const bytesOfRecord of storage.read(rounds)) {
    const record = decodeRecord(bytesOfRecord);
    if (record.type === 'accept') {
      record.entries.forEach((entry, index) => {
        const round = record.from + index;
        if (wanted(round)) accepted.set(round, { round, number: record.number, entry });
      });
    } else if (record.type === 'commit') {
      for (let round = Math.max(record.from, rounds.from); round <= Math.min(record.to, last); round += 1) {
        const held = accepted.get(round);
        if (held === undefined || compareCoordNums(held.number, record.number) !== 0) continue;
        accepted.delete(round);
        keep(held);
      }
    } else if (record.type === 'entries') {
      for (const proposal of record.entries) if (wanted(proposal.round)) keep(proposal);
    }
  }
  const history: Proposal[] = [];
  for (let round = rounds.from; round <= last; round += 1) {
    const proposal = committed.get(round);
    if (proposal === undefined) break;
    history.push(proposal);
  }
  return history;
}
