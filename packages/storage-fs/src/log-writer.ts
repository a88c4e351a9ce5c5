import type { LogRecord, StorageError } from '@paxakos/core/contracts';
import type { FileSystem, OpenFile } from './file-system.ts';
import { type FrameKind, frameHeaderBytes, frameKinds, tableEntryBytes } from './format.ts';
import { FrameEncoder } from './frame-encoder.ts';
import type { RecoveredLog } from './recover-log.ts';
import { Segment } from './segment.ts';
import { SegmentMaker } from './segment-maker.ts';
import { storageFaults } from './storage-faults.ts';
import { writeAll } from './write-all.ts';

/** The records that go out together, under one promise for all of their appends. */
interface Group {
  readonly records: LogRecord[];
  bytes: number;
  readonly durable: Promise<void>;
  resolve(): void;
  reject(error: StorageError): void;
}

/** A group this large takes no more appends. In bytes. */
const groupBytesMax = 4_194_304;

/**
 * Writes records in groups: whatever was appended in one turn of the event loop, or while the group before was on its way, is
 * one frame, one write and one sync. The next write begins only after that sync, which recovery counts on.
 */
export class LogWriter {
  /** In order; frames go to the last one. */
  readonly segments: Segment[];
  readonly #files: FileSystem;
  readonly #directory: string;
  readonly #encoder: FrameEncoder = new FrameEncoder();
  readonly #maker: SegmentMaker;
  #file: OpenFile;
  readonly #groups: Group[] = [];
  #isBusy = false;
  /** Resolves when no write is on its way. */
  #settled: Promise<void> = Promise.resolve();
  #failure: StorageError | undefined;
  #nextSequence: number;
  #isAtRest: boolean;

  constructor(files: FileSystem, directory: string, log: RecoveredLog, capacityBytes: number) {
    this.#files = files;
    this.#directory = directory;
    this.segments = [...log.segments];
    this.#file = log.file;
    this.#maker = new SegmentMaker(files, directory, log.logId, capacityBytes, log.spare);
    this.#nextSequence = this.#active.endSequence;
    this.#isAtRest = log.isAtRest;
  }

  /** The sequence of the record that will be appended next. */
  get nextSequence(): number {
    return this.#nextSequence;
  }

  /** Why nothing is acknowledged any more. */
  get failure(): StorageError | undefined {
    return this.#failure;
  }

  get #active(): Segment {
    return this.segments.at(-1) as Segment;
  }

  /** Resolves when the records, and all before them, are durable. The records of one append are in one group. */
  append(records: readonly LogRecord[]): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const last = this.#groups.at(-1);
    if (records.length === 0) return last?.durable ?? Promise.resolve();
    // The first group is on its way while the writer is busy.
    const isOpen = last !== undefined && last.bytes < groupBytesMax && !(this.#isBusy && this.#groups.length === 1);
    const group = isOpen ? last : this.#newGroup();
    for (const record of records) {
      group.records.push(record);
      group.bytes += tableEntryBytes;
      for (const part of record.parts) group.bytes += part.length;
    }
    this.#nextSequence += records.length;
    return group.durable;
  }

  /** From now on nothing is acknowledged; what waits is rejected. Gives the reason, which stays the first one. */
  poison(cause: unknown): StorageError {
    this.#failure ??= storageFaults.poisoned(this.#directory, cause);
    for (const group of this.#groups.splice(0)) group.reject(this.#failure);
    return this.#failure;
  }

  /** Waits for what was appended, marks the end of the log as whole, and closes the files. */
  async close(): Promise<void> {
    await this.append([]).catch(() => {});
    await this.#settled;
    if (this.#failure === undefined && !this.#isAtRest) {
      // All is durable already; the mark only lets damage to the last records be seen.
      await this.#write([], frameKinds.rest, frameHeaderBytes).catch(() => {});
    }
    await this.#maker.close();
    await this.#file.close().catch(() => {});
  }

  #newGroup(): Group {
    let resolve = (): void => {};
    let reject: Group['reject'] = () => {};
    const durable = new Promise<void>((resolved, rejected) => {
      resolve = resolved;
      reject = rejected;
    });
    const group = { records: [], bytes: frameHeaderBytes, durable, resolve, reject };
    this.#groups.push(group);
    if (!this.#isBusy && this.#groups.length === 1) this.#files.atEndOfTurn(() => this.#startGroup());
    return group;
  }

  #startGroup(): void {
    const group = this.#groups[0];
    if (group === undefined) return; // poisoned since
    this.#isBusy = true;
    this.#isAtRest = false;
    this.#settled = this.#write(group.records, frameKinds.records, group.bytes).then(
      () => this.#endGroup(),
      (error: unknown) => {
        this.#isBusy = false;
        this.poison(error);
      },
    );
  }

  #endGroup(): void {
    this.#isBusy = false;
    if (this.#failure !== undefined) return; // already rejected
    this.#groups.shift()?.resolve();
    // Those who waited append again within this turn; they share the next group.
    if (this.#groups.length > 0) this.#files.atEndOfTurn(() => this.#startGroup());
  }

  async #write(records: readonly LogRecord[], kind: FrameKind, bytesLength: number): Promise<void> {
    const { endOffset, firstFrame, endFrame, header } = this.#active;
    // A segment keeps room for the mark at its end; a frame larger than a segment makes its segment longer.
    const isFull = endOffset + bytesLength + frameHeaderBytes > header.capacityBytes;
    if (isFull && endFrame > firstFrame && kind === frameKinds.records) await this.#goOver();
    await this.#writeFrame(records, kind);
    const active = this.#active;
    if (active.endOffset > active.header.capacityBytes / 2) this.#maker.prepare(active.number + 1);
  }

  /** The mark at the end of a segment is durable before anything is in the next one, which is there already. */
  async #goOver(): Promise<void> {
    const { number } = this.#active;
    const next = await this.#maker.take(number + 1);
    try {
      await this.#writeFrame([], frameKinds.seal);
      await this.#file.close();
    } catch (error) {
      await next.file.close().catch(() => {});
      throw error;
    }
    const { endFrame, endSequence } = this.#active;
    this.segments.push(new Segment(this.#directory, next.header, endFrame, endSequence));
    this.#file = next.file;
  }

  async #writeFrame(records: readonly LogRecord[], kind: FrameKind): Promise<void> {
    const active = this.#active;
    const identity = { kind, number: active.endFrame, sequence: active.endSequence };
    const { buffers, bytesLength, from, to } = this.#encoder.encode(records, identity, active.seed);
    await writeAll(this.#file, buffers, active.endOffset);
    await this.#file.sync();
    active.note(bytesLength, records.length, from, to);
    if (kind === frameKinds.seal) active.isSealed = true;
  }
}
