import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from '../node/answer.ts';
import type { Crew } from './crew.ts';
import { DemoError } from './demo-error.ts';
import type { Ledger } from './ledger.ts';
import { Load, type LoadListener } from './load.ts';
import type { NodeProcess } from './node-process.ts';
import type { NumberedOperation, OperationSource } from './operation-source.ts';
import { counted, shownNumber } from './view.ts';

/** What a drill works with. */
export interface DrillParts {
  readonly crew: Crew;
  readonly ledger: Ledger;
  readonly runId: string;
  readonly say: (text: string) => void;
  /** A line of the input could not be carried out. */
  readonly onInvalid: (line: number, reason: string) => void;
}

/** What came of a drill. */
export interface DrillResult {
  readonly acknowledged: number;
  readonly appendsPerSecond: number;
  /** From the kill of the leading process to the next acknowledgement. */
  readonly leaderlessMs: number;
  readonly kills: number;
}

/** When to kill where nobody knows how much there will be. */
const killAfterUnknown = 1_000;
/** How long the others are left alone at least. */
const downMsMin = 500;
/** How long a node that leads while all are up is waited for, once the load is over. */
const spareMsMax = 60_000;

/** Appends a load, kills the leading process in the middle of it, once all are up and level, and starts it again while the others go on. */
export class Drill {
  readonly #parts: DrillParts;
  readonly #load: Load;
  readonly #killAfter: number;
  readonly #total: number | undefined;
  #probes = 0;
  #isAdrift = false;
  #acknowledged = 0;
  #victim: NodeProcess | undefined;
  #killedAt = 0;
  #leaderlessMs: number | undefined;
  #restarted: Promise<void> | undefined;

  constructor(parts: DrillParts, source: OperationSource) {
    this.#parts = parts;
    this.#total = source.total;
    this.#killAfter = source.total === undefined ? killAfterUnknown : Math.max(1, Math.floor(source.total / 2));
    this.#load = this.#newLoad(source, ({ id }, answer, node) => {
      parts.ledger.add(id, acknowledgementOf(answer));
      this.#acknowledged += 1;
      if (this.#acknowledged < this.#killAfter || this.#victim !== undefined) return;
      if (this.#parts.crew.canSpare(node)) this.#kill(node);
    });
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  get total(): number | undefined {
    return this.#total;
  }

  async run(): Promise<DrillResult> {
    const startedAt = performance.now();
    await this.#load.run();
    const seconds = (performance.now() - startedAt) / 1_000;
    if (this.#victim === undefined) await this.#killLate();
    // All may have been acknowledged when the process ended.
    if (this.#leaderlessMs === undefined) await this.probe();
    await this.#restarted;
    return {
      acknowledged: this.#acknowledged,
      appendsPerSecond: Math.round(this.#acknowledged / seconds),
      leaderlessMs: Math.round((this.#leaderlessMs ?? 0) * 10) / 10,
      kills: 1,
    };
  }

  /** Appends an operation that changes nothing, which makes sure that some node leads. The proof does not count it. */
  async probe(): Promise<void> {
    this.#probes += 1;
    const operation: NumberedOperation = { id: `${this.#parts.runId}-probe-${this.#probes}`, type: 'add', value: 0 };
    async function* batches() {
      yield [operation];
    }
    await this.#newLoad({ total: 1, batches: batches() }, () => {}).run();
  }

  #newLoad(source: OperationSource, onAcknowledged: LoadListener['onAcknowledged']): Load {
    const { crew, say, onInvalid } = this.#parts;
    const listener: LoadListener = {
      onAcknowledged: (operation, answer, node) => {
        this.#isAdrift = false;
        this.#measure(node);
        onAcknowledged(operation, answer, node);
      },
      onRefused: ({ line = 0 }, { reason = '' }) => onInvalid(line, reason),
      onMove: (from, reason, unanswered) => {
        if (unanswered === 0 || this.#isAdrift) return;
        // Once, however many nodes are tried in vain.
        this.#isAdrift = true;
        say(`${counted(unanswered, 'append')} at ${from.id} without an answer (${reason}): sent again to another node`);
      },
    };
    return new Load(crew, source, listener);
  }

  /** The load is over already: then the leading process is killed before one more append. */
  async #killLate(): Promise<void> {
    const { crew } = this.#parts;
    const until = performance.now() + spareMsMax;
    while (performance.now() < until) {
      await crew.level();
      const node = await crew.leading();
      if (node === undefined) await this.probe();
      else if (crew.canSpare(node)) return this.#kill(node);
    }
    throw new DemoError(`no node leads while all are up: ${crew.describe()}`);
  }

  #kill(node: NodeProcess): void {
    this.#victim = node;
    this.#killedAt = performance.now();
    this.#parts.say(`SIGKILL to ${node.id}, which leads (process ${node.pid})`);
    node.kill();
    this.#restarted = this.#restart(node);
    // Whoever waits for it hears of it later.
    this.#restarted.catch(() => {});
  }

  #measure(node: NodeProcess): void {
    if (this.#victim === undefined || this.#victim === node || this.#leaderlessMs !== undefined) return;
    this.#leaderlessMs = performance.now() - this.#killedAt;
    this.#parts.say(`${node.id} leads now: appends go on after ${shownNumber(Math.round(this.#leaderlessMs))} ms`);
  }

  async #restart(node: NodeProcess): Promise<void> {
    await sleep(downMsMin);
    while (this.#leaderlessMs === undefined) await sleep(20);
    await node.start();
    this.#parts.say(`${node.id} is up again (process ${node.pid})`);
  }
}

function acknowledgementOf({ round, value }: Answer): { round: number; value: number } {
  if (round === undefined || value === undefined) throw new DemoError('an answer lacks its round or value');
  return { round, value };
}
