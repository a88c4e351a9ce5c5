import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { NodeStatus } from '../node/node-status.ts';
import type { NodeCommand, NodeReport } from '../node/run-node.ts';
import { type BusSetting, busVariable } from './bus-setting.ts';
import type { DataDirectory } from './data-directory.ts';
import { DemoError } from './demo-error.ts';
import { NodeClient } from './node-client.ts';

const program = fileURLToPath(new URL('../../bin/paxakos.js', import.meta.url));
const stopMsMax = 10_000;
const readyMsMax = 60_000;
const lockedMsMax = 5_000;
const heldWaitMs = 100;
const busWaitMs = 1_000;

type Refusal = Extract<NodeReport, { readonly type: 'refused' }>;

/** Who is told of a node's process. */
export interface NodeProcessListener {
  onEvent(id: string, text: string): void;
  /** It ended, though nobody told it to. */
  onLost(id: string, reason: string): void;
}

/** What a node's process is started with. */
export interface NodeProcessParts {
  readonly directory: DataDirectory;
  readonly bus: BusSetting;
  /** Whether a dead leader is to be noticed sooner. */
  readonly isFast: boolean;
}

/** One node in a process of its own, which can be killed and started again. */
export class NodeProcess {
  readonly id: string;
  readonly #directory: DataDirectory;
  readonly #bus: BusSetting;
  readonly #isFast: boolean;
  readonly #listener: NodeProcessListener;
  #child: ChildProcess | undefined;
  #client: NodeClient | undefined;
  #isExpected = false;
  #isRetired = false;
  /** Whether it has been ready before: then a bus that does not open is one that will be back. */
  #hasServed = false;
  #errors = '';
  /** What it said last; none while it does not run. */
  status: NodeStatus | undefined;
  appendsPerSecond = 0;

  constructor(id: string, { directory, bus, isFast }: NodeProcessParts, listener: NodeProcessListener) {
    this.#isFast = isFast;
    this.id = id;
    this.#directory = directory;
    this.#bus = bus;
    this.#listener = listener;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Whether it ended though nobody told it to, and is not being started again yet. */
  get isGone(): boolean {
    const child = this.#child;
    const hasEnded = child === undefined || child.exitCode !== null || child.signalCode !== null;
    return hasEnded && !this.#isExpected;
  }

  /** Asks the node; none while it is not ready. */
  get client(): NodeClient | undefined {
    return this.#client;
  }

  /** Resolves when the node serves; rejects with a `DemoError` where it cannot, or where it was retired. */
  async start(): Promise<void> {
    const until = performance.now() + lockedMsMax;
    for (;;) {
      if (this.#isRetired) throw new DemoError(`${this.id} is not to be started any more`);
      const refusal = await this.#fork();
      if (refusal === undefined) return;
      const isOfBus = refusal.code === 'PAXAKOS_TRANSPORT';
      // A node whose parent was killed ends by itself, a moment later.
      const isHeld = refusal.code === 'PAXAKOS_STORAGE_LOCKED' || (isOfBus && this.#bus.isListenedAt);
      if (isOfBus && this.#hasServed) this.#listener.onEvent(this.id, `${refusal.reason}; it tries again`);
      else if (!isHeld || performance.now() > until) throw this.#refused(refusal);
      await sleep(isHeld ? heldWaitMs : busWaitMs);
    }
  }

  #refused({ code, reason }: Refusal): DemoError {
    const isOfBus = code === 'PAXAKOS_TRANSPORT' || code === 'PAXAKOS_INVALID';
    return isOfBus ? this.#bus.error(reason) : new DemoError(`${this.id} cannot start: ${reason}`);
  }

  async #fork(): Promise<Refusal | undefined> {
    const child = fork(
      program,
      ['node', '--id', this.id, '--data', this.#directory.path, ...(this.#isFast ? ['--fast'] : [])],
      {
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
        execArgv: [],
        env: { ...process.env, [busVariable]: this.#bus.addressIn(this.#directory) },
      },
    );
    this.#child = child;
    this.#isExpected = false;
    this.#errors = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors = (this.#errors + text).slice(-2_000);
    });
    child.once('exit', (code, signal) => this.#onExit(child, signal ?? `exit code ${code}`));
    return await this.#ready(child);
  }

  /** Ends it the hard way, at once; `onGone` is called when it is gone. */
  kill(onGone: () => void = () => {}): void {
    this.#isExpected = true;
    this.#child?.once('exit', onGone);
    this.#child?.kill('SIGKILL');
  }

  /** It is never started again. */
  retire(): void {
    this.#isRetired = true;
  }

  /** Lets it end in order; the hard way where it takes too long. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    this.#isExpected = true;
    const exited = once(child, 'exit');
    const timer = setTimeout(() => child.kill('SIGKILL'), stopMsMax);
    if (child.connected) child.send({ type: 'stop' } satisfies NodeCommand, () => {});
    else child.kill('SIGKILL');
    await exited;
    clearTimeout(timer);
  }

  /** Asks how it is. */
  async refresh(): Promise<NodeStatus | undefined> {
    const client = this.#client;
    const status = await client?.status().catch(() => undefined);
    if (client === this.#client) this.status = status;
    return this.status;
  }

  #ready(child: ChildProcess): Promise<Refusal | undefined> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new DemoError(`${this.id} is not ready after a minute`)), readyMsMax);
      child.on('message', (report: NodeReport) => {
        if (report.type === 'event') return this.#listener.onEvent(this.id, report.text);
        clearTimeout(timer);
        if (report.type === 'refused') return resolve(report);
        this.#client = new NodeClient(report.url);
        this.#hasServed = true;
        return resolve(undefined);
      });
      child.once('exit', (code, signal) => {
        clearTimeout(timer);
        reject(new DemoError(`${this.id} ended before it was ready (${signal ?? `exit code ${code}`})${this.#tail}`));
      });
    });
  }

  #onExit(child: ChildProcess, reason: string): void {
    if (child !== this.#child) return;
    const wasReady = this.#client !== undefined;
    this.#client?.close();
    this.#client = undefined;
    this.status = undefined;
    this.appendsPerSecond = 0;
    if (!this.#isExpected && wasReady) this.#listener.onLost(this.id, `${reason}${this.#tail}`);
  }

  get #tail(): string {
    return this.#errors === '' ? '' : `\n${this.#errors.trimEnd()}`;
  }
}
