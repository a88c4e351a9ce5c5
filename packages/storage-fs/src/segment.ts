import { join } from 'node:path';
import type { RoundRange } from '@paxakos/core/contracts';
import { type SegmentHeader, seedOf, segmentHeaderBytes } from './format.ts';

/** A run of whole frames that is read at once. */
export interface Block {
  readonly offset: number;
  readonly end: number;
}

const blockBytesMin = 65_536;

/** One file of the log, and a sparse index of the rounds in it: one line for about 64 KiB. */
export class Segment {
  readonly header: SegmentHeader;
  readonly path: string;
  readonly seed: number;
  /** Where the next frame goes; all before it is durable. In bytes. */
  endOffset: number = segmentHeaderBytes;
  /** The frame and the record that follow the last one here. */
  endFrame: number;
  endSequence: number;
  readonly firstFrame: number;
  readonly firstSequence: number;
  /** The highest round that a record here concerns; 0 for none. */
  highestRound = 0;
  isSealed = false;
  /** How many readers need the file. */
  readers = 0;
  readonly #offsets: number[] = [];
  readonly #from: number[] = [];
  readonly #to: number[] = [];

  constructor(directory: string, header: SegmentHeader, firstFrame: number, firstSequence: number) {
    this.header = header;
    this.path = segmentPath(directory, header.number);
    this.seed = seedOf(header);
    this.firstFrame = firstFrame;
    this.firstSequence = firstSequence;
    this.endFrame = firstFrame;
    this.endSequence = firstSequence;
  }

  get number(): number {
    return this.header.number;
  }

  /** Takes note of a durable frame at the end. `from` and `to` are 0 where its records have no rounds. */
  note(bytesLength: number, count: number, from: number, to: number): void {
    const last = this.#offsets.length - 1;
    const start = this.#offsets[last];
    if (start === undefined || this.endOffset - start >= blockBytesMin) {
      this.#offsets.push(this.endOffset);
      this.#from.push(from === 0 ? Number.POSITIVE_INFINITY : from);
      this.#to.push(to);
    } else {
      if (from !== 0) this.#from[last] = Math.min(this.#from[last] as number, from);
      this.#to[last] = Math.max(this.#to[last] as number, to);
    }
    this.highestRound = Math.max(this.highestRound, to);
    this.endOffset += bytesLength;
    this.endFrame += 1;
    this.endSequence += count;
  }

  /** The blocks that may hold records of these rounds, or all of them, as of now. */
  blocks(rounds?: RoundRange): Block[] {
    const blocks: Block[] = [];
    for (const [index, offset] of this.#offsets.entries()) {
      const from = this.#from[index] as number;
      const to = this.#to[index] as number;
      if (rounds !== undefined && (to < rounds.from || from > rounds.to)) continue;
      blocks.push({ offset, end: this.#offsets[index + 1] ?? this.endOffset });
    }
    return blocks;
  }
}

const segmentName = /^log-(\d{16})\.seg$/;

/** Where a segment is. */
export function segmentPath(directory: string, number: number): string {
  return join(directory, `log-${String(number).padStart(16, '0')}.seg`);
}

/** The number of a segment, from its name. */
export function segmentNumber(name: string): number | undefined {
  const digits = segmentName.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
