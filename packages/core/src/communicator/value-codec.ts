import type { CoordNum, Entry, Founding, Memories, MemoryId, NodeId, NodeInfo, Proposal } from '../contracts/index.ts';
import { type ByteReader, MalformedError } from './byte-reader.ts';
import { type ByteWriter, itemsMax } from './byte-writer.ts';
import { entryFrom, entryIdBytesMax } from './entry-bytes.ts';

/** The fewest bytes of an entry after its length: version, kind, an empty id. */
const entryBytesMin = 4;
/** A counter, a node id of one byte, a memory id. */
const numberBytesMin = 19;
const runBytesMin: number = numberBytesMin + 2 + entryBytesMin;

/** Whether `count` rounds from `from` on are all rounds. */
export function isRun(from: number, count: number): boolean {
  return count > 0 && from > 0 && count - 1 <= Number.MAX_SAFE_INTEGER - from;
}

/** Refuses a run that is empty or goes past the last round. */
export function checkRun(from: number, count: number): void {
  if (!isRun(from, count)) throw new MalformedError('a run is empty or passes the last round');
}

export function isSameNumber(a: CoordNum, b: CoordNum): boolean {
  return a === b || (a.counter === b.counter && a.node === b.node && a.memory === b.memory);
}

/** Calls `run` for each stretch of proposals of consecutive rounds under one number: from, up to, not including. */
export function eachRun(proposals: readonly Proposal[], run: (from: number, to: number) => void): void {
  let from = 0;
  for (let at = 1; at <= proposals.length; at++) {
    const previous = proposals[at - 1] as Proposal;
    const next = proposals[at];
    if (next === undefined || next.round !== previous.round + 1 || !isSameNumber(next.number, previous.number)) {
      run(from, at);
      from = at;
    }
  }
}

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

export function writeMemories(writer: ByteWriter, memories: Memories): void {
  writer.count(memories.length);
  for (const [node, memory] of memories) {
    writer.nodeId(node);
    writer.memory(memory);
  }
}

export function readMemories(reader: ByteReader): Memories {
  const count = reader.count(18);
  const memories: [NodeId, MemoryId][] = [];
  for (let index = 0; index < count; index++) memories.push([reader.nodeId(), reader.memory()]);
  return memories;
}

export function writeMembers(writer: ByteWriter, members: readonly NodeInfo[]): void {
  writer.count(members.length);
  for (const member of members) writer.nodeInfo(member);
}

export function readMembers(reader: ByteReader): NodeInfo[] {
  const count = reader.count(3);
  const members: NodeInfo[] = [];
  for (let index = 0; index < count; index++) members.push(reader.nodeInfo());
  return members;
}

export function writeFounding(writer: ByteWriter, founding: Founding): void {
  writeMembers(writer, founding.members);
  writeMemories(writer, founding.memories);
}

export function readFounding(reader: ByteReader): Founding {
  return { members: readMembers(reader), memories: readMemories(reader) };
}
