import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import type { DemoResult } from '../src/demo/demo.ts';

/** The tests run in the package's folder. */
export const program: string = resolve('bin/paxakos.js');

/** A directory that goes with the test. */
export function dataFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'paxakos-demo-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
  return folder;
}

/** What one is given beside its arguments. */
export interface DemoRunOptions {
  /** On standard input. */
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** One demonstration in processes of its own, which end with the test at the latest. */
export class DemoRun {
  readonly process: ChildProcess;
  readonly #exited: Promise<unknown[]>;
  out = '';
  err = '';

  constructor(t: ExecutionContext, args: readonly string[], { input = '', env = {} }: DemoRunOptions = {}) {
    this.process = spawn(process.execPath, [program, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, PAXAKOS_BUS: '', ...env },
    });
    this.#exited = once(this.process, 'exit');
    this.process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.out += text;
    });
    this.process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.err += text;
    });
    this.process.stdin?.on('error', () => {}).end(input);
    t.teardown(() => this.process.kill('SIGKILL'));
  }

  /** The exit code, or the signal that ended it. */
  async ended(): Promise<unknown> {
    const [code, signal] = await this.#exited;
    // What it wrote last is on its way still.
    await sleep(20);
    return code ?? signal;
  }

  /** The last line of its standard output. */
  get result(): DemoResult {
    return JSON.parse(this.out.trimEnd().split('\n').at(-1) ?? '') as DemoResult;
  }

  /** Of every node that it told of. */
  get pids(): number[] {
    return [...this.err.matchAll(/\(process (\d+)\)/g)].map(([, pid]) => Number(pid));
  }

  /** Resolves when standard error has this, or fails with all that it has. */
  async says(pattern: RegExp, msMax = 30_000): Promise<RegExpExecArray> {
    const until = performance.now() + msMax;
    for (;;) {
      const found = pattern.exec(this.err);
      if (found !== null) return found;
      if (performance.now() > until || this.process.exitCode !== null) {
        throw new Error(`it does not say ${pattern}:\n${this.err}`);
      }
      await sleep(10);
    }
  }
}

/** Resolves to the processes that are still there after a moment. */
export async function survivors(pids: readonly number[], msMax = 5_000): Promise<number[]> {
  const until = performance.now() + msMax;
  for (;;) {
    const alive = pids.filter(isAlive);
    if (alive.length === 0 || performance.now() > until) return alive;
    await sleep(20);
  }
}

/** The processes whose command line has this. */
export function processesOf(text: string): number[] {
  const { stdout } = spawnSync('ps', ['-A', '-ww', '-o', 'pid=,args='], { encoding: 'utf8' });
  const lines = stdout.split('\n').filter((line) => line.includes(text));
  return lines.map((line) => Number.parseInt(line, 10));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
