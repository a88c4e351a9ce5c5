import {
  ByteReader,
  ByteWriter,
  checkRun,
  clusterBytesMax,
  eachRun,
  MalformedError,
  readEntry,
  readFounding,
  readIncarnations,
  writeFounding,
  writeIncarnations,
} from '../communicator/index.ts';
import type { Entry, LogRecord, Proposal } from '../contracts/index.ts';
import { StorageError } from '../contracts/index.ts';
import type { AcceptRecord, CommitRecord, DurableRecord, EntriesRecord, IdentityRecord } from '../protocol/index.ts';

/** The version of a record's bytes. A newer version of this library reads every older one. */
export const recordCodecVersion = 1;

const codes: { readonly [Type in DurableRecord['type']]: number } = {
  identity: 1,
  founding: 2,
  promise: 3,
  accept: 4,
  commit: 5,
  entries: 6,
  bid: 7,
  bind: 8,
};

/** The fewest bytes of an entry, beside the one of its length. */
const entryBytesMin = 4;

const writer: ByteWriter = new ByteWriter();
/** Used again, so that a replay allocates its numbers once. */
const reader: ByteReader = new ByteReader();

/** Encodes a record: a header, and behind it the bytes of its entries as they are, without a copy. */
export function encodeRecord(record: DurableRecord): LogRecord {
  writer.reset();
  writer.u8(recordCodecVersion);
  writer.u8(codes[record.type]);
  switch (record.type) {
    case 'identity':
      writeIdentity(record);
      break;
    case 'founding':
      writeFounding(writer, record.founding);
      break;
    case 'bind':
      writeIncarnations(writer, record.incarnations);
      break;
    case 'bid':
    case 'promise':
      writer.number(record.number);
      break;
    case 'accept':
      return encodeAccept(record);
    case 'commit':
      return encodeCommit(record);
    case 'entries':
      return encodeEntries(record);
  }
  return { parts: [writer.copy()] };
}

/** Decodes a record; its entries share `bytes`. Throws a `StorageError` where they are no record that this version knows. */
export function decodeRecord(bytes: Uint8Array): DurableRecord {
  if (bytes.length > 0 && bytes[0] !== recordCodecVersion) {
    throw new StorageError(
      'PAXAKOS_STORAGE_VERSION',
      `a record is of version ${bytes[0]}; this node reads ${recordCodecVersion}`,
    );
  }
  try {
    reader.open(bytes, Math.min(1, bytes.length));
    const record = readRecord();
    reader.end();
    return record;
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new StorageError('PAXAKOS_STORAGE_CORRUPT', `a record is malformed: ${error.message}`, { cause: error });
  }
}

function readRecord(): DurableRecord {
  const code = reader.u8();
  switch (code) {
    case codes.identity:
      return {
        type: 'identity',
        cluster: reader.text(clusterBytesMax),
        node: reader.nodeId(),
        incarnation: reader.incarnation(),
      };
    case codes.founding:
      return { type: 'founding', founding: readFounding(reader) };
    case codes.bind:
      return { type: 'bind', incarnations: readIncarnations(reader) };
    case codes.bid:
      return { type: 'bid', number: reader.number() };
    case codes.promise:
      return { type: 'promise', number: reader.number() };
    case codes.accept:
      return readAccept();
    case codes.commit:
      return readCommit();
    case codes.entries:
      return readEntriesRecord();
    default:
      throw new MalformedError('it is of an unknown type');
  }
}

function writeIdentity(record: IdentityRecord): void {
  writer.text(record.cluster, clusterBytesMax);
  writer.nodeId(record.node);
  writer.incarnation(record.incarnation);
}

function encodeAccept({ number, from, entries }: AcceptRecord): LogRecord {
  checkRun(from, entries.length);
  writer.number(number);
  writer.round(from);
  writeLengths(entries);
  const parts = [writer.copy()];
  for (const { bytes } of entries) parts.push(bytes);
  return { parts, rounds: { from, to: from + entries.length - 1 } };
}

function readAccept(): AcceptRecord {
  const number = reader.number();
  const from = reader.round();
  const lengths = readLengths(from);
  return { type: 'accept', number, from, entries: lengths.map((length) => readEntry(reader.raw(length))) };
}

function encodeCommit({ number, from, to }: CommitRecord): LogRecord {
  checkRun(from, to - from + 1);
  writer.number(number);
  writer.round(from);
  writer.round(to);
  return { parts: [writer.copy()], rounds: { from, to } };
}

function readCommit(): CommitRecord {
  const number = reader.number();
  const from = reader.round();
  const to = reader.round();
  checkRun(from, to - from + 1);
  return { type: 'commit', number, from, to };
}

/** The runs with the lengths of their entries come first, then the entries. */
function encodeEntries({ entries }: EntriesRecord): LogRecord {
  let count = 0;
  eachRun(entries, () => count++);
  writer.count(count);
  eachRun(entries, (start, end) => {
    const first = entries[start] as Proposal;
    writer.number(first.number);
    writer.round(first.round);
    writeLengths(entries.slice(start, end).map(({ entry }) => entry));
  });
  const parts = [writer.copy()];
  let from = Number.MAX_SAFE_INTEGER;
  let to = 0;
  for (const { round, entry } of entries) {
    parts.push(entry.bytes);
    from = Math.min(from, round);
    to = Math.max(to, round);
  }
  return to === 0 ? { parts } : { parts, rounds: { from, to } };
}

function readEntriesRecord(): EntriesRecord {
  const count = reader.count(21);
  const runs = [];
  for (let index = 0; index < count; index++) {
    const number = reader.number();
    const from = reader.round();
    runs.push({ number, from, lengths: readLengths(from) });
  }
  const entries: Proposal[] = [];
  for (const { number, from, lengths } of runs) {
    for (let at = 0; at < lengths.length; at++) {
      entries.push({ round: from + at, number, entry: readEntry(reader.raw(lengths[at] as number)) });
    }
  }
  return { type: 'entries', entries };
}

function writeLengths(entries: readonly Entry[]): void {
  writer.count(entries.length);
  for (const { bytes } of entries) writer.varint(bytes.length);
}

function readLengths(from: number): number[] {
  const count = reader.count(entryBytesMin);
  checkRun(from, count);
  const lengths: number[] = [];
  for (let index = 0; index < count; index++) lengths.push(reader.varint());
  return lengths;
}
