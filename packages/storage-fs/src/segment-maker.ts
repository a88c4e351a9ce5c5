import type { FileSystem, OpenFile } from './file-system.ts';
import type { SegmentHeader } from './format.ts';
import { makeSegment } from './make-segment.ts';
import { segmentPath } from './segment.ts';

/** A segment that is ready for its first frame. */
export interface MadeSegment {
  readonly header: SegmentHeader;
  readonly file: OpenFile;
}

/** Makes the next segment while the current one fills, so that going over to it costs no wait. */
export class SegmentMaker {
  readonly #files: FileSystem;
  readonly #directory: string;
  readonly #logId: Uint8Array;
  readonly #capacityBytes: number;
  /** One that was found when the log was opened. */
  #spare: SegmentHeader | undefined;
  #making: Promise<MadeSegment | undefined> | undefined;
  #shallStop = false;

  constructor(
    files: FileSystem,
    directory: string,
    logId: Uint8Array,
    capacityBytes: number,
    spare: SegmentHeader | undefined,
  ) {
    this.#files = files;
    this.#directory = directory;
    this.#logId = logId;
    this.#capacityBytes = capacityBytes;
    this.#spare = spare;
  }

  /** Begins to make a segment, unless that has begun. A failure shows when the segment is taken. */
  prepare(number: number): void {
    if (this.#making !== undefined) return;
    this.#making = this.#make(number);
    this.#making.catch(() => {});
  }

  /** Resolves when the segment is ready. */
  async take(number: number): Promise<MadeSegment> {
    this.prepare(number);
    const made = await this.#making;
    this.#making = undefined;
    if (made === undefined) throw new Error('the storage was closed while a segment was made');
    return made;
  }

  /** Stops making, and closes what nobody took. */
  async close(): Promise<void> {
    this.#shallStop = true;
    try {
      await (await this.#making)?.file.close();
    } catch {
      // It failed, and nobody needed it.
    }
  }

  async #make(number: number): Promise<MadeSegment | undefined> {
    const spare = this.#spare;
    this.#spare = undefined;
    if (spare !== undefined) {
      return { header: spare, file: await this.#files.open(segmentPath(this.#directory, number), 'write') };
    }
    const header = { logId: this.#logId, number, capacityBytes: this.#capacityBytes };
    const file = await makeSegment(this.#files, this.#directory, header, () => this.#shallStop);
    return file === undefined ? undefined : { header, file };
  }
}
