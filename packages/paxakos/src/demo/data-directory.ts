import { createHash, randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { unusableData } from './demo-error.ts';

/** The ids of the nodes. */
export const nodeIds: readonly string[] = ['n1', 'n2', 'n3'];

/** The longest path that a socket may have is 103 bytes on macOS and 107 on Linux. */
const socketPathBytesMax = 96;

/** Where everything of one demonstration lies. */
export class DataDirectory {
  readonly path: string;
  /** Of the sockets: below the directory, or, where that is too deep for a socket, below the one for temporary files. */
  readonly #socketFolder: string;

  /** Makes the directory where there is none. Throws a `DemoError` where it cannot be made. */
  constructor(path: string) {
    try {
      makeFolder(resolve(path));
      this.path = realpathSync(resolve(path));
      this.#socketFolder = this.#makeSocketFolder();
    } catch (error) {
      throw unusableData(path, error);
    }
  }

  #makeSocketFolder(): string {
    const near = join(this.path, 'sockets');
    const key = createHash('sha256').update(this.path).digest('hex').slice(0, 16);
    const isShort = Buffer.byteLength(join(near, 'demo.sock')) <= socketPathBytesMax;
    const folder = isShort ? near : join(tmpdir(), `paxakos-${key}`);
    makeFolder(folder, 0o700);
    return folder;
  }

  /** Of what a node keeps. */
  storageOf(id: string): string {
    return join(this.path, id);
  }

  /** The bus that needs nothing: sockets of this directory. No address is in the replicated state, so it can be moved. */
  get busDefault(): string {
    return `zmq+ipc://${this.#socketFolder.split('/').map(encodeURIComponent).join('/')}`;
  }

  /** The cluster's name, which goes with the data: others on the same bus have another one. Made where there is none. */
  get cluster(): string {
    const path = this.#clusterPath;
    const made = `${path}.${process.pid}`;
    if (!existsSync(path)) {
      writeFileSync(made, `paxakos-demo-${randomBytes(8).toString('hex')}\n`);
      try {
        // Whole or not at all, and never over one that another process has made.
        linkSync(made, path);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      } finally {
        rmSync(made);
      }
    }
    return readFileSync(path, 'utf8').trim();
  }

  /** Held by the demonstration that uses the directory. */
  get lockPath(): string {
    return join(this.#socketFolder, 'demo.sock');
  }

  /** Of the operations that were acknowledged. */
  get journalPath(): string {
    return join(this.path, 'acknowledged.jsonl');
  }

  /** Where a node serves HTTP, as it said last. */
  async urlOf(id: string): Promise<string | undefined> {
    const text = await readFile(this.#urlPath(id), 'utf8').catch(() => '');
    return text.trim() === '' ? undefined : text.trim();
  }

  async writeUrl(id: string, url: string): Promise<void> {
    const path = this.#urlPath(id);
    await writeFile(`${path}.new`, `${url}\n`);
    await rename(`${path}.new`, path);
  }

  /** Forgets everything. Only for who holds the lock. */
  async clear(): Promise<void> {
    const paths = [
      this.journalPath,
      this.#clusterPath,
      ...nodeIds.flatMap((id) => [this.storageOf(id), this.#urlPath(id)]),
    ];
    for (const path of paths) await rm(path, { recursive: true, force: true });
  }

  get #clusterPath(): string {
    return join(this.path, 'cluster');
  }

  #urlPath(id: string): string {
    return join(this.path, `${id}.url`);
  }
}

/** Level by level: the recursive `mkdir` of Node.js never ends below `/proc`. */
function makeFolder(path: string, mode = 0o777): void {
  const missing: string[] = [];
  for (let at = path; !existsSync(at); at = dirname(at)) missing.unshift(at);
  for (const each of missing) {
    try {
      mkdirSync(each, { mode });
    } catch (error) {
      // Another process may make it too.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  if (statSync(path).isDirectory()) return;
  throw Object.assign(new Error(`ENOTDIR: ${path} is no directory`), { code: 'ENOTDIR' });
}
