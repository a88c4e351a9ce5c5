import { crc32 } from 'node:zlib';

// docs/format.md of this package describes every field.

/** The version of every file that this release writes, and the only one that it reads. */
export const formatVersion = 1;

/** Where the first frame of a segment begins: no write of a frame touches the sector of the header. In bytes. */
export const segmentHeaderBytes = 512;
export const frameHeaderBytes = 64;
/** One entry of a frame's table: how long a record is, and its rounds. */
export const tableEntryBytes = 20;
export const snapshotHeaderBytes = 96;

/** What a frame holds: records, the mark of a clean close, or the mark that the log goes on in the next segment. */
export const frameKinds = { records: 1, rest: 2, seal: 3 } as const;
export type FrameKind = (typeof frameKinds)[keyof typeof frameKinds];

export const segmentMagic: Uint8Array = Buffer.from('PAXAKLOG', 'latin1');
export const snapshotMagic: Uint8Array = Buffer.from('PAXAKSNP', 'latin1');
export const frameMagic: Uint8Array = Buffer.from('PxFr', 'latin1');

/** Which log, and which segment of it, and how long it was made. */
export interface SegmentHeader {
  readonly logId: Uint8Array;
  readonly number: number;
  readonly capacityBytes: number;
}

/** What comes before the records of one group. */
export interface FrameHeader {
  readonly kind: FrameKind;
  readonly count: number;
  readonly bodyBytes: number;
  readonly bodyChecksum: number;
  /** Counts the frames of the log, from 1. */
  readonly number: number;
  /** Of the first record; counts the records of the log, from 1. */
  readonly sequence: number;
  /** The lowest and the highest round of its records; 0 where they have none. */
  readonly from: number;
  readonly to: number;
}

/** What a snapshot stands for, and where the log begins once it is durable. */
export interface SnapshotHeader {
  readonly logId: Uint8Array;
  /** Counts the snapshots of the log, from 1. */
  readonly number: number;
  readonly round: number;
  /** The sequence of the first record that it does not stand for. */
  readonly position: number;
  /** What the first segment kept, its first frame and its first record are. */
  readonly firstSegment: number;
  readonly firstFrame: number;
  readonly firstSequence: number;
  readonly retainedFrom: number;
  readonly bytesLength: number;
}

/** Writes an integer of up to 2^53 - 1 at a multiple of nothing. */
export function putInteger(view: DataView, offset: number, value: number): void {
  const low = value >>> 0;
  view.setUint32(offset, low, true);
  view.setUint32(offset + 4, (value - low) / 4_294_967_296, true);
}

export function getInteger(view: DataView, offset: number): number {
  return view.getUint32(offset, true) + view.getUint32(offset + 4, true) * 4_294_967_296;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function startsWith(bytes: Uint8Array, magic: Uint8Array): boolean {
  return Buffer.compare(bytes.subarray(0, magic.length), magic) === 0;
}

/**
 * What the checksums of a segment begin with, so that a frame of another log or of another segment never passes.
 */
export function seedOf({ logId, number }: SegmentHeader): number {
  const bytes = new Uint8Array(24);
  bytes.set(logId);
  putInteger(viewOf(bytes), 16, number);
  return crc32(bytes);
}

export function encodeSegmentHeader(header: SegmentHeader): Uint8Array {
  const bytes = new Uint8Array(segmentHeaderBytes);
  const view = viewOf(bytes);
  bytes.set(segmentMagic);
  view.setUint32(8, formatVersion, true);
  putInteger(view, 16, header.number);
  putInteger(view, 24, header.capacityBytes);
  bytes.set(header.logId, 32);
  view.setUint32(12, crc32(bytes.subarray(16)), true);
  return bytes;
}

/** Gives nothing where a checksum fails. The version is to be checked before. */
export function decodeSegmentHeader(bytes: Uint8Array): SegmentHeader | undefined {
  const view = viewOf(bytes);
  if (view.getUint32(12, true) !== crc32(bytes.subarray(16, segmentHeaderBytes))) return undefined;
  return { number: getInteger(view, 16), capacityBytes: getInteger(view, 24), logId: bytes.slice(32, 48) };
}

/** Writes all but the body checksum's own input; the header's checksum covers every field after it. */
export function encodeFrameHeader(target: Uint8Array, view: DataView, header: FrameHeader, seed: number): void {
  target.set(frameMagic);
  view.setUint32(8, header.bodyChecksum, true);
  view.setUint32(12, header.kind, true);
  view.setUint32(16, header.count, true);
  view.setUint32(20, 0, true);
  putInteger(view, 24, header.bodyBytes);
  putInteger(view, 32, header.number);
  putInteger(view, 40, header.sequence);
  putInteger(view, 48, header.from);
  putInteger(view, 56, header.to);
  view.setUint32(4, crc32(target.subarray(8, frameHeaderBytes), seed), true);
}

/** Gives nothing where there is no whole header of this very segment. */
export function decodeFrameHeader(bytes: Uint8Array, offset: number, seed: number): FrameHeader | undefined {
  if (bytes.length - offset < frameHeaderBytes) return undefined;
  const header = bytes.subarray(offset, offset + frameHeaderBytes);
  if (!startsWith(header, frameMagic)) return undefined;
  const view = viewOf(header);
  if (view.getUint32(4, true) !== crc32(header.subarray(8), seed)) return undefined;
  return {
    bodyChecksum: view.getUint32(8, true),
    kind: view.getUint32(12, true) as FrameKind,
    count: view.getUint32(16, true),
    bodyBytes: getInteger(view, 24),
    number: getInteger(view, 32),
    sequence: getInteger(view, 40),
    from: getInteger(view, 48),
    to: getInteger(view, 56),
  };
}

export function encodeSnapshotHeader(header: SnapshotHeader, bytes: Uint8Array): Uint8Array {
  const target = new Uint8Array(snapshotHeaderBytes);
  const view = viewOf(target);
  target.set(snapshotMagic);
  view.setUint32(8, formatVersion, true);
  target.set(header.logId, 16);
  const { number, round, position, firstSegment, firstFrame, firstSequence, retainedFrom, bytesLength } = header;
  const integers = [number, round, position, firstSegment, firstFrame, firstSequence, retainedFrom, bytesLength];
  for (const [index, value] of integers.entries()) putInteger(view, 32 + 8 * index, value);
  view.setUint32(12, crc32(bytes, crc32(target.subarray(16))), true);
  return target;
}

/** Gives nothing where the checksum, which covers header and bytes, fails. The version is to be checked before. */
export function decodeSnapshotHeader(header: Uint8Array, bytes: Uint8Array): SnapshotHeader | undefined {
  const view = viewOf(header);
  if (view.getUint32(12, true) !== crc32(bytes, crc32(header.subarray(16, snapshotHeaderBytes)))) return undefined;
  const at = (index: number): number => getInteger(view, 32 + 8 * index);
  if (at(7) !== bytes.length) return undefined;
  return {
    logId: header.slice(16, 32),
    number: at(0),
    round: at(1),
    position: at(2),
    firstSegment: at(3),
    firstFrame: at(4),
    firstSequence: at(5),
    retainedFrom: at(6),
    bytesLength: at(7),
  };
}
