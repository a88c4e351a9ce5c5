import { type FileHandle, open, readFile, rename, truncate, writeFile } from 'node:fs/promises';
import { reasonOf } from '../node/reason-of.ts';
import { DemoError } from './demo-error.ts';

/** What an acknowledgement said. */
export interface Acknowledgement {
  readonly round: number;
  readonly value: number;
}

const flushMs = 20;

/**
 * What was acknowledged, of this run and of those before, by id. Each is written to a journal, `["id",round,value]` a line, so that a
 * later run can prove what became of it. A line torn off by the end of a process is dropped: nobody relied on it yet.
 */
export class Ledger {
  readonly #path: string;
  #file: FileHandle;
  readonly #entries: Map<string, Acknowledgement>;
  #batch: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #written: Promise<void> = Promise.resolve();
  #failure: unknown;
  /** How many lines of the journal are of no use any more. */
  #stale = 0;

  private constructor(path: string, file: FileHandle, entries: Map<string, Acknowledgement>) {
    this.#path = path;
    this.#file = file;
    this.#entries = entries;
  }

  static async open(path: string): Promise<Ledger> {
    const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return Buffer.alloc(0);
      throw error;
    });
    const end = bytes.lastIndexOf(0x0a) + 1;
    if (end < bytes.length) await truncate(path, end);
    const entries = new Map<string, Acknowledgement>();
    const lines = bytes.subarray(0, end).toString('utf8').split('\n');
    for (const [index, line] of lines.entries()) if (line !== '') entries.set(...parsed(line, index + 1, path));
    return new Ledger(path, await open(path, 'a'), entries);
  }

  get size(): number {
    return this.#entries.size;
  }

  get entries(): ReadonlyMap<string, Acknowledgement> {
    return this.#entries;
  }

  /** Throws a `DemoError` where what was added before could not be written. */
  add(id: string, { round, value }: Acknowledgement): void {
    if (this.#failure !== undefined) {
      throw new DemoError(`cannot write ${this.#path}: ${reasonOf(this.#failure)}`, { cause: this.#failure });
    }
    this.#entries.set(id, { round, value });
    this.#batch.push(`${JSON.stringify([id, round, value])}\n`);
    this.#timer ??= setTimeout(() => void this.#flushLater(), flushMs);
  }

  /** Drops what the states do not remember any more; from the file too, once that is worth its while. */
  async forgetBefore(round: number): Promise<number> {
    let count = 0;
    for (const [id, entry] of this.#entries) {
      if (entry.round >= round) continue;
      this.#entries.delete(id);
      count += 1;
    }
    this.#stale += count;
    if (this.#stale * 8 < this.#entries.size) return count;
    await this.#flush();
    this.#stale = 0;
    const lines: string[] = [];
    for (const [id, entry] of this.#entries) lines.push(`${JSON.stringify([id, entry.round, entry.value])}\n`);
    await writeFile(`${this.#path}.new`, lines.join(''));
    await this.#file.close();
    await rename(`${this.#path}.new`, this.#path);
    this.#file = await open(this.#path, 'a');
    return count;
  }

  async close(): Promise<void> {
    await this.#flush();
    await this.#file.close();
  }

  #flushLater(): Promise<void> {
    return this.#flush().catch((error: unknown) => {
      this.#failure = error;
    });
  }

  async #flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = this.#batch.join('');
    this.#batch = [];
    if (text !== '') this.#written = this.#written.then(() => this.#file.appendFile(text));
    await this.#written;
  }
}

function parsed(line: string, number: number, path: string): [string, Acknowledgement] {
  try {
    const [id, round, value] = JSON.parse(line) as [string, number, number];
    return [id, { round, value }];
  } catch (cause) {
    throw new DemoError(`line ${number} of ${path} is damaged: begin anew with --fresh`, { cause });
  }
}
