import type { RoundRange } from '@paxakos/core/contracts';
import type { FileSystem, OpenFile } from './file-system.ts';
import {
  decodeFrameHeader,
  type FrameHeader,
  frameHeaderBytes,
  getInteger,
  tableEntryBytes,
  viewOf,
} from './format.ts';
import { readFully } from './read-fully.ts';
import { isWhole } from './scan-segment.ts';
import type { Block, Segment } from './segment.ts';
import { storageFaults } from './storage-faults.ts';

/** Some runs of frames of a segment. */
export interface SegmentBlocks {
  readonly segment: Segment;
  readonly blocks: readonly Block[];
}

/** Which records are wanted: those from a sequence on, or those that concern some rounds. */
export type Wanted = { readonly position: number } | { readonly rounds: RoundRange };

/**
 * Gives the wanted records, in the order of their append, a block at a time. `check` throws where the storage is closed by now;
 * `done` is called for each segment, once its file is not needed any more.
 */
export async function* readRecords(
  files: FileSystem,
  captured: readonly SegmentBlocks[],
  wanted: Wanted,
  check: () => void,
  done: (segment: Segment) => Promise<void>,
): AsyncGenerator<Uint8Array> {
  for (const { segment } of captured) segment.readers += 1;
  try {
    for (const { segment, blocks } of captured) {
      check();
      if (blocks.length === 0) continue;
      const file = await files.open(segment.path, 'read');
      try {
        for (const block of blocks) {
          check();
          yield* recordsOf(segment, block.offset, await blockOf(file, block), wanted);
        }
      } finally {
        await file.close();
      }
    }
  } finally {
    for (const { segment } of captured) {
      segment.readers -= 1;
      await done(segment);
    }
  }
}

function blockOf(file: OpenFile, { offset, end }: Block): Promise<Uint8Array> {
  return readFully(file, offset, end - offset);
}

function* recordsOf(segment: Segment, offset: number, bytes: Uint8Array, wanted: Wanted): Generator<Uint8Array> {
  let at = 0;
  do {
    const header = decodeFrameHeader(bytes, at, segment.seed);
    if (header === undefined)
      throw storageFaults.corrupt(segment.path, offset + at, 'the header of a record group is damaged');
    const frame = bytes.subarray(at, at + frameHeaderBytes + header.bodyBytes);
    at += frameHeaderBytes + header.bodyBytes;
    if (isUnwanted(header, wanted)) continue;
    if (frame.length < frameHeaderBytes + header.bodyBytes || !isWhole(frame, header, segment.seed)) {
      throw storageFaults.corrupt(segment.path, offset + at - frame.length, `record group ${header.number} is damaged`);
    }
    yield* wantedOf(frame, header, wanted);
  } while (at < bytes.length);
}

function isUnwanted(header: FrameHeader, wanted: Wanted): boolean {
  if ('position' in wanted) return header.sequence + header.count <= wanted.position;
  return header.to === 0 || header.to < wanted.rounds.from || header.from > wanted.rounds.to;
}

/** Copies, so that a record that is kept does not keep the whole block. */
function* wantedOf(frame: Uint8Array, header: FrameHeader, wanted: Wanted): Generator<Uint8Array> {
  const view = viewOf(frame);
  let start = frameHeaderBytes + header.count * tableEntryBytes;
  for (let index = 0; index < header.count; index += 1) {
    const entry = frameHeaderBytes + index * tableEntryBytes;
    const end = start + view.getUint32(entry, true);
    const from = getInteger(view, entry + 4);
    const to = getInteger(view, entry + 12);
    const isWanted =
      'position' in wanted
        ? header.sequence + index >= wanted.position
        : to > 0 && from <= wanted.rounds.to && to >= wanted.rounds.from; // a record without rounds has 0 to 0
    if (isWanted) yield frame.slice(start, end);
    start = end;
  }
}
