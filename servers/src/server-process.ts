/// <reference lib="esnext.disposable" preserve="true" />
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { missingServer } from './missing-server.ts';

/** A program that serves on loopback, and how to tell that it does. */
export interface ServerProgram {
  readonly command: string;
  readonly args: readonly string[];
  /** What it prints once it serves. */
  readonly ready: RegExp;
}

const startMsMax = 60_000;
const outputCharsMax = 64 * 1024;

/** A real server of its own, a child of this process; disposing of it kills it. */
export class ServerProcess implements AsyncDisposable {
  readonly #program: ServerProgram;
  #child: ChildProcess | undefined;
  #output = '';

  constructor(program: ServerProgram) {
    this.#program = program;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** The last of what it printed. */
  get output(): string {
    return this.#output;
  }

  /** Starts it, also anew after `kill`. Resolves when it serves; rejects with what it printed. */
  async start(): Promise<void> {
    const { command, args, ready } = this.#program;
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    this.#output = '';
    killAtExit(child);
    await new Promise<void>((resolve, reject) => {
      const fail = (reason: string) => reject(new Error(`${command} ${reason}\n${this.#output}`));
      const late = setTimeout(() => fail(`did not serve within ${startMsMax} ms`), startMsMax);
      const hear = (chunk: Buffer) => {
        this.#output = (this.#output + chunk.toString()).slice(-outputCharsMax);
        if (!ready.test(this.#output)) return;
        clearTimeout(late);
        resolve();
      };
      child.stdout?.on('data', hear);
      child.stderr?.on('data', hear);
      child.once('exit', (code) => {
        clearTimeout(late);
        fail(`ended with ${code}`);
      });
      child.once('error', (error: NodeJS.ErrnoException) => {
        clearTimeout(late);
        reject(error.code === 'ENOENT' ? missingServer(command) : error);
      });
    });
  }

  /** As `kill -9`. Resolves when it is gone. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  /** Suspends it: connections stay, nothing answers. */
  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }
}

/** One listener for all, however many there are. */
const living = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

function killAtExit(child: ChildProcess): void {
  living.add(child);
  child.once('exit', () => living.delete(child));
}
