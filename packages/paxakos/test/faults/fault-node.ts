import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { ExecutionContext } from 'ava';
import { NodeClient } from '../../src/demo/node-client.ts';
import type { NodeStatus } from '../../src/node/node-status.ts';
import type { NodeReport } from '../../src/node/run-node.ts';
import { program } from '../demo-run.ts';
import { livenessMs } from '../liveness.ts';

/** A node looks for its broker for this long before it gives up: the transports' `openMsMax`. */
const openMsMax = 10_000;

/** What a node says that found no broker. */
export const noBroker: RegExp = /ended with 1: .*(no NATS server answers at|the Redis server at .* cannot be reached)/s;

/** `paxakos node` in a process of its own, which ends with the test at the latest. */
export class FaultNode {
  readonly id: string;
  readonly #data: string;
  #child: ChildProcess | undefined;
  #isExpected = true;
  client: NodeClient | undefined;
  /** What it said, one line each. */
  readonly events: string[] = [];
  /** How it ended when nobody had told it to. */
  readonly deaths: string[] = [];

  constructor(t: ExecutionContext, id: string, data: string) {
    this.id = id;
    this.#data = data;
    t.teardown(() => this.kill());
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Starts it on its disk, over this bus. Resolves when it serves; rejects with what it says where it cannot start. */
  async start(bus: string): Promise<void> {
    const args = ['node', '--id', this.id, '--data', this.#data, '--bus', bus];
    const child = fork(program, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [] });
    this.#child = child;
    let errors = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-2_000);
    });
    child.once('exit', (code, signal) => {
      this.client?.close();
      this.client = undefined;
      if (!this.#isExpected) this.deaths.push(`${this.id} ended: ${signal ?? code} ${errors}`);
    });
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`${this.id} does not serve after ${livenessMs} ms`)), livenessMs);
      child.once('exit', (code, signal) => {
        clearTimeout(late);
        reject(new Error(`${this.id} ended with ${signal ?? code}: ${errors}`));
      });
      child.on('message', (report: NodeReport) => {
        if (report.type === 'event') this.events.push(report.text);
        else if (report.type === 'refused') errors += report.reason;
        else {
          clearTimeout(late);
          this.client = new NodeClient(report.url);
          this.#isExpected = false;
          resolve();
        }
      });
    });
  }

  /** Starts it as a supervisor does: again if it gave up, which it may do only after it looked for its broker for long. */
  async startSupervised(bus: string): Promise<void> {
    for (;;) {
      const from = performance.now();
      try {
        return await this.start(bus);
      } catch (error) {
        if (performance.now() < from + openMsMax || !noBroker.test(String(error))) throw error;
      }
    }
  }

  /** Tells it with SIGTERM to end in order; resolves to its exit code. */
  async stop(): Promise<number | null> {
    const child = this.#expectEnd();
    if (child === undefined) return null;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    const [code] = (await exited) as [number | null];
    return code;
  }

  /** Ends it at once, also while it is suspended. */
  async kill(): Promise<void> {
    const child = this.#expectEnd();
    if (child === undefined) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  /** How it is; nothing where it does not say. */
  async status(): Promise<NodeStatus | undefined> {
    return await this.client?.status().catch(() => undefined);
  }

  /** The bytes of its whole state. */
  async state(): Promise<Buffer> {
    if (this.client === undefined) throw new Error(`${this.id} is down`);
    return await this.client.state();
  }

  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  #expectEnd(): ChildProcess | undefined {
    this.#isExpected = true;
    const child = this.#child;
    return child === undefined || child.exitCode !== null || child.signalCode !== null ? undefined : child;
  }
}
