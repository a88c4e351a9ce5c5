import { resolve } from 'node:path';
import type { LogRecord, RoundNum, RoundRange, Storage, StoredLog, StoredSnapshot } from '@paxakos/core/contracts';
import { InvalidError, StorageError } from '@paxakos/core/contracts';
import type { DirectoryLock, FileSystem } from './file-system.ts';
import { LogWriter } from './log-writer.ts';
import { makeDirectories } from './make-directories.ts';
import { readRecords, type SegmentBlocks, type Wanted } from './read-records.ts';
import { type RecoveredLog, recoverLog } from './recover-log.ts';
import { countDropped, type RetentionLimits } from './retention.ts';
import type { Segment } from './segment.ts';
import { snapshotPath, writeSnapshot } from './snapshot-file.ts';
import { codeOf, storageFaults } from './storage-faults.ts';

/** Options that have been checked. */
export interface StableStorageOptions {
  readonly directory: string;
  readonly segmentBytes: number;
  readonly retain: RetentionLimits;
}

/** What a storage has while it is open. */
interface OpenLog {
  readonly lock: DirectoryLock;
  readonly logId: Uint8Array;
  readonly writer: LogWriter;
}

const recordBytesMax = 2 ** 31 - 1;

/** A log of segments and its snapshots, in one directory of a file system. */
export class StableStorage implements Storage {
  readonly #files: FileSystem;
  readonly #directory: string;
  readonly #options: StableStorageOptions;
  #log: OpenLog | undefined;
  #opening: Promise<StoredLog> | undefined;
  #closing: Promise<void> | undefined;
  #retainedFrom: RoundNum = 1;
  #snapshotNumber = 0;
  /** Snapshots are saved one after another. */
  #saving: Promise<void> = Promise.resolve();
  /** Segments that are not part of the log any more, but that a reader needs. */
  readonly #dropped = new Set<Segment>();

  constructor(files: FileSystem, options: StableStorageOptions) {
    this.#files = files;
    this.#options = options;
    this.#directory = resolve(options.directory);
  }

  get retainedFrom(): RoundNum {
    return this.#retainedFrom;
  }

