import { createNode, type NodeOptions, type PaxakosEvent, type PaxakosNode, type Snapshot } from '@paxakos/core';
import { type MemoryNetwork, memoryNetwork, volatileStorage } from '@paxakos/core/memory';
import { type Lease, type LeaserApi, type LeaseTable, leaser, type TakeLeaseOptions } from '@paxakos/leaser';
import { type NodeClock, seeded, TestClock } from '@paxakos/testing';
import { type ReleaserApi, type ReleaserOptions, releaser } from '../src/index.ts';
import { type Site, type SiteEntry, sites } from './site.ts';

export type LeaseNode = PaxakosNode<SiteEntry, Site> & {
  readonly leaser: LeaserApi;
  readonly releaser: ReleaserApi;
};

/** How a node starts. */
export interface StartOptions extends Partial<NodeOptions<Site>> {
  readonly rate?: number;
  readonly driftMax?: number;
  readonly releasing?: Partial<ReleaserOptions<Site>>;
}

interface Running {
  readonly node: LeaseNode;
  readonly clock: NodeClock;
  readonly kill: () => void;
  readonly events: PaxakosEvent<SiteEntry>[];
}

const table = ({ leases }: Site): LeaseTable => leases;

/** Nodes with leasers and releasers on one virtual clock. */
export class LeaseCluster {
  readonly ids: readonly string[];
  readonly clock: TestClock = new TestClock();
  readonly network: MemoryNetwork;
  readonly #random = seeded(11);
  readonly #running = new Map<string, Running>();

  constructor(ids: readonly string[] = ['a', 'b', 'c']) {
    this.ids = ids;
    this.network = memoryNetwork({ clock: this.clock.view(), random: this.#random });
  }

  async start(id: string, { rate, driftMax = 0, releasing, ...options }: StartOptions = {}): Promise<LeaseNode> {
    const clock = this.clock.view(rate);
    const transport = this.network.transport(id);
    const storage = volatileStorage();
    const all = { id, state: sites(this.ids), transport, storage, clock, random: this.#random, ...options };
    const starting = createNode(all)
      .with(leaser({ table, driftMax }))
      .with(releaser({ table, driftMax, ...releasing }))
      .start();
    const node = await this.clock.run(starting);
    const events: PaxakosEvent<SiteEntry>[] = [];
    for (const type of ['apply', 'hookError', 'failure'] as const)
      node.on(type, (event) => events.push(event as PaxakosEvent<SiteEntry>));
    const kill = (): void => {
      clock.kill();
      void transport.close();
    };
    this.#running.set(id, { node, clock, kill, events });
    return node;
  }

  /** Starts all, and waits until the cluster is founded. */
  async startAll(options: StartOptions | ((id: string) => StartOptions) = {}): Promise<readonly LeaseNode[]> {
    const of = typeof options === 'function' ? options : () => options;
    const nodes = await Promise.all(this.ids.map((id) => this.start(id, of(id))));
    await this.clock.until(() => nodes.every((node) => node.participation.type === 'active'));
    return nodes;
  }

  node(id: string): LeaseNode {
    return this.#of(id).node;
  }

  #of(id: string): Running {
    const running = this.#running.get(id);
    if (running === undefined) throw new Error(`node ${id} does not run`);
    return running;
  }

  get running(): readonly string[] {
    return [...this.#running.keys()];
  }

  /** The node's timers that have not gone off. */
  pending(id: string): number {
    return this.#of(id).clock.pending;
  }

  errors(id: string): readonly string[] {
    return this.#of(id).events.flatMap((event) =>
      event.type === 'hookError' ? [`${event.hook}: ${String(event.error)}`] : [],
    );
  }

  /** The outcomes of all clears that a node has applied since it runs. */
  clears(id: string): readonly unknown[] {
    return this.#of(id).events.flatMap((event) =>
      event.type === 'apply' && event.entry?.type === 'lease/clear' ? [event.outcome] : [],
    );
  }

  /** Makes a node the leader. */
  async lead(id: string): Promise<void> {
    await this.append(id, { id: `lead-${id}-${this.clock.now}`, type: 'note', text: '' });
    await this.clock.until(() => this.node(id).status === 'leading');
  }

  /** Takes a lease. */
  async taken(id: string, name = 'x', options: TakeLeaseOptions = { durationMs: 3_000 }): Promise<Lease> {
    return this.clock.run(this.node(id).leaser.takeLease(name, options));
  }

  /** The table as a node has it. */
  table(id: string): LeaseTable {
    let found: LeaseTable | undefined;
    void this.node(id).read(
      ({ leases }) => {
        found = leases;
      },
      { consistency: 'stale' },
    );
    return found as LeaseTable;
  }

  /** Waits until a node has applied that a claim has gone; gives the time. */
  async gone(at: string, claim: string, name = 'x'): Promise<number> {
    await this.clock.until(() => this.table(at).find(name, claim) === undefined);
    return this.clock.now;
  }

  /** The process of a node is suspended: it sees nothing, and its timers wait. */
  freeze(id: string): void {
    this.#of(id).clock.freeze();
    this.network.pause(id);
  }

  /** It goes on: what is due goes off before it sees anything. */
  async thaw(id: string): Promise<void> {
    this.#of(id).clock.thaw();
    await this.clock.pass(0);
    this.network.resume(id);
  }

  /** Ends a node as `kill -9` does. */
  kill(id: string): void {
    this.#of(id).kill();
    this.#running.delete(id);
  }

  async stop(id: string): Promise<Snapshot | undefined> {
    return this.clock.run(this.node(id).stop());
  }

  async stopAll(): Promise<readonly (Snapshot | undefined)[]> {
    return this.clock.run(Promise.all([...this.#running.values()].map(({ node }) => node.stop())));
  }

  /** Appends, and waits for the outcome. */
  async append(id: string, entry: SiteEntry): Promise<unknown> {
    const commit = await this.clock.run(this.node(id).append(entry));
    return this.clock.run(commit.applied() as Promise<unknown>);
  }
}

/** A cluster whose nodes all run. */
export async function startedCluster(
  options: StartOptions | ((id: string) => StartOptions) = {},
  ids?: readonly string[],
): Promise<LeaseCluster> {
  const cluster = new LeaseCluster(ids);
  await cluster.startAll(options);
  return cluster;
}
