import { crc32 } from 'node:zlib';
import type { OpenFile } from './file-system.ts';
import {
  decodeFrameHeader,
  type FrameHeader,
  frameHeaderBytes,
  frameKinds,
  frameMagic,
  tableEntryBytes,
} from './format.ts';
import { readFully } from './read-fully.ts';
import type { Segment } from './segment.ts';
import { storageFaults } from './storage-faults.ts';

/** The last whole frame of a segment. */
export interface LastFrame {
  readonly offset: number;
  readonly bytesLength: number;
  readonly kind: number;
}

/** What is after the last whole frame of a segment. */
export interface ScannedSegment {
  readonly last: LastFrame | undefined;
  /** Where a write that was cut off ends; the end of the frames where there is none. */
  readonly tornEnd: number;
}

const chunkBytes = 1_048_576;

/**
 * Goes through the frames of a segment, and notes them in its index. One write of one frame follows the sync of the one before,
 * so only the very last frame can be cut off by a crash: where any later header is there, the damage is no crash's.
 * Rejects with a `StorageError` then.
 */
export async function scanSegment(file: OpenFile, segment: Segment): Promise<ScannedSegment> {
  const length = await file.length();
  let last: LastFrame | undefined;
  let buffer: Uint8Array = new Uint8Array(0);
  let start = segment.endOffset;
  /** The bytes at the end of the frames, fewer than asked for only where the file ends. */
  const peek = async (count: number): Promise<Uint8Array> => {
    const offset = segment.endOffset - start;
    if (buffer.length - offset < count && start + buffer.length < length) {
      start = segment.endOffset;
      buffer = await readFully(file, start, Math.min(Math.max(count, chunkBytes), length - start));
      return buffer.subarray(0, count);
    }
    return buffer.subarray(offset, offset + count);
  };
  for (;;) {
    const header = decodeFrameHeader(await peek(frameHeaderBytes), 0, segment.seed);
    if (header === undefined || !isNext(header, segment)) break;
    const bytesLength = frameHeaderBytes + header.bodyBytes;
    if (bytesLength > length - segment.endOffset) break;
    const frame = await peek(bytesLength);
    if (frame.length < bytesLength || !isWhole(frame, header, segment.seed)) break;
    if (segment.isSealed)
      throw storageFaults.corrupt(segment.path, segment.endOffset, 'the segment goes on after its end');
    last = { offset: segment.endOffset, bytesLength, kind: header.kind };
    segment.isSealed = header.kind === frameKinds.seal;
    segment.note(bytesLength, header.count, header.from, header.to);
  }
  return { last, tornEnd: await examineRest(file, segment, length) };
}

/** Whether the body is that of the header. */
export function isWhole(frame: Uint8Array, header: FrameHeader, seed: number): boolean {
  return (
    header.count * tableEntryBytes <= header.bodyBytes &&
    crc32(frame.subarray(frameHeaderBytes), seed) === header.bodyChecksum
  );
}

function isNext(header: FrameHeader, segment: Segment): boolean {
  return header.number === segment.endFrame && header.sequence === segment.endSequence;
}

/** Looks through all that follows the last whole frame; gives the end of what is not zero. */
async function examineRest(file: OpenFile, segment: Segment, length: number): Promise<number> {
  const begin = segment.endOffset;
  let tornEnd = begin;
  for (let at = begin; at < length; at += chunkBytes) {
    // The overlap lets a header lie across two chunks.
    const bytes = await readFully(file, at, Math.min(chunkBytes + frameHeaderBytes, length - at));
    const end = endOfNonZero(bytes);
    if (end > 0) tornEnd = Math.max(tornEnd, at + end);
    for (let offset = indexOf(bytes, 0); offset >= 0; offset = indexOf(bytes, offset + 1)) {
      const header = decodeFrameHeader(bytes, offset, segment.seed);
      if (header === undefined || (at + offset === begin && isNext(header, segment))) continue;
      throw storageFaults.corrupt(
        segment.path,
        begin,
        `record group ${segment.endFrame} is damaged, and group ${header.number} follows`,
      );
    }
  }
  if (tornEnd > begin && segment.isSealed)
    throw storageFaults.corrupt(segment.path, begin, 'there is something after the end of the segment');
  return tornEnd;
}

function indexOf(bytes: Uint8Array, from: number): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(frameMagic, from);
}

function endOfNonZero(bytes: Uint8Array): number {
  let end = bytes.length;
  const blank = Buffer.alloc(4_096);
  while (end >= blank.length && blank.compare(bytes, end - blank.length, end) === 0) end -= blank.length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  return end;
}
