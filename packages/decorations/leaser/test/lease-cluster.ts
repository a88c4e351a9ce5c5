import { createNode, type NodeOptions, type PaxakosEvent, type PaxakosNode } from '@paxakos/core';
import { volatileStorage } from '@paxakos/core/memory';
import { RunningCluster } from '@paxakos/testing';
import { type LeaserApi, type LeaserOptions, type LeaseTable, leaser } from '../src/index.ts';
import { type Site, type SiteEntry, sites } from './site.ts';

export type LeaseNode = PaxakosNode<SiteEntry, Site> & { readonly leaser: LeaserApi };

/** How a node starts. */
export interface StartOptions extends Partial<NodeOptions<Site>> {
  readonly rate?: number;
  readonly leasing?: Partial<LeaserOptions<Site>>;
}

/** Nodes with leasers on one virtual clock. */
export class LeaseCluster extends RunningCluster<Site, { readonly leaser: LeaserApi }, StartOptions> {
  readonly #retain: number | undefined;

  constructor(ids: readonly string[] = ['a', 'b', 'c'], retain?: number) {
    super({ ids, seed: 7 });
    this.#retain = retain;
  }

  override async start(id: string, { rate, leasing, ...options }: StartOptions = {}): Promise<LeaseNode> {
    const clock = this.clock.view(rate);
    const transport = this.network.transport(id);
    const storage = volatileStorage(this.#retain === undefined ? {} : { retain: this.#retain });
    const all = { id, state: sites(this.ids), transport, storage, clock, random: this.random, ...options };
    const table = ({ leases }: Site): LeaseTable => leases;
    const starting = createNode(all)
      .with(leaser({ table, driftMax: 0, ...leasing }))
      .start();
    const node = await this.clock.run(starting);
    const events: PaxakosEvent<SiteEntry>[] = [];
    for (const type of ['apply', 'hookError', 'failure', 'eject', 'install'] as const)
      node.on(type, (event) => events.push(event as PaxakosEvent<SiteEntry>));
    this.lives.set(id, { node, clock, transport, events });
    return node;
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

  /** Stops a node, which may still be looked at; gives how many of its timers are left. */
  override async stop(id: string): Promise<number> {
    await this.clock.run(this.node(id).stop());
    return this.pending(id);
  }

  /** Appends, and waits until all that run have applied it. */
  async append(id: string, entry: SiteEntry): Promise<unknown> {
    const commit = await this.clock.run(this.node(id).append(entry));
    const outcome = await this.clock.run(commit.applied() as Promise<unknown>);
    return outcome;
  }

  /** Waits until the running nodes have applied the same rounds. */
  override async level(): Promise<void> {
    const rounds = (): number[] => this.nodes.map(({ round }) => round);
    const target = Math.max(...rounds());
    await this.clock.until(() => rounds().every((round) => round >= target));
  }

  /** What a promise is rejected with. */
  failure(promise: Promise<unknown>): Promise<unknown> {
    return this.clock.failure(promise);
  }
}

/** A cluster whose nodes all run. */
export async function startedCluster(options: StartOptions = {}): Promise<LeaseCluster> {
  const cluster = new LeaseCluster();
  await cluster.startAll(options);
  return cluster;
}
