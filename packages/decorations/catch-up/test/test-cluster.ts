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
import { volatileStorage } from '@paxakos/core/memory';
import { noteEvents, RunningCluster } from '@paxakos/testing';
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

type Progress = NonNullable<CatchUp['progress']>;

/** Nodes with `catchUp`, on one virtual clock, over a network in memory that overwrites the frames it lent. */
export class TestCluster extends RunningCluster<Sum, { readonly catchUp: CatchUp }, StartOptions> {
  readonly #progress = new Map<string, Progress[]>();
  readonly #states = new Map<string, Sum>();
  readonly #options: ClusterOptions;

  constructor(options: ClusterOptions = {}) {
    const { ids = ['a', 'b', 'c'], seed = 1 } = options;
    super({ ids, seed, scribbles: true });
    this.#options = options;
  }

  override async start(id: string, options: StartOptions = {}): Promise<TestNode> {
    const { starting, flags, storage, fake, ids = this.ids, frameBytesMax } = options;
    const { retain = 0, snapshotEveryBytes = 4_096 } = this.#options;
    const clock = this.clock.view();
    const events: PaxakosEvent<Op>[] = [];
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
      random: this.random,
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
      .with(noteEvents(events))
      .with(fake === undefined ? real : standIn);
    const node = (await this.clock.run(decorated.start())) as TestNode;
    const progress: Progress[] = [];
    if (fake === undefined && flags?.catchUp !== false)
      node.catchUp.onProgress((now) => now !== undefined && progress.push(now));
    this.lives.set(id, { node, clock, transport, events });
    this.#progress.set(id, progress);
    return node;
  }

  /** The progress of the last life of a node. */
  progress(id: string): readonly Progress[] {
    const progress = this.#progress.get(id);
    if (progress === undefined) throw new Error(`node ${id} never ran`);
    return progress;
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
