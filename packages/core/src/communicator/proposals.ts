import type { Entry, Proposal } from '../contracts/index.ts';
import { type ByteReader, MalformedError } from './byte-reader.ts';
import { type ByteWriter, itemsMax } from './byte-writer.ts';
import { entryFrom, entryIdBytesMax } from './entry-bytes.ts';
import { checkRun, eachRun } from './runs.ts';

/** The fewest bytes of an entry after its length: version, kind, an empty id. */
const entryBytesMin = 4;
/** A counter, a node id of one byte, an incarnation. */
const numberBytesMin = 19;
const runBytesMin: number = numberBytesMin + 2 + entryBytesMin;

export function writeEntries(writer: ByteWriter, entries: readonly Entry[]): void {
  writer.count(entries.length);
  for (const entry of entries) writer.block(entry.bytes);
}

export function readEntries(reader: ByteReader): Entry[] {
  const count = reader.count(entryBytesMin);
  const entries: Entry[] = [];
  for (let index = 0; index < count; index++) entries.push(readEntry(reader.block()));
  return entries;
}

/** The entry that these bytes are; refuses what is none. */
export function readEntry(bytes: Uint8Array): Entry {
  const entry = entryFrom(bytes);
  if (entry === undefined) throw new MalformedError('an entry is malformed');
  return entry;
}

/** Proposals in runs: what is one number and consecutive rounds carries them once. */
export function writeProposals(writer: ByteWriter, proposals: readonly Proposal[]): void {
  if (proposals.length > itemsMax) throw new RangeError(`a list has ${proposals.length} items; ${itemsMax} fit`);
  let count = 0;
  eachRun(proposals, () => count++);
  writer.count(count);
  eachRun(proposals, (from, to) => {
    const first = proposals[from] as Proposal;
    writer.number(first.number);
    writer.round(first.round);
    checkRun(first.round, to - from);
    writer.count(to - from);
    for (let at = from; at < to; at++) writer.block((proposals[at] as Proposal).entry.bytes);
  });
}

export function readProposals(reader: ByteReader): Proposal[] {
  const count = reader.count(runBytesMin);
  const proposals: Proposal[] = [];
  for (let index = 0; index < count; index++) {
    const number = reader.number();
    const from = reader.round();
    const entries = readEntries(reader);
    checkRun(from, entries.length);
    if (proposals.length + entries.length > itemsMax) throw new MalformedError('a list is too long');
    for (let at = 0; at < entries.length; at++) {
      proposals.push({ round: from + at, number, entry: entries[at] as Entry });
    }
  }
  return proposals;
}

export function writeIds(writer: ByteWriter, ids: readonly Uint8Array[]): void {
  writer.count(ids.length);
  for (const id of ids) writer.block(id);
}

export function readIds(reader: ByteReader): Uint8Array[] {
  const count = reader.count(1);
  const ids: Uint8Array[] = [];
  for (let index = 0; index < count; index++) ids.push(reader.block(entryIdBytesMax));
  return ids;
}
