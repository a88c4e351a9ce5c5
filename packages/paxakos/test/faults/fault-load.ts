import { setMaxListeners } from 'node:events';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Acknowledgement } from '../../src/demo/ledger.ts';
import type { Answer } from '../../src/node/answer.ts';
import { livenessMs } from '../liveness.ts';
import type { FaultNode } from './fault-node.ts';

/** How a load is. */
export interface LoadOptions {
  /** How many operations wait for their answer at once. Default: 8. */
  readonly openMax?: number;
  /** How long each of these pauses after an answer, in ms, so that several tests fit on a machine. Default: 20. */
  readonly pauseMs?: number;
  /** How long ids are, in characters: the only part of an operation that can be large. Default: as short as they go. */
  readonly idLength?: number;
}

/** The silence, first and at most, after which the load tries the next node. */
const patienceMsMin = 2_000;
const patienceMsMax = 16_000;
const retryMs = 20;

/** One acknowledgement: its operation, the node that answered, and the times of this process. */
interface Answered {
  readonly number: number;
  readonly node: FaultNode;
  readonly at: number;
  readonly tookMs: number;
}

/**
 * Appends without end, over HTTP, at one node. If that node fails or is silent, the load sends everything to the next node, with the
 * same ids. Each move in a row doubles the patience, so that a slow machine does not look like a dead node for ever. Remembers
 * everything that was acknowledged, and when.
 */
export class FaultLoad {
  readonly #nodes: readonly FaultNode[];
  readonly #options: Required<LoadOptions>;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #stopping = new AbortController();
  readonly #workers: Promise<void>[] = [];
  readonly #answered: Answered[] = [];
  #target = 0;
  #count = 0;
  #patienceMs = patienceMsMin;
  readonly acknowledged: Map<string, Acknowledgement> = new Map();
  /** What can never be right: an answer that no node may give. */
  readonly faults: string[] = [];
  /** Why it went from one node to another. */
  readonly moves: string[] = [];

  constructor(nodes: readonly FaultNode[], { openMax = 8, pauseMs = 20, idLength = 1 }: LoadOptions = {}) {
    this.#nodes = nodes;
    setMaxListeners(0, this.#stopping.signal);
    this.#options = { openMax, pauseMs, idLength };
  }

  start(): void {
    for (let index = 0; index < this.#options.openMax; index += 1) this.#workers.push(this.#work());
  }

  /** Whatever has no answer yet stays unknown. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#workers);
    this.#agent.destroy();
  }

  /** The node that gets the operations now. */
  get target(): FaultNode {
    return this.#nodes[this.#target] as FaultNode;
  }

  /** Sends what comes next to this node. */
  aim(node: FaultNode): void {
    this.#target = this.#nodes.indexOf(node);
  }

  /**
   * Resolves when so many operations that were sent from now on are acknowledged, to the ms this took. Rejects after `msMax`.
   * `at` counts only the answers of that node.
   */
  async progress({ count = 20, msMax = livenessMs, at }: Progress = {}): Promise<number> {
    const from = performance.now();
    const [last, seen] = [this.#count, this.#answered.length];
    for (;;) {
      const fresh = this.#answered
        .slice(seen)
        .filter(({ number, node }) => number > last && (at === undefined || node === at)).length;
      const ms = Math.round(performance.now() - from);
      if (fresh >= count) return ms;
      const why = this.moves.slice(-3).join('; ');
      if (ms > msMax) throw new Error(`${fresh} of ${count} new ones acknowledged after ${ms} ms: ${why}`);
      // A load that left the node for a moment comes back to it.
      if (at !== undefined) this.aim(at);
      await sleep(5);
    }
  }

  /** The nodes that acknowledged operations sent since then. */
  acknowledgersSince(from: number): ReadonlySet<FaultNode> {
    return new Set(this.#sentSince(from).map(({ node }) => node));
  }

  /** How many a second were acknowledged since then. */
  rateSince(from: number): number {
    return Math.round((this.#since(from).length * 1_000) / (performance.now() - from));
  }

  /** The shortest time that one took, of those sent since then, in ms. */
  fastestSince(from: number): number {
    return Math.round(Math.min(...this.#sentSince(from).map(({ tookMs }) => tookMs)));
  }

  /** The longest time without an acknowledgement since then, in ms. */
  longestGap(from: number): number {
    const times = [from, ...this.#since(from), performance.now()];
    return Math.round(Math.max(...times.slice(1).map((time, index) => time - (times[index] ?? 0))));
  }

  #since(from: number): number[] {
    return this.#answered.filter(({ at }) => at > from).map(({ at }) => at);
  }

  #sentSince(from: number): Answered[] {
    return this.#answered.filter(({ at, tookMs }) => at - tookMs > from);
  }

  async #work(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      this.#count += 1;
      await this.#append(this.#count);
      await sleep(this.#options.pauseMs, undefined, { signal }).catch(() => {});
    }
  }

  async #append(number: number): Promise<void> {
    const id = `${number}-`.padEnd(this.#options.idLength, 'x');
    const body = JSON.stringify({ id, type: number % 2 === 0 ? 'add' : 'sub', value: number % 1_000 });
    const sentAt = performance.now();
    while (!this.#stopping.signal.aborted) {
      const target = this.#target;
      const node = this.target;
      const answer = await this.#ask(node, body);
      if (answer.error === undefined) return this.#acknowledge({ number, node, sentAt }, id, answer);
      if (answer.error === 'INVALID' || answer.error === 'ID_TAKEN')
        this.faults.push(`${id}: ${JSON.stringify(answer)}`);
      // All go together, so that nodes do not take the lead from one another.
      if (target === this.#target) {
        this.moves.push(`${node.id}: ${answer.error} ${answer.reason}`);
        this.#target = (target + 1) % this.#nodes.length;
        if (answer.error === 'SILENT') this.#patienceMs = Math.min(patienceMsMax, this.#patienceMs * 2);
      }
      await sleep(retryMs);
    }
  }

  #acknowledge(sent: { number: number; node: FaultNode; sentAt: number }, id: string, { round, value }: Answer): void {
    if (round === undefined || value === undefined) this.faults.push(`${id} has neither a round nor a value`);
    else this.acknowledged.set(id, { round, value });
    const at = performance.now();
    this.#patienceMs = patienceMsMin;
    this.#answered.push({ number: sent.number, node: sent.node, at, tookMs: at - sent.sentAt });
  }

  #ask({ client }: FaultNode, body: string): Promise<Answer> {
    if (client === undefined) return Promise.resolve({ error: 'DOWN', reason: 'no process' });
    const patienceMs = this.#patienceMs;
    return new Promise((resolve) => {
      const late = AbortSignal.timeout(patienceMs);
      const fail = (error: Error): void =>
        resolve(
          late.aborted
            ? { error: 'SILENT', reason: `no answer for ${patienceMs} ms` }
            : { error: 'UNREACHABLE', reason: error.message },
        );
      const signal = AbortSignal.any([late, this.#stopping.signal]);
      const outgoing = request(`${client.url}/append`, { method: 'POST', agent: this.#agent, signal }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('error', fail).on('close', () => fail(new Error('the answer broke off')));
        response.on('end', () => resolve(JSON.parse(text) as Answer));
      });
      outgoing.on('error', fail).end(body);
    });
  }
}

/** The progress of a load to wait for. */
export interface Progress {
  /** The number of acknowledgements. Default: 20. */
  readonly count?: number;
  /** The longest wait, in ms. Default: the liveness bound. */
  readonly msMax?: number;
  /** Counts only the answers of this node, and sends the load there. */
  readonly at?: FaultNode;
}
