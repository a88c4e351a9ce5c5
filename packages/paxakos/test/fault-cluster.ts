import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { prove } from '../src/demo/proof.ts';
import { dataFolder } from './demo-run.ts';
import { FaultLoad, type LoadOptions } from './fault-load.ts';
import { FaultNode } from './fault-node.ts';

/** How long the nodes may take to be level once nothing is appended any more. */
const levelMsMax = 10_000;
/** Of a start, which no fault is in the way of. */
const startMsMax = 60_000;
/** How many clusters there may be at once, so that none starves. */
const clustersMax = 3;
let clusters = 0;

/** Three nodes in processes of their own, a load that never rests, and the proof that nothing went wrong. */
export class FaultCluster {
  readonly #t: ExecutionContext;
  readonly nodes: readonly [FaultNode, FaultNode, FaultNode];
  readonly load: FaultLoad;

  private constructor(t: ExecutionContext, options: LoadOptions) {
    this.#t = t;
    const data = dataFolder(t);
    this.nodes = [new FaultNode(t, 'n1', data), new FaultNode(t, 'n2', data), new FaultNode(t, 'n3', data)];
    this.load = new FaultLoad(this.nodes, options);
  }

  /** Starts each node over its own address of the bus, and the load; resolves once that is acknowledged. */
  static async start(t: ExecutionContext, buses: readonly string[], options: LoadOptions = {}): Promise<FaultCluster> {
    t.timeout(120_000);
    while (clusters === clustersMax) await sleep(20);
    clusters += 1;
    t.teardown(() => {
      clusters -= 1;
    });
    const cluster = new FaultCluster(t, options);
    t.teardown(() => cluster.load.stop());
    await Promise.all(cluster.nodes.map((node, index) => node.start(buses[index % buses.length] ?? '')));
    cluster.load.start();
    await cluster.load.progress(startMsMax, 100);
    return cluster;
  }

  /** The node that leads, which is the one that is appended at. */
  get leader(): FaultNode {
    return this.load.target;
  }

  /** The nodes that do not lead. */
  get followers(): readonly FaultNode[] {
    return this.nodes.filter((node) => node !== this.leader);
  }

  /** Fails unless operations sent from now on are acknowledged within this time. */
  async goesOn(what: string, msMax = 5_000): Promise<void> {
    this.#t.log(`${what}: appends go on after ${await this.load.progress(msMax)} ms`);
  }

  /** Ends the load, and proves: all level, all equal, nothing acknowledged lost or altered, nothing applied twice, no node died. */
  async proves(): Promise<void> {
    const { load, nodes } = this;
    await load.stop();
    const { states, levelMs } = await this.#levelStates();
    const proof = prove(states, load.acknowledged);
    const sound = { equal: true, lost: 0, appliedTwice: 0, altered: 0, forgotten: 0 };
    this.#t.like(proof, sound);
    this.#t.true(proof.operations >= load.acknowledged.size);
    this.#t.deepEqual([...load.faults, ...nodes.flatMap(({ deaths }) => deaths)], []);
    this.#t.log(`${load.acknowledged.size} acknowledged, level after ${levelMs} ms`);
  }

  /** All states at one round. What was appended last, without an answer, may be committed while they are read: then once more. */
  async #levelStates(): Promise<{ states: readonly Buffer[]; levelMs: number }> {
    const from = performance.now();
    for (;;) {
      const round = await this.#level(from);
      const states = await Promise.all(this.nodes.map((node) => node.state()));
      if ((await this.#level(from)) === round) return { states, levelMs: Math.round(performance.now() - from) };
    }
  }

  /** Resolves to the round at which all are. */
  async #level(from: number): Promise<number> {
    for (;;) {
      const all = await Promise.all(this.nodes.map((node) => node.status()));
      const [round = 0, ...others] = new Set(all.flatMap((status) => [status?.round, status?.committed]));
      if (others.length === 0 && all.every((status) => status?.participation === 'active')) return round;
      if (performance.now() - from > levelMsMax) {
        const events = this.nodes
          .map((node) => `${node.id}: ${[...node.events.slice(-4), ...node.deaths].join('; ')}`)
          .join('\n');
        throw new Error(`not level after ${levelMsMax} ms: ${JSON.stringify(all)}\n${events}`);
      }
      await sleep(50);
    }
  }
}
