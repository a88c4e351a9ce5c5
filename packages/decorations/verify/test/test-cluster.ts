import {
  createNode,
  type DecorationHost,
  defineDecoration,
  type NodeOptions,
  type PaxakosEvent,
  type PaxakosNode,
  type Starting,
} from '@paxakos/core';
import { type MemoryNetwork, memoryNetwork, volatileStorage } from '@paxakos/core/memory';
import { seeded, TestClock, type TestDisk } from '@paxakos/testing';
import { type Check, type Verify, type VerifyOptions, verify } from '../src/index.ts';
import { add, type Op, Sum } from './test-state.ts';

export type TestNode = PaxakosNode<Op, Sum> & { readonly verify: Verify };

export interface ClusterOptions {
  readonly ids?: readonly string[];
  readonly seed?: number;
  readonly verify?: VerifyOptions<Sum, Op>;
}

export interface StartOptions {
  readonly starting?: Starting;
  readonly flags?: Readonly<Record<string, boolean>>;
  readonly disk?: TestDisk;
  readonly verify?: VerifyOptions<Sum, Op>;
  /** Stands in for the decoration, and says what it likes. */
  readonly fake?: (host: DecorationHost) => void;
  /** Decorates the node below or above. */
  readonly below?: AnyDecoration;
  readonly above?: AnyDecoration;
}

type AnyDecoration = Parameters<ReturnType<typeof createNode<Sum>>['with']>[0];

interface Running {
  readonly node: TestNode;
  readonly clock: ReturnType<TestClock['view']>;
  readonly kill: () => void;
  readonly events: PaxakosEvent<Op>[];
  readonly checks: Check[];
}

const noted = ['init', 'install', 'eject', 'stranded', 'hookError', 'failure', 'statusChange'] as const;
const nothing = (name: string): AnyDecoration =>
  defineDecoration()({ name, install: () => ({}) }) as unknown as AnyDecoration;

/** Nodes with `verify`, on one virtual clock, over a network in memory. */
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
    const { starting, flags, disk, fake, below = nothing('below'), above = nothing('above') } = options;
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
    const made = (state: Sum): Sum => {
      this.#states.set(id, state);
      return state;
    };
    const first = { sum: 0, ids: this.ids, everyRounds: 10, intervalMs: 1_000, digests: 0 };
    const all: NodeOptions<Sum> = {
      id,
      state: { create: () => made(new Sum(first)), thaw: (frozen) => made(new Sum(frozen)) },
      transport,
      storage: disk?.storage() ?? volatileStorage(),
      clock,
      random: this.#random,
      ...(starting === undefined ? {} : { starting }),
      ...(flags === undefined ? {} : { flags }),
    };
    const real = verify<Sum, Op>({ ...this.#options.verify, ...options.verify });
    const install = (host: DecorationHost): object => {
      fake?.(host);
      return {};
    };
    const standIn = defineDecoration()({ name: 'verify', install }) as unknown as typeof real;
    const builder = createNode<Sum>(all)
      .with(watching)
      .with(below as never) as unknown as ReturnType<typeof createNode<Sum>>;
    const decorated = builder.with(fake === undefined ? real : standIn).with(above as never);
    const node = (await this.clock.run(decorated.start())) as unknown as TestNode;
    const checks: Check[] = [];
    if (fake === undefined && flags?.verify !== false) node.verify.onCheck((check) => checks.push(check));
    const kill = (): void => {
      clock.kill();
      void transport.close();
    };
    this.#running.set(id, { node, clock, kill, events, checks });
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

  /** Gives how many timers are left. */
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

  /** What came of the check points of a node. */
  checks<Type extends Check['type']>(id: string, type: Type): readonly Extract<Check, { readonly type: Type }>[] {
    return this.#of(id).checks.filter((check) => check.type === type) as never;
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

  async append(id: string, entry: Op): Promise<number> {
    const commit = await this.clock.run(this.node(id).append(entry));
    await this.clock.run(commit.applied() as Promise<unknown>);
    return commit.round;
  }

  /** Appends, one after the other, until this round has been applied. */
  async appendTo(id: string, round: number): Promise<void> {
    while (this.node(id).round < round) await this.append(id, add());
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
