import {
  createNode,
  type DecorationHost,
  defineDecoration,
  type NodeOptions,
  type PaxakosEvent,
  type PaxakosNode,
  type Starting,
  type Storage,
} from '@paxakos/core';
import { type MemoryNetwork, memoryNetwork, volatileStorage } from '@paxakos/core/memory';
import { seeded, TestClock } from '@paxakos/testing';
import { type CatchUp, type CatchUpOptions, catchUp } from '../src/index.ts';
import { add, fill, type Op, Sum } from './test-state.ts';

export type TestNode = PaxakosNode<Op, Sum> & { readonly catchUp: CatchUp };

export interface ClusterOptions {
  readonly ids?: readonly string[];
  readonly seed?: number;
  readonly catchUp?: CatchUpOptions<Sum>;
  /** How many rounds below a snapshot are retained for peers. Default: 0. */
  readonly retain?: number;
  /** Bytes of log between snapshots. Default: 4,096. */
  readonly snapshotEveryBytes?: number;
}

export interface StartOptions {
  readonly starting?: Starting;
  readonly flags?: Readonly<Record<string, boolean>>;
  readonly storage?: Storage;
  readonly catchUp?: CatchUpOptions<Sum>;
  /** Stands in for the decoration, and says what it likes. */
  readonly fake?: (host: DecorationHost) => void;
  /** Frames of more bytes than this do not reach the node. */
  readonly frameBytesMax?: number;
  /** The members that a state begins with. */
  readonly ids?: readonly string[];
}

interface Running {
  readonly node: TestNode;
  readonly clock: ReturnType<TestClock['view']>;
  readonly kill: () => void;
  readonly events: PaxakosEvent<Op>[];
  readonly progress: NonNullable<CatchUp['progress']>[];
}

const noted = ['init', 'install', 'eject', 'stranded', 'hookError', 'failure', 'statusChange'] as const;

/** Nodes with `catchUp`, on one virtual clock, over a network in memory that overwrites the frames it lent. */
export class TestCluster {
  readonly ids: readonly string[];
  readonly clock: TestClock = new TestClock();
  readonly network: MemoryNetwork;
  readonly #running = new Map<string, Running>();
  readonly #states = new Map<string, Sum>();
  readonly #options: ClusterOptions;
  readonly #random: () => number;

  constructor(options: ClusterOptions = {}) {
    this.#options = options;
    this.ids = options.ids ?? ['a', 'b', 'c'];
    this.#random = seeded(options.seed ?? 1);
    this.network = memoryNetwork({ clock: this.clock.view(), random: this.#random, scribbles: true });
  }

  async start(id: string, options: StartOptions = {}): Promise<TestNode> {
    const { starting, flags, storage, fake, ids = this.ids, frameBytesMax } = options;
    const { retain = 0, snapshotEveryBytes = 4_096 } = this.#options;
    const clock = this.clock.view();
    const events: PaxakosEvent<Op>[] = [];
    const watching = defineDecoration()({
      name: 'watching',
      install: ({ onEvent }) => {
        for (const type of noted) onEvent(type, (event) => events.push(event as PaxakosEvent<Op>));
        return {};
      },
    });
    const transport = this.network.transport(id);
    const open = transport.open.bind(transport);
    transport.open = (self, deliver, cluster) =>
      open(self, (frame) => frame.length <= (frameBytesMax ?? frame.length) && deliver(frame), cluster);
    const made = (state: Sum): Sum => {
      this.#states.set(id, state);
      return state;
    };
    const all: NodeOptions<Sum> = {
      id,
      state: {
        create: () => made(new Sum({ sum: 0, ids, retryMs: 250, filling: '' })),
        thaw: (frozen) => made(new Sum(frozen)),
      },
      transport,
      storage: storage ?? volatileStorage({ retain }),
      clock,
      random: this.#random,
      snapshotEveryBytes,
      tuning: { recentBytesMax: 1 },
      ...(starting === undefined ? {} : { starting }),
      ...(flags === undefined ? {} : { flags }),
    };
    const real = catchUp<Sum>({ ...this.#options.catchUp, ...options.catchUp });
    const install = (host: DecorationHost): object => {
      fake?.(host);
      return {};
    };
    const standIn = defineDecoration()({ name: 'catchUp', install }) as unknown as typeof real;
    const decorated = createNode<Sum>(all)
      .with(watching)
      .with(fake === undefined ? real : standIn);
    const node = (await this.clock.run(decorated.start())) as TestNode;
    const progress: Running['progress'] = [];
    if (fake === undefined && flags?.catchUp !== false)
      node.catchUp.onProgress((now) => now !== undefined && progress.push(now));
    const kill = (): void => {
      clock.kill();
      void transport.close();
    };
    this.#running.set(id, { node, clock, kill, events, progress });
    return node;
  }

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

  async stop(id: string): Promise<number> {
    const running = this.#running.get(id);
    await this.clock.run(this.node(id).stop());
    this.#running.delete(id);
    return running?.clock.pending ?? 0;
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((id) => this.stop(id)));
  }

  #of(id: string): Running {
    const running = this.#running.get(id);
    if (running === undefined) throw new Error(`node ${id} does not run`);
    return running;
  }

  node(id: string): TestNode {
    return this.#of(id).node;
  }

  progress(id: string): Running['progress'] {
    return this.#of(id).progress;
  }

  events<Type extends PaxakosEvent['type']>(
    id: string,
    type: Type,
  ): readonly Extract<PaxakosEvent<Op>, { readonly type: Type }>[] {
    return this.#of(id).events.filter((event) => event.type === type) as never;
  }

  /** The state that a node made last. */
  state(id: string): Sum {
    const state = this.#states.get(id);
    if (state === undefined) throw new Error(`node ${id} has made no state`);
    return state;
  }

  async append(id: string, entry: Op): Promise<void> {
    const commit = await this.clock.run(this.node(id).append(entry));
    await this.clock.run(commit.applied() as Promise<unknown>);
  }

  /** Appends many entries, so that peers without them no longer get them all. */
  async appendMany(id: string, count: number): Promise<void> {
    const commits = Array.from({ length: count }, () => this.node(id).append(add()));
    for (const commit of await this.clock.run(Promise.all(commits))) await this.clock.run(commit.applied());
  }

  /** Waits until the nodes have applied the same rounds, and have states. */
  async level(...ids: readonly string[]): Promise<void> {
    const names = ids.length > 0 ? ids : [...this.#running.keys()];
    await this.clock.until(() => {
      const target = Math.max(...names.map((id) => this.node(id).committed));
      return names.every((id) => this.node(id).round === target && this.node(id).status !== 'disoriented');
    });
  }
}

/** A cluster whose nodes all run. */
export async function startedCluster(options: ClusterOptions = {}, each: StartOptions = {}): Promise<TestCluster> {
  const cluster = new TestCluster(options);
  await cluster.startAll(each);
  return cluster;
}

/** A cluster in which `c` was cut off until the others no longer have what it lacks. */
export async function leftBehind(options: ClusterOptions = {}, each: StartOptions = {}): Promise<TestCluster> {
  const cluster = await startedCluster(options, each);
  await cluster.append('a', fill(200_000));
  await cluster.level();
  cluster.network.cut('c');
  await cluster.appendMany('a', 300);
  await cluster.level('a', 'b');
  return cluster;
}
