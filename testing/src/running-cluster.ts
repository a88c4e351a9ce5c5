import type { AnyState, EntryOf, NodeOptions, PaxakosEvent, PaxakosNode, Snapshot, Transport } from '@paxakos/core';
import { type MemoryNetwork, memoryNetwork } from '@paxakos/core/memory';
import { seeded } from './seeded.ts';
import { type NodeClock, TestClock } from './test-clock.ts';

/** One life of a node: from its start until it is killed or stopped. */
export interface Life<S extends AnyState, Apis extends object> {
  readonly node: PaxakosNode<EntryOf<S>, S> & Apis;
  readonly clock: NodeClock;
  readonly transport: Transport;
  readonly events: readonly PaxakosEvent<EntryOf<S>>[];
}

/** What the nodes of a cluster have in common. */
export interface RunningClusterOptions {
  readonly ids: readonly string[];
  readonly seed: number;
  /** Whether the network overwrites the frames that it lent. Default: no. */
  readonly scribbles?: boolean;
  /** Default: one whose `run` waits for two minutes. */
  readonly clock?: TestClock;
}

/** Nodes on one virtual clock, over a network in memory. Whoever extends it says how a node starts. */
export abstract class RunningCluster<S extends AnyState, Apis extends object, Given = Partial<NodeOptions<S>>> {
  readonly ids: readonly string[];
  readonly clock: TestClock;
  readonly random: () => number;
  readonly network: MemoryNetwork;
  protected readonly lives: Map<string, Life<S, Apis>> = new Map();

  constructor({ ids, seed, scribbles = false, clock = new TestClock() }: RunningClusterOptions) {
    this.ids = ids;
    this.clock = clock;
    this.random = seeded(seed);
    this.network = memoryNetwork({ clock: clock.view(), random: this.random, scribbles });
  }

  /** Starts a node and enters it as running. */
  abstract start(id: string, given?: Given): Promise<PaxakosNode<EntryOf<S>, S> & Apis>;

  /** Starts all, and waits until the cluster is founded. */
  async startAll(given?: Given): Promise<this> {
    const nodes = await Promise.all(this.ids.map((id) => this.start(id, given)));
    await this.clock.until(() => nodes.every((node) => node.participation.type === 'active'));
    return this;
  }

  protected of(id: string): Life<S, Apis> {
    const life = this.lives.get(id);
    if (life === undefined) throw new Error(`node ${id} does not run`);
    return life;
  }

  node(id: string): PaxakosNode<EntryOf<S>, S> & Apis {
    return this.of(id).node;
  }

  get nodes(): readonly (PaxakosNode<EntryOf<S>, S> & Apis)[] {
    return [...this.lives.values()].map(({ node }) => node);
  }

  /** The node's timers that have not gone off. */
  pending(id: string): number {
    return this.of(id).clock.pending;
  }

  /** The events of a type that were noted of a node since it runs. */
  events<Type extends PaxakosEvent['type']>(
    id: string,
    type: Type,
  ): readonly Extract<PaxakosEvent<EntryOf<S>>, { readonly type: Type }>[] {
    return this.of(id).events.filter((event) => event.type === type) as never;
  }

  /** Ends a node as `kill -9` does. */
  kill(id: string): void {
    const { clock, transport } = this.of(id);
    clock.kill();
    void transport.close();
    this.lives.delete(id);
  }

  /** Stops a node, and gives how many of its timers are left. */
  async stop(id: string): Promise<number> {
    const { node, clock } = this.of(id);
    await this.clock.run(node.stop());
    this.lives.delete(id);
    return clock.pending;
  }

  /** Stops all that run, which may still be looked at; gives their last snapshots. */
  stopAll(): Promise<readonly (Snapshot | undefined)[]> {
    return this.clock.run(Promise.all(this.nodes.map((node) => node.stop())));
  }

  /** Waits until the nodes, or else all that run, have states and have applied the same rounds. */
  async level(...ids: readonly string[]): Promise<void> {
    const nodes = ids.length > 0 ? ids.map((id) => this.node(id)) : this.nodes;
    await this.clock.until(() => {
      const target = Math.max(...nodes.map(({ committed }) => committed));
      return nodes.every(({ round, status }) => round === target && status !== 'disoriented');
    });
  }
}
