import type { Entry, EntryKind, IncarnationId, NodeInfo } from '../contracts/index.ts';
import { ByteReader, MalformedError } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { readOptionalIncarnation, writeOptionalIncarnation } from './founding.ts';
import { encodeUtf8 } from './utf8.ts';

/** The version of an entry's bytes; they rest in logs, so an old version stays readable for ever. */
export const entryVersion = 1;

/** The longest id of an entry, in bytes. */
export const entryIdBytesMax = 255;

const nothing: Uint8Array = new Uint8Array(0);
const kinds: readonly EntryKind[] = ['application', 'noop', 'rejoin'];

/** Lays an entry out: version, kind, length of the id, id, payload. The id has at most 255 bytes. */
export function makeEntry(kind: EntryKind, id: Uint8Array, payload: Uint8Array): Entry {
  const idLength = id.length;
  if (idLength > entryIdBytesMax) throw new RangeError(`an entry's id has ${idLength} bytes; ${entryIdBytesMax} fit`);
  const idAt = idLength < 0x80 ? 3 : 4;
  const bytes = new Uint8Array(idAt + idLength + payload.length);
  bytes[0] = entryVersion;
  bytes[1] = kinds.indexOf(kind);
  if (idLength < 0x80) {
    bytes[2] = idLength;
  } else {
    bytes[2] = (idLength & 0x7f) | 0x80;
    bytes[3] = idLength >>> 7;
  }
  bytes.set(id, idAt);
  bytes.set(payload, idAt + idLength);
  return { kind, id: bytes.subarray(idAt, idAt + idLength), bytes };
}

/** Reads the header of an entry; the entry shares `bytes`. `undefined` where they are no entry that this version knows. */
export function entryFrom(bytes: Uint8Array): Entry | undefined {
  const length = bytes.length;
  if (length < 3 || bytes[0] !== entryVersion) return undefined;
  const kind = kinds[bytes[1] as number];
  if (kind === undefined) return undefined;
  const idAt = idStart(bytes);
  const idLength = idAt === 3 ? (bytes[2] as number) : ((bytes[2] as number) & 0x7f) | ((bytes[3] as number) << 7);
  const isCanonical = idAt === 3 || (length > 3 && idLength >= 0x80);
  if (!isCanonical || idLength > entryIdBytesMax || idAt + idLength > length) return undefined;
  return { kind, id: bytes.subarray(idAt, idAt + idLength), bytes };
}

/** The payload: a part of the entry's bytes. */
export function payloadOf(entry: Entry): Uint8Array {
  return entry.bytes.subarray(idStart(entry.bytes) + entry.id.length);
}

/** Where the id starts: its length takes one byte, or two. */
function idStart(bytes: Uint8Array): number {
  return (bytes[2] as number) < 0x80 ? 3 : 4;
}

/** An entry of the protocol's own that only takes its round. */
export const noopEntry: Entry = makeEntry('noop', nothing, nothing);

/** What a rejoin entry says. */
export interface Rejoin {
  readonly node: NodeInfo;
  readonly incarnation: IncarnationId;
  /** The incarnation that the log must name for the node by then, or none; else the entry has no effect. */
  readonly replaces: IncarnationId | undefined;
}

/** An entry of the protocol's own: from where the window next reaches, `node` votes under `incarnation` (rule P10). */
export function rejoinEntry({ node, incarnation, replaces }: Rejoin): Entry {
  const payload = new ByteWriter();
  payload.nodeInfo(node);
  payload.incarnation(incarnation);
  writeOptionalIncarnation(payload, replaces);
  return makeEntry('rejoin', encodeUtf8(incarnation), payload.copy());
}

/** Reads the payload of a rejoin entry; `undefined` for any other entry, and where the payload is malformed. */
export function rejoinOf(entry: Entry): Rejoin | undefined {
  if (entry.kind !== 'rejoin') return undefined;
  const payload = new ByteReader(payloadOf(entry));
  try {
    const rejoin = {
      node: payload.nodeInfo(),
      incarnation: payload.incarnation(),
      replaces: readOptionalIncarnation(payload),
    };
    payload.end();
    return rejoin;
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}
