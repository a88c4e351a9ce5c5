import { createNode, type NodeOptions, type PaxakosEvent, type PaxakosNode } from '@paxakos/core';
import { volatileStorage } from '@paxakos/core/memory';
import { type Lease, type LeaserApi, type LeaseTable, leaser, type TakeLeaseOptions } from '@paxakos/leaser';
import { RunningCluster } from '@paxakos/testing';
import { type ReleaserApi, type ReleaserOptions, releaser } from '../src/index.ts';
import { type Site, type SiteEntry, sites } from './site.ts';

interface Apis {
  readonly leaser: LeaserApi;
  readonly releaser: ReleaserApi;
}

export type LeaseNode = PaxakosNode<SiteEntry, Site> & Apis;

/** How a node starts. */
export interface StartOptions extends Partial<NodeOptions<Site>> {
  readonly rate?: number;
  readonly driftMax?: number;
  readonly releasing?: Partial<ReleaserOptions<Site>>;
}

const table = ({ leases }: Site): LeaseTable => leases;

/** Nodes with leasers and releasers on one virtual clock. */
export class LeaseCluster extends RunningCluster<Site, Apis, StartOptions> {
  constructor(ids: readonly string[] = ['a', 'b', 'c']) {
    super({ ids, seed: 11 });
  }

  override async start(
    id: string,
    { rate, driftMax = 0, releasing, ...options }: StartOptions = {},
  ): Promise<LeaseNode> {
    const clock = this.clock.view(rate);
    const transport = this.network.transport(id);
    const storage = volatileStorage();
    const all = { id, state: sites(this.ids), transport, storage, clock, random: this.random, ...options };
    const starting = createNode(all)
      .with(leaser({ table, driftMax }))
      .with(releaser({ table, driftMax, ...releasing }))
      .start();
    const node = await this.clock.run(starting);
    const events: PaxakosEvent<SiteEntry>[] = [];
    for (const type of ['apply', 'hookError', 'failure'] as const)
      node.on(type, (event) => events.push(event as PaxakosEvent<SiteEntry>));
    this.lives.set(id, { node, clock, transport, events });
    return node;
  }

  /** Starts all, and waits until the cluster is founded. */
  override async startAll(options: StartOptions | ((id: string) => StartOptions) = {}): Promise<this> {
    const of = typeof options === 'function' ? options : () => options;
    const nodes = await Promise.all(this.ids.map((id) => this.start(id, of(id))));
    await this.clock.until(() => nodes.every((node) => node.participation.type === 'active'));
    return this;
  }

  get running(): readonly string[] {
    return [...this.lives.keys()];
  }

  errors(id: string): readonly string[] {
    return this.of(id).events.flatMap((event) =>
      event.type === 'hookError' ? [`${event.hook}: ${String(event.error)}`] : [],
    );
  }

  /** The outcomes of all clears that a node has applied since it runs. */
  clears(id: string): readonly unknown[] {
    return this.of(id).events.flatMap((event) =>
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
    this.of(id).clock.freeze();
    this.network.pause(id);
  }

  /** It goes on: what is due goes off before it sees anything. */
  async thaw(id: string): Promise<void> {
    this.of(id).clock.thaw();
    await this.clock.pass(0);
    this.network.resume(id);
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
