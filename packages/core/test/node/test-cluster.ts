import {
  createNode as createPlainNode,
  defineDecoration,
  type NodeOptions,
  type PaxakosEvent,
  type PaxakosNode,
  type Snapshot,
  type Starting,
  type Storage,
  type Tuning,
} from '../../src/index.ts';
import { type MemoryNetwork, memoryNetwork, volatileStorage } from '../../src/memory/index.ts';
import { seeded, TestClock } from './test-clock.ts';
import { TestDisk } from './test-disk.ts';
import { type Ledger, ledgers, type Op } from './test-state.ts';

export type TestNode = PaxakosNode<Op, Ledger>;
export type Decorated = Parameters<ReturnType<typeof createNode<Ledger>>['with']>[0];

export interface ClusterOptions {
  readonly ids?: readonly string[];
  readonly window?: number;
  readonly tuning?: Partial<Tuning>;
  /** Whether each node has a disk that keeps what it is given. Default: no. */
  readonly disks?: boolean;
  readonly seed?: number;
  readonly retain?: number;
}

export interface StartOptions extends Partial<Omit<NodeOptions<Ledger>, 'starting'>> {
  readonly starting?: Starting;
  /** Builds on the node before it starts. */
  readonly build?: (builder: ReturnType<typeof createNode<Ledger>>) => { start(): Promise<TestNode> };
}

interface Running {
  readonly node: TestNode;
  readonly kill: () => void;
  readonly pending: () => number;
  readonly events: PaxakosEvent<Op>[];
}

type Decorate = <Builder extends object>(builder: Builder) => Builder;

/** The module by which another package has these tests run with decorations on each node. */
const decorating = process.env['PAXAKOS_TEST_DECORATE'];
const decorate: Decorate =
  decorating === undefined
    ? (builder) => builder
    : ((await import(decorating)) as { readonly decorate: Decorate }).decorate;

/** As core's, and with the decorations that these tests are run with, if any. */
export const createNode: typeof createPlainNode = (options) => decorate(createPlainNode(options));

const noted: readonly PaxakosEvent['type'][] = [
  'init',
  'statusChange',
  'activate',
  'install',
  'apply',
  'eject',
  'gaps',
  'stranded',
  'hookError',
  'trouble',
  'failure',
];

/** Nodes on one virtual clock, over a network that overwrites the frames it lent. */
export class TestCluster {
  readonly ids: readonly string[];
  readonly clock: TestClock = new TestClock();
  readonly network: MemoryNetwork;
  readonly random: () => number;
  readonly disks: Map<string, TestDisk> = new Map();
  readonly #running = new Map<string, Running>();
  readonly #ledgers = new Map<string, Ledger>();
  readonly #options: ClusterOptions;

  constructor(options: ClusterOptions = {}) {
    this.#options = options;
    this.ids = options.ids ?? ['a', 'b', 'c'];
    this.random = seeded(options.seed ?? 1);
    this.network = memoryNetwork({ clock: this.clock.view(), random: this.random, scribbles: true });
    if (options.disks === true) for (const id of this.ids) this.disks.set(id, new TestDisk(options.retain));
  }

  /** The options of one node. */
  optionsOf(id: string): NodeOptions<Ledger> {
    const { window, tuning, retain } = this.#options;
    const storage: Storage = this.disks.get(id)?.storage() ?? volatileStorage(retain === undefined ? {} : { retain });
    return {
      id,
      state: ledgers(this.ids, window, (ledger) => this.#ledgers.set(id, ledger)),
      transport: this.network.transport(id),
      storage,
      clock: this.clock.view(),
      random: this.random,
      tuning: tuning ?? {},
    };
  }

  async start(id: string, options: StartOptions = {}): Promise<TestNode> {
    const { build, ...given } = options;
    const clock = this.clock.view();
    const all: NodeOptions<Ledger> = { ...this.optionsOf(id), clock, ...given };
    const events: PaxakosEvent<Op>[] = [];
    // As a decoration, so that nothing is missed that happens while the node starts.
    const watching = defineDecoration()({
      name: 'watching',
      install: ({ onEvent }) => {
        for (const type of noted) onEvent(type, (event) => events.push(event as PaxakosEvent<Op>));
        return {};
      },
    });
    const builder = createNode(all).with(watching) as ReturnType<typeof createNode<Ledger>>;
    const node = await this.clock.run((build?.(builder) ?? builder).start());
    const kill = (): void => {
      clock.kill();
      this.disks.get(id)?.crash();
      void all.transport?.close();
    };
    this.#running.set(id, { node, kill, pending: () => clock.pending, events });
    return node;
  }

  /** Starts all, and waits until the cluster is founded. */
  async startAll(options: StartOptions = {}): Promise<readonly TestNode[]> {
    const nodes = await Promise.all(this.ids.map((id) => this.start(id, options)));
    await this.clock.until(() => nodes.every((node) => node.participation.type === 'active'));
    return nodes;
  }

  /** Ends a node as `kill -9` does. */
  kill(id: string): void {
    this.#running.get(id)?.kill();
    this.#running.delete(id);
  }

  async stop(id: string): Promise<Snapshot | undefined> {
    const snapshot = await this.clock.run(this.node(id).stop());
    this.#running.delete(id);
    return snapshot;
  }

  async stopAll(): Promise<void> {
    await this.clock.run(Promise.all([...this.#running.values()].map(({ node }) => node.stop())));
    this.#running.clear();
  }

  node(id: string): TestNode {
    const running = this.#running.get(id);
    if (running === undefined) throw new Error(`node ${id} does not run`);
    return running.node;
  }

  get nodes(): readonly TestNode[] {
    return [...this.#running.values()].map(({ node }) => node);
  }

  /** The node's timers that have not gone off. */
  pending(id: string): number {
    return this.#running.get(id)?.pending() ?? 0;
  }

  events<Type extends PaxakosEvent['type']>(
    id: string,
    type: Type,
  ): readonly Extract<PaxakosEvent<Op>, { readonly type: Type }>[] {
    const events = this.#running.get(id)?.events ?? [];
    return events.filter((event) => event.type === type) as never;
  }

  /** The state that a node made last. */
  ledger(id: string): Ledger {
    const ledger = this.#ledgers.get(id);
    if (ledger === undefined) throw new Error(`node ${id} has made no state`);
    return ledger;
  }

  /** Waits until the nodes have applied the same rounds. */
  async level(...ids: readonly string[]): Promise<void> {
    const names = ids.length > 0 ? ids : [...this.#running.keys()];
    const rounds = (): readonly number[] => names.map((id) => this.node(id).round);
    await this.clock.until(() => {
      const target = Math.max(...names.map((id) => this.node(id).committed));
      return rounds().every((round) => round === target);
    });
  }

  /** The logs of these nodes, as their states saw them. */
  logs(...ids: readonly string[]): readonly (readonly string[])[] {
    return (ids.length > 0 ? ids : [...this.#running.keys()]).map((id) => this.ledger(id).log);
  }

  /** Appends and waits for the outcome. */
  async append(id: string, entry: Op, options?: Parameters<TestNode['append']>[1]): Promise<unknown> {
    const commit = await this.clock.run(this.node(id).append(entry, options));
    return this.clock.run(commit.applied() as Promise<unknown>);
  }
}

/** A cluster whose nodes all run. */
export async function startedCluster(options: ClusterOptions = {}, each: StartOptions = {}): Promise<TestCluster> {
  const cluster = new TestCluster(options);
  await cluster.startAll(each);
  return cluster;
}
