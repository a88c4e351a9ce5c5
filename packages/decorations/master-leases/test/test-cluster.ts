import { createNode, type NodeOptions, type PaxakosEvent, type PaxakosNode, type Tuning } from '@paxakos/core';
import { type MemoryNetwork, memoryNetwork, volatileStorage } from '@paxakos/core/memory';
import { seeded, TestDisk } from '@paxakos/testing';
import { type MasterLeases, type MasterLeasesOptions, masterLeases } from '../src/index.ts';
import { add, type Counter, counters, type Op } from './test-state.ts';
import { type NodeClock, WorldClock } from './world-clock.ts';

export type LeasingNode = PaxakosNode<Op, Counter> & { readonly masterLeases: MasterLeases };

export interface ClusterOptions {
  readonly ids?: readonly string[];
  readonly window?: number;
  readonly seed?: number;
  readonly tuning?: Partial<Tuning>;
  readonly leases?: MasterLeasesOptions<Counter>;
  /** How fast each node's clock runs, where not like the world's. */
  readonly rates?: Readonly<Record<string, number>>;
  /** Nodes without a disk. */
  readonly volatile?: readonly string[];
}

interface Running {
  readonly node: LeasingNode;
  readonly clock: NodeClock;
  readonly kill: () => void;
  readonly errors: unknown[];
}

/** Nodes with master leases and disks, each with a clock of its own, over a network in memory. */
export class TestCluster {
  readonly ids: readonly string[];
  /** How many additions have been acknowledged. */
  acked = 0;
  readonly clock: WorldClock = new WorldClock();
  readonly network: MemoryNetwork;
  readonly random: () => number;
  readonly #options: ClusterOptions;
  readonly #disks = new Map<string, TestDisk>();
  readonly #running = new Map<string, Running>();

  constructor(options: ClusterOptions = {}) {
    this.#options = options;
    this.ids = options.ids ?? ['a', 'b', 'c'];
    this.random = seeded(options.seed ?? 1);
    this.network = memoryNetwork({ clock: this.clock.view(), random: this.random });
    this.network.setAll({ delayMs: 0.5 });
  }

  async start(
    id: string,
    given: Partial<NodeOptions<Counter>> = {},
    leases = this.#options.leases,
  ): Promise<LeasingNode> {
    const { window = 16, tuning = {}, rates = {}, volatile = [] } = this.#options;
    const clock = this.clock.view(rates[id]);
    const disk = this.#disks.get(id) ?? new TestDisk();
    this.#disks.set(id, disk);
    const transport = this.network.transport(id);
    const options: NodeOptions<Counter> = {
      id,
      state: counters(this.ids, window),
      transport,
      storage: volatile.includes(id) ? volatileStorage() : disk.storage(),
      clock,
      random: this.random,
      tuning,
      ...given,
    };
    const node = await this.clock.run(createNode(options).with(masterLeases(leases)).start());
    const errors: unknown[] = [];
    node.on('hookError', ({ error }: PaxakosEvent & { type: 'hookError' }) => errors.push(error));
    const kill = (): void => {
      clock.kill();
      void transport.close();
      disk.crash();
    };
    this.#running.set(id, { node, clock, kill, errors });
    return node;
  }

  /** Starts all, and lets the first one lead. */
  async startAll(leases = this.#options.leases): Promise<void> {
    for (const id of this.ids) await this.start(id, {}, leases);
    await this.add(this.ids[0] as string);
  }

  #of(id: string): Running {
    const running = this.#running.get(id);
    if (running === undefined) throw new Error(`node ${id} does not run`);
    return running;
  }

  node(id: string): LeasingNode {
    return this.#of(id).node;
  }

  has(id: string): boolean {
    return this.#running.has(id);
  }

  clockOf(id: string): NodeClock {
    return this.#of(id).clock;
  }

  errors(id: string): readonly unknown[] {
    return this.#of(id).errors;
  }

  /** Ends a node as `kill -9` does. */
  kill(id: string): void {
    this.#of(id).kill();
    this.#running.delete(id);
  }

  /** Nothing of the node's process runs until it is resumed. */
  pause(id: string): void {
    this.network.pause(id);
    this.#of(id).clock.hold(true);
  }

  resume(id: string): void {
    this.#of(id).clock.hold(false);
    this.network.resume(id);
  }

  async stopAll(): Promise<void> {
    for (const { clock } of this.#running.values()) clock.hold(false);
    await this.clock.run(Promise.all([...this.#running.values()].map(({ node }) => node.stop())));
  }

  /** Appends, and gives the count. */
  async add(id: string): Promise<unknown> {
    const count = await this.append(id, add());
    this.acked += 1;
    return count;
  }

  async append(id: string, entry: Op): Promise<unknown> {
    const commit = await this.clock.run(this.node(id).append(entry));
    return this.clock.run(commit.applied() as Promise<unknown>);
  }

  /** Renews a leader's leases twice, so far apart that the pace of all clocks is known. */
  async warmUp(id: string): Promise<void> {
    for (let times = 0; times < 3; times += 1) {
      await this.clock.pass(200);
      await this.clock.run(this.node(id).masterLeases.renew());
    }
    await this.clock.pass(2);
  }

  /** Reads the count by a lease. */
  read(id: string, consistency: 'lease' | 'laxLease' = 'lease'): Promise<number> {
    return this.node(id).read(({ count }) => count, { consistency });
  }
}

/** A cluster whose first node leads and holds its leases. */
export async function leasingCluster(options: ClusterOptions = {}): Promise<TestCluster> {
  const cluster = new TestCluster(options);
  await cluster.startAll();
  await cluster.warmUp(cluster.ids[0] as string);
  return cluster;
}
