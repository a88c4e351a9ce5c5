import { createNode, type NodeOptions, type PaxakosEvent, type PaxakosNode, type Snapshot } from '@paxakos/core';
import { type MemoryNetwork, memoryNetwork, volatileStorage } from '@paxakos/core/memory';
import { type NodeClock, seeded, TestClock } from '@paxakos/testing';
import { type LeaserApi, type LeaserOptions, type LeaseTable, leaser } from '../src/index.ts';
import { type Site, type SiteEntry, sites } from './site.ts';

export type LeaseNode = PaxakosNode<SiteEntry, Site> & { readonly leaser: LeaserApi };

/** How a node starts. */
export interface StartOptions extends Partial<NodeOptions<Site>> {
  readonly rate?: number;
  readonly leasing?: Partial<LeaserOptions<Site>>;
}

interface Running {
  readonly node: LeaseNode;
  readonly clock: NodeClock;
  readonly kill: () => void;
  readonly events: PaxakosEvent<SiteEntry>[];
}

/** Nodes with leasers on one virtual clock. */
export class LeaseCluster {
  readonly ids: readonly string[];
  readonly clock: TestClock = new TestClock();
  readonly network: MemoryNetwork;
  readonly #random = seeded(7);
  readonly #running = new Map<string, Running>();
  readonly #retain: number | undefined;

  constructor(ids: readonly string[] = ['a', 'b', 'c'], retain?: number) {
    this.ids = ids;
    this.#retain = retain;
    this.network = memoryNetwork({ clock: this.clock.view(), random: this.#random });
  }

  async start(id: string, { rate, leasing, ...options }: StartOptions = {}): Promise<LeaseNode> {
    const clock = this.clock.view(rate);
    const transport = this.network.transport(id);
    const storage = volatileStorage(this.#retain === undefined ? {} : { retain: this.#retain });
    const all = { id, state: sites(this.ids), transport, storage, clock, random: this.#random, ...options };
    const table = ({ leases }: Site): LeaseTable => leases;
    const starting = createNode(all)
      .with(leaser({ table, driftMax: 0, ...leasing }))
      .start();
    const node = await this.clock.run(starting);
    const events: PaxakosEvent<SiteEntry>[] = [];
    for (const type of ['apply', 'hookError', 'failure', 'eject', 'install'] as const)
      node.on(type, (event) => events.push(event as PaxakosEvent<SiteEntry>));
    const kill = (): void => {
      clock.kill();
      void transport.close();
    };
    this.#running.set(id, { node, clock, kill, events });
    return node;
  }

  /** Starts all, and waits until the cluster is founded. */
  async startAll(options: StartOptions = {}): Promise<readonly LeaseNode[]> {
    const nodes = await Promise.all(this.ids.map((id) => this.start(id, options)));
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

  /** The node's timers that have not gone off. */
  pending(id: string): number {
    return this.#of(id).clock.pending;
  }

  events<Type extends PaxakosEvent['type']>(
    id: string,
    type: Type,
  ): readonly Extract<PaxakosEvent<SiteEntry>, { readonly type: Type }>[] {
    return this.#of(id).events.filter((event) => event.type === type) as never;
  }

  /** The entries of a type that a node has applied since it runs. */
  applied<Type extends SiteEntry['type']>(id: string, type: Type): readonly Extract<SiteEntry, { type: Type }>[] {
    const entries = this.events(id, 'apply').map(({ entry }) => entry);
    return entries.filter((entry) => entry?.type === type) as never;
  }

  /** The table as a node has it. */
  table(id: string): LeaseTable {
    let table: LeaseTable | undefined;
    void this.node(id).read(
      ({ leases }) => {
        table = leases;
      },
      { consistency: 'stale' },
    );
    return table as LeaseTable;
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

  /** Appends, and waits until all that run have applied it. */
  async append(id: string, entry: SiteEntry): Promise<unknown> {
    const commit = await this.clock.run(this.node(id).append(entry));
    const outcome = await this.clock.run(commit.applied() as Promise<unknown>);
    return outcome;
  }

  /** Waits until the running nodes have applied the same rounds. */
  async level(): Promise<void> {
    const rounds = (): number[] => [...this.#running.values()].map(({ node }) => node.round);
    const target = Math.max(...rounds());
    await this.clock.until(() => rounds().every((round) => round >= target));
  }

  /** What a promise is rejected with. */
  failure(promise: Promise<unknown>): Promise<unknown> {
    return this.clock.run(
      promise.then(
        () => {
          throw new Error('it was fulfilled');
        },
        (error: unknown) => error,
      ),
    );
  }
}

/** A cluster whose nodes all run. */
export async function startedCluster(options: StartOptions = {}): Promise<LeaseCluster> {
  const cluster = new LeaseCluster();
  await cluster.startAll(options);
  return cluster;
}
