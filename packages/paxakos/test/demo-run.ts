import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import type { DemoResult } from '../src/demo/demo.ts';
import { livenessMs } from './liveness.ts';

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
  /** On standard input, which ends with it. */
  readonly input?: string | ((run: DemoRun) => AsyncIterable<string>);
  readonly env?: NodeJS.ProcessEnv;
}

/** One demonstration in processes of its own, which end with the test at the latest. */
export class DemoRun {
  readonly process: ChildProcess;
  readonly #closed: Promise<unknown[]>;
  #isClosed = false;
  out = '';
  err = '';

  constructor(t: ExecutionContext, args: readonly string[], { input = '', env = {} }: DemoRunOptions = {}) {
    this.process = spawn(process.execPath, [program, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, PAXAKOS_BUS: '', ...env },
    });
    // Later than 'exit': once all that it wrote is here.
    this.#closed = once(this.process, 'close').finally(() => {
      this.#isClosed = true;
    });
    this.process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.out += text;
    });
    this.process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.err += text;
    });
    const stdin = this.process.stdin?.on('error', () => {});
    if (typeof input === 'string') stdin?.end(input);
    else if (stdin !== undefined) Readable.from(input(this)).pipe(stdin);
    t.teardown(() => this.process.kill('SIGKILL'));
  }

  /** The exit code, or the signal that ended it. */
  async ended(): Promise<unknown> {
    const [code, signal] = await this.#closed;
    return code ?? signal;
  }

  /** The last line of its standard output. */
  get result(): DemoResult {
    return JSON.parse(this.out.trimEnd().split('\n').at(-1) ?? '') as DemoResult;
  }

  /** The result of a demonstration that stays up, once it is printed: another pipe may be read first. */
  async printed(): Promise<DemoResult> {
    const until = performance.now() + livenessMs;
    while (!this.out.endsWith('\n')) {
      if (this.#isClosed || performance.now() > until) throw new Error(`it prints no result:\n${this.err}`);
      await sleep(10);
    }
    return this.result;
  }

  /** Of every node that it told of. */
  get pids(): number[] {
    return [...this.err.matchAll(/\(process (\d+)\)/g)].map(([, pid]) => Number(pid));
  }

  /** Resolves when standard error has this. Fails with all that it has if the process ends without it. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    const until = performance.now() + livenessMs;
    for (;;) {
      const isOver = this.#isClosed || performance.now() > until;
      const found = pattern.exec(this.err);
      if (found !== null) return found;
      if (isOver) throw new Error(`it does not say ${pattern}:\n${this.err}`);
      await sleep(10);
    }
  }
}

/** Lines of operations without an end. */
export async function* endlessLines(): AsyncGenerator<string> {
  for (;;) yield 'add 1\n'.repeat(100);
}

/** Appends an operation at a node until that succeeds: a node on a slow machine may give an append up, and say so. */
export async function appended(t: ExecutionContext, url: string | undefined, body = 'add 1'): Promise<void> {
  const until = performance.now() + livenessMs;
  for (;;) {
    const response = await fetch(`${url}/append`, { method: 'POST', body });
    const text = await response.text();
    if (response.status !== 200 && performance.now() < until) continue;
    t.is(response.status, 200, text);
    return;
  }
}

/** Asserts that a wrong setting ends with this exit code, and returns the one line of standard error. */
export async function refusal(
  t: ExecutionContext,
  code: number,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  const run = new DemoRun(t, ['demo', '--once', '--data', dataFolder(t), '--operations', '10', ...args], { env });
  t.is(await run.ended(), code, run.err);
  t.regex(run.err, /^paxakos demo: .+\n$/);
  t.notRegex(run.err, /secret/);
  t.is(run.out, '');
  return run.err;
}

/** Resolves to the processes that are there still, if they do not end. */
export async function survivors(pids: readonly number[]): Promise<number[]> {
  const until = performance.now() + livenessMs;
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

/** Ends a process the hard way, if it has not ended already. */
export function killHard(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
