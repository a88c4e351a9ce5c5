import { crc32 } from 'node:zlib';
import type { LogRecord } from '@paxakos/core/contracts';
import { encodeFrameHeader, type FrameKind, frameHeaderBytes, putInteger, tableEntryBytes, viewOf } from './format.ts';

/** A frame as it goes to the disk. The buffers are good until the next frame is encoded. */
export interface EncodedFrame {
  readonly buffers: readonly Uint8Array[];
  readonly bytesLength: number;
  readonly from: number;
  readonly to: number;
}

/** What tells a frame from every other one. */
export interface FrameIdentity {
  readonly kind: FrameKind;
  readonly number: number;
  readonly sequence: number;
}

/** Parts up to this size are copied next to one another: cheaper than one more buffer for the system. In bytes. */
const copiedBytesMax = 4_096;
const scratchBytesMin = 65_536;
const scratchBytesMax = 8_388_608;

/** Turns the records of one group into one frame, with no more than a few allocations however many records there are. */
export class FrameEncoder {
  #scratch: Uint8Array = new Uint8Array(scratchBytesMin);
  #view: DataView = viewOf(this.#scratch);
  #used = 0;
  /** Parts too large to copy, each with how much of the scratch comes before it. */
  readonly #large: { readonly after: number; readonly part: Uint8Array }[] = [];

  encode(records: readonly LogRecord[], identity: FrameIdentity, seed: number): EncodedFrame {
    const tableEnd = frameHeaderBytes + records.length * tableEntryBytes;
    this.#reset(tableEnd);
    let lowest = 0;
    let highest = 0;
    let entry = frameHeaderBytes;
    for (const { parts, rounds } of records) {
      let length = 0;
      for (const part of parts) {
        length += part.length;
        this.#add(part);
      }
      const from = rounds === undefined ? 0 : rounds.from;
      const to = rounds === undefined ? 0 : rounds.to;
      const view = this.#view;
      view.setUint32(entry, length, true);
      putInteger(view, entry + 4, from);
      putInteger(view, entry + 12, to);
      if (from !== 0 && (lowest === 0 || from < lowest)) lowest = from;
      if (to > highest) highest = to;
      entry += tableEntryBytes;
    }
    return this.#finish(identity, records.length, seed, lowest, highest);
  }

  #finish(
    { kind, number, sequence }: FrameIdentity,
    count: number,
    seed: number,
    from: number,
    to: number,
  ): EncodedFrame {
    const buffers: Uint8Array[] = [];
    let bytesLength = 0;
    let checksum = seed;
    let at = 0;
    const take = (buffer: Uint8Array): void => {
      if (buffer.length === 0) return;
      checksum = crc32(bytesLength === 0 ? buffer.subarray(frameHeaderBytes) : buffer, checksum);
      buffers.push(buffer);
      bytesLength += buffer.length;
    };
    for (const { after, part } of this.#large) {
      take(this.#scratch.subarray(at, after));
      take(part);
      at = after;
    }
    take(this.#scratch.subarray(at, this.#used));
    const bodyBytes = bytesLength - frameHeaderBytes;
    const header = { kind, number, sequence, count, bodyBytes, bodyChecksum: checksum, from, to };
    encodeFrameHeader(this.#scratch, this.#view, header, seed);
    return { buffers, bytesLength, from, to };
  }

  #add(part: Uint8Array): void {
    if (part.length > copiedBytesMax) {
      this.#large.push({ after: this.#used, part });
      return;
    }
    const end = this.#used + part.length;
    if (end > this.#scratch.length) this.#grow(end);
    this.#scratch.set(part, this.#used);
    this.#used = end;
  }

  #reset(used: number): void {
    this.#large.length = 0;
    if (this.#scratch.length > scratchBytesMax) this.#replace(new Uint8Array(scratchBytesMin));
    if (used > this.#scratch.length) this.#grow(used);
    this.#used = used;
  }

  #grow(needed: number): void {
    const larger = new Uint8Array(Math.max(needed, 2 * this.#scratch.length));
    larger.set(this.#scratch);
    this.#replace(larger);
  }

  #replace(scratch: Uint8Array): void {
    this.#scratch = scratch;
    this.#view = viewOf(scratch);
  }
}
