import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';

/** What a process of the lock demonstration says. */
export type LockReport =
  /** A worker uses the resource. `owner` is its tenure of the lease, and `token` the fencing token of that. */
  | { readonly type: 'act'; readonly owner: string; readonly worker: string; readonly token: number }
  /** It is about to suspend itself, between the check of its lease and what it does with it. */
  | { readonly type: 'suspending'; readonly owner: string }
  /** A worker was told that it holds the lease no longer, or could not have it. */
  | { readonly type: 'lost'; readonly worker: string; readonly code: string };

/** What it is told: to suspend itself at the next act. */
export type LockOrder = 'suspend';

/** One node with its workers in a process of its own, which ends with the test at the latest. */
export class LockProcess {
  readonly id: string;
  readonly #args: readonly string[];
  readonly #listener: (report: LockReport, from: LockProcess) => void;
  #child: ChildProcess | undefined;
  #isExpected = false;
  /** How it ended when nobody had told it to. */
  readonly deaths: string[] = [];

  constructor(
    t: ExecutionContext,
    { id, data, bus, workers }: { id: string; data: string; bus: string; workers: readonly string[] },
    listener: (report: LockReport, from: LockProcess) => void,
  ) {
    this.id = id;
    this.#args = [id, join(data, id), bus, workers.join()];
    this.#listener = listener;
    t.teardown(() => this.kill());
  }

  start(): void {
    const program = fileURLToPath(new URL('./lock-node.js', import.meta.url));
    const child = fork(program, this.#args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [] });
    this.#child = child;
    this.#isExpected = false;
    let errors = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-2_000);
    });
    child.on('message', (report: LockReport) => this.#listener(report, this));
    child.once('exit', (code, signal) => {
      if (!this.#isExpected) this.deaths.push(`${this.id} ended: ${signal ?? code} ${errors}`);
    });
  }

  tell(order: LockOrder): void {
    this.#child?.send(order);
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  /** Ends it at once, also while it is suspended. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#isExpected = true;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }
}
