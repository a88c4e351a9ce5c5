import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { prove } from '../../src/demo/proof.ts';
import { dataFolder } from '../demo-run.ts';
import { livenessMs } from '../liveness.ts';
import { FaultLoad, type LoadOptions } from './fault-load.ts';
import { FaultNode } from './fault-node.ts';

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
    const cluster = new FaultCluster(t, options);
    t.teardown(() => cluster.load.stop());
    await Promise.all(cluster.nodes.map((node, index) => node.start(buses[index % buses.length] ?? '')));
    cluster.load.start();
    await cluster.load.progress({ count: 100 });
    return cluster;
  }

  /** Resolves to the node that leads, once it acknowledges the load, which is sent there from then on. */
  async leader(): Promise<FaultNode> {
    const until = performance.now() + livenessMs;
    while (performance.now() < until) {
      const node = await this.seenLeader();
      if (node !== undefined) {
        await this.load.progress({ at: node });
        if ((await this.seenLeader()) === node) return node;
      }
      await sleep(20);
    }
    throw new Error(`no node leads for long enough within ${livenessMs} ms`);
  }

  /** The node that leads right now. If several nodes believe that they lead, the one that most nodes name. */
  async seenLeader(): Promise<FaultNode | undefined> {
    const all = await Promise.all(this.nodes.map((node) => node.status()));
    const named = ({ id }: FaultNode): number => all.filter((status) => status?.leader === id).length;
    const leading = this.nodes.filter((_, index) => all[index]?.status === 'leading');
    return leading.sort((a, b) => named(b) - named(a))[0];
  }

  /** A node that does not lead. The leader gets the load from then on. */
  async follower(): Promise<FaultNode> {
    const leader = await this.leader();
    return this.nodes.find((node) => node !== leader) as FaultNode;
  }

  /** Fails unless operations that are sent from now on are acknowledged; by this node, if one is named. */
  async goesOn(what: string, at?: FaultNode): Promise<void> {
    const ms = await this.load.progress(at === undefined ? {} : { at });
    this.#t.log(`${what}: appends go on after ${ms} ms`);
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
      if (performance.now() - from > livenessMs) {
        const events = this.nodes
          .map((node) => `${node.id}: ${[...node.events.slice(-4), ...node.deaths].join('; ')}`)
          .join('\n');
        throw new Error(`not level after ${livenessMs} ms: ${JSON.stringify(all)}\n${events}`);
      }
      await sleep(50);
    }
  }
}
