import { setTimeout as sleep } from 'node:timers/promises';
import type { Operation } from '../calculator/operation.ts';
import type { Answer } from '../node/answer.ts';
import type { Crew } from './crew.ts';
import { DemoError } from './demo-error.ts';
import type { Ledger } from './ledger.ts';
import { Load, type LoadListener } from './load.ts';
import type { NodeProcess } from './node-process.ts';
import { endlessOperations, type NumberedOperation, type OperationSource } from './operation-source.ts';
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
  /** From the kill of the leading process to the next acknowledgement of an append that began after it: the median. */
  readonly leaderlessMs: number;
  /** The longest. */
  readonly leaderlessMsMax: number;
  readonly kills: number;
}

/** After how many operations to kill where nobody knows how much there will be. */
const killAfterUnknown = 200;
/** How often an append is tried until one is acknowledged, once the process is gone. */
const probeMs = 10;
/** How long the others are left alone at least. */
const downMsMin = 500;
/** How long a node that leads while all are up is waited for, once the load is over. */
const spareMsMax = 60_000;

/**
 * Appends a load, kills the leading process in the middle of it, once all are up and level, and starts it again while the others go
 * on; where it is to kill more than once, again and again, and the load lasts for as long as that takes.
 */
export class Drill {
  readonly #parts: DrillParts;
  readonly #load: Load;
  readonly #kills: number;
  readonly #total: number | undefined;
  readonly #failovers: Failover[] = [];
  #killAfter: number;
  #probes = 0;
  #isAdrift = false;
  #acknowledged = 0;
  /** Whether a process was killed and is not up again. */
  #isDown = false;

  /** `source`: what to append; made up, where it is to kill more than once. */
  constructor(parts: DrillParts, { source, kills }: { readonly source: OperationSource; readonly kills: number }) {
    this.#parts = parts;
    this.#kills = kills;
    this.#total = kills > 1 ? undefined : source.total;
    this.#killAfter = this.#total === undefined ? killAfterUnknown : Math.max(1, Math.floor(this.#total / 2));
    const isOver = (): boolean => this.#failovers.length === kills && this.#failovers.at(-1)?.endedMs !== undefined;
    const lasting = kills > 1 ? endlessOperations(isOver, parts.runId) : source;
    this.#load = this.#newLoad(lasting, ({ id }, answer) => {
      parts.ledger.add(id, acknowledgementOf(answer));
      this.#acknowledged += 1;
      if (this.#acknowledged < this.#killAfter || this.#isDown || this.#failovers.length === kills) return;
      const node = this.#parts.crew.seenLeading;
      if (node !== undefined && this.#parts.crew.canSpare(node)) this.#kill(node);
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
    if (this.#failovers.length === 0) await this.#killLate();
    // All may have been acknowledged when the process ended.
    if (this.#failovers.at(-1)?.endedMs === undefined) await this.probe();
    await Promise.all(this.#failovers.flatMap(({ restarted }) => restarted ?? []));
    const times = this.#failovers.map(({ endedMs = 0 }) => Math.round(endedMs * 10) / 10).sort((a, b) => a - b);
    return {
      acknowledged: this.#acknowledged,
      appendsPerSecond: Math.round(this.#acknowledged / seconds),
      leaderlessMs: times[Math.floor(times.length / 2)] ?? 0,
      leaderlessMsMax: times.at(-1) ?? 0,
      kills: this.#kills,
    };
  }

  /** Appends an operation that changes nothing, which makes sure that some node leads. The proof does not count it. */
  async probe(): Promise<void> {
    this.#probes += 1;
    const operation: NumberedOperation = { id: `${this.#parts.runId}-probe-${this.#probes}`, type: 'add', value: 0 };
    async function* batches() {
      yield [operation];
    }
    await this.#newLoad({ total: 1, inOrder: true, batches: batches() }, () => {}).run();
  }

  #newLoad(source: OperationSource, onAcknowledged: LoadListener['onAcknowledged']): Load {
    const { crew, say, onInvalid } = this.#parts;
    const listener: LoadListener = {
      onAcknowledged: (operation, answer, node) => {
        this.#isAdrift = false;
        onAcknowledged(operation, answer, node);
      },
      onRefused: ({ line = 0 }, { reason = '' }) => onInvalid(line, reason),
      onMove: (from, reason, unanswered) => {
        if (unanswered === 0 || this.#isAdrift) return;
        // Once, however many nodes are tried in vain.
        this.#isAdrift = true;
        say(`${counted(unanswered, 'append')} at ${from.id} without an answer (${reason}): sent again`);
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
    const failover: Failover = { killedAt: performance.now(), endedMs: undefined };
    this.#failovers.push(failover);
    this.#isDown = true;
    this.#parts.say(`SIGKILL to ${node.id}, which leads (process ${node.pid})`);
    node.kill(() => void this.#measure(failover));
    failover.restarted = this.#restart(node, failover);
    // Whoever waits for it hears of it later.
    failover.restarted.catch(() => {});
  }

  /**
   * Appends one operation after the other at the nodes that are left, each over a connection of its own, until one is acknowledged:
   * what was sent before the process was gone may have been placed by it, and may keep what follows it waiting. The proof does not count them.
   */
  async #measure(failover: Failover): Promise<void> {
    const { crew, runId, say } = this.#parts;
    while (failover.endedMs === undefined && !crew.isClosed) {
      for (const node of crew.nodes) {
        this.#probes += 1;
        const operation: Operation = { id: `${runId}-probe-${this.#probes}`, type: 'add', value: 0 };
        node.client?.append(operation).then(
          () => {
            if (failover.endedMs !== undefined) return;
            failover.endedMs = performance.now() - failover.killedAt;
            say(`appends go on, at ${node.id}, after ${shownNumber(Math.round(failover.endedMs))} ms`);
          },
          // The next one may be luckier.
          () => {},
        );
      }
      await sleep(probeMs);
    }
  }

  async #restart(node: NodeProcess, failover: Failover): Promise<void> {
    await sleep(downMsMin);
    while (failover.endedMs === undefined) await sleep(20);
    await node.start();
    this.#killAfter = this.#acknowledged + killAfterUnknown;
    this.#isDown = false;
    this.#parts.say(`${node.id} is up again (process ${node.pid})`);
  }
}

/** What came of one kill; times in milliseconds of this process. */
interface Failover {
  readonly killedAt: number;
  /** How long after the kill an append that began afterwards was acknowledged. */
  endedMs: number | undefined;
  restarted?: Promise<void>;
}

function acknowledgementOf({ round, value }: Answer): { round: number; value: number } {
  if (round === undefined || value === undefined) throw new DemoError('an answer lacks its round or value');
  return { round, value };
}