  open(): Promise<StoredLog> {
    if (this.#closing !== undefined) return Promise.reject(storageFaults.notOpen(this.#directory));
    if (this.#opening !== undefined) {
      const message = `${this.#directory} is open already by this very object: open it once`;
      return Promise.reject(new StorageError('PAXAKOS_STORAGE_LOCKED', message));
    }
    this.#opening = this.#open();
    this.#opening.catch(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  append(records: readonly LogRecord[]): Promise<void> {
    try {
      const { writer } = this.#opened();
      for (const record of records) checkRecord(record);
      return writer.append(records);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async saveSnapshot(snapshot: StoredSnapshot): Promise<void> {
    const log = this.#opened();
    if (log.writer.failure !== undefined) throw log.writer.failure;
    if (!Number.isSafeInteger(snapshot.round) || snapshot.round < 0) {
      throw new InvalidError('snapshot.round', snapshot.round, 'give the round after which the snapshot was taken');
    }
    const position = log.writer.nextSequence;
    const saved = this.#saving.then(() => this.#save(log, snapshot, position));
    this.#saving = saved.catch(() => {});
    await saved;
  }

  async *read(rounds: RoundRange): AsyncGenerator<Uint8Array> {
    const { writer } = this.#opened();
    if (writer.failure !== undefined) throw writer.failure;
    const captured = writer.segments.map((segment) => ({ segment, blocks: segment.blocks(rounds) }));
    yield* this.#read(captured, { rounds });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #opened(): OpenLog {
    if (this.#log === undefined || this.#closing !== undefined) throw storageFaults.notOpen(this.#directory);
    return this.#log;
  }

  async #open(): Promise<StoredLog> {
    let lock: DirectoryLock | undefined;
    try {
      await makeDirectories(this.#files, this.#directory);
      lock = await this.#files.lock(this.#directory);
      const recovered = await recoverLog(this.#files, this.#directory, this.#options.segmentBytes);
      const writer = new LogWriter(this.#files, this.#directory, recovered, this.#options.segmentBytes);
      this.#log = { lock, logId: recovered.logId, writer };
      return this.#stored(recovered);
    } catch (error) {
      await lock?.release().catch(() => {});
      throw storageFaults.failed(this.#directory, error);
    }
  }

  #stored({ snapshot, segments }: RecoveredLog): StoredLog {
    const position = snapshot?.header.position ?? 1;
    this.#retainedFrom = snapshot?.header.retainedFrom ?? 1;
    this.#snapshotNumber = snapshot?.header.number ?? 0;
    const captured = segments
      .filter((segment) => segment.endSequence > position)
      .map((segment) => ({ segment, blocks: segment.blocks() }));
    const records = this.#read(captured, { position });
    if (snapshot === undefined) return { records };
    return { snapshot: { round: snapshot.header.round, bytes: snapshot.bytes }, records };
  }

  async *#read(captured: readonly SegmentBlocks[], wanted: Wanted): AsyncGenerator<Uint8Array> {
    const check = (): void => void this.#opened();
    const done = (segment: Segment): Promise<void> => this.#letGo(segment).catch(() => {});
    try {
      yield* readRecords(this.#files, captured, wanted, check, done);
    } catch (error) {
      throw storageFaults.failed(this.#directory, error);
    }
  }

  async #save({ writer, logId }: OpenLog, { round, bytes }: StoredSnapshot, position: number): Promise<void> {
    // The snapshot stands for records that must not be lost while it lives: those first.
    await writer.append([]);
    if (writer.failure !== undefined) throw writer.failure;
    try {
      const dropped = writer.segments.slice(0, countDropped(writer.segments, round, position, this.#options.retain));
      const first = writer.segments[dropped.length] as Segment;
      const retainedFrom = dropped.reduce(
        (from, { highestRound }) => Math.max(from, highestRound + 1),
        this.#retainedFrom,
      );
      const number = this.#snapshotNumber + 1;
      const { number: firstSegment, firstFrame, firstSequence } = first;
      const where = { firstSegment, firstFrame, firstSequence, retainedFrom };
      const header = { logId, number, round, position, ...where, bytesLength: bytes.length };
      await writeSnapshot(this.#files, this.#directory, header, bytes);
      this.#snapshotNumber = number;
      this.#retainedFrom = retainedFrom;
      writer.segments.splice(0, dropped.length);
      for (const segment of dropped) this.#dropped.add(segment);
      if (number > 1) await this.#removeIfThere(snapshotPath(this.#directory, number - 1));
      await Promise.all(dropped.map((segment) => this.#letGo(segment)));
    } catch (error) {
      throw writer.poison(error);
    }
  }

  /** Deletes the file of a dropped segment, once no reader needs it. One that stays is deleted by the next open. */
  async #letGo(segment: Segment): Promise<void> {
    if (segment.readers > 0 || !this.#dropped.delete(segment)) return;
    await this.#removeIfThere(segment.path);
  }

  async #removeIfThere(path: string): Promise<void> {
    try {
      await this.#files.remove(path);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
    }
  }

  async #close(): Promise<void> {
    await this.#opening?.catch(() => {});
    const log = this.#log;
    if (log === undefined) return;
    await this.#saving;
    await log.writer.close();
    await log.lock.release();
  }
}

function checkRecord({ parts, rounds }: LogRecord): void {
  if (rounds !== undefined) {
    const { from, to } = rounds;
    if (!(Number.isSafeInteger(to) && from >= 1 && to >= from && Number.isSafeInteger(from))) {
      throw new InvalidError(
        'rounds',
        `${from} to ${to}`,
        'give whole numbers from 1, the first one not above the last one',
      );
    }
  }
  let length = 0;
  for (const part of parts) length += part.length;
  if (length > recordBytesMax)
    throw new InvalidError('a record', `${length} bytes`, `give at most ${recordBytesMax} bytes`);
}
