import {
  createNode,
  defineDecoration,
  type NodeBuilder,
  type NodeOptions,
  type PaxakosEvent,
  type PaxakosNode,
  type Transport,
  type Tuning,
} from '@paxakos/core';
import { type MemoryNetwork, memoryNetwork, volatileStorage } from '@paxakos/core/memory';
import { type Op, type TestState, testStates } from './test-state.ts';
import { type ClockView, seeded, VirtualClock } from './virtual-clock.ts';

/** How a cluster is made. */
export interface ClusterOptions<Apis extends object> {
  /** Default: a, b, c. */
  readonly ids?: readonly string[];
  /** Default: 1,024. */
  readonly window?: number;
  /** What the state's setting is at first. Default: 0. */
  readonly setting?: number;
  readonly seed?: number;
  readonly tuning?: Partial<Tuning>;
  readonly decorate: (builder: NodeBuilder<TestState, object>) => NodeBuilder<TestState, Apis>;
}

export type TestNode<Apis extends object> = PaxakosNode<Op, TestState> & Apis;

interface Running<Apis extends object> {
  readonly node: TestNode<Apis>;
  readonly clock: ClockView;
  readonly transport: Transport;
  readonly events: PaxakosEvent[];
}

const noted = ['init', 'statusChange', 'install', 'apply', 'gaps', 'directive', 'hookError', 'failure'] as const;

/** Decorated nodes on one virtual clock, over a network in memory. */
export class TestCluster<Apis extends object> {
  readonly ids: readonly string[];
  readonly clock: VirtualClock = new VirtualClock();
  readonly random: () => number;
  readonly network: MemoryNetwork;
  /** Frames that each node has sent. */
  readonly frames: Map<string, number> = new Map();
  readonly #options: ClusterOptions<Apis>;
  readonly #running = new Map<string, Running<Apis>>();

  constructor(options: ClusterOptions<Apis>) {
    this.#options = options;
    this.ids = options.ids ?? ['a', 'b', 'c'];
    this.random = seeded(options.seed ?? 1);
    this.network = memoryNetwork({ clock: this.clock.view(), random: this.random });
  }

  async start(id: string, given: Partial<NodeOptions<TestState>> = {}): Promise<TestNode<Apis>> {
    const { window = 1_024, setting = 0, tuning = {}, decorate } = this.#options;
    const clock = this.clock.view();
    const transport = this.#counted(id);
    const events: PaxakosEvent[] = [];
    // As a decoration, so that nothing is missed that happens while the node starts.
    const watching = defineDecoration()({
      name: 'watching',
      install: ({ onEvent }) => {
        for (const type of noted) onEvent(type, (event) => events.push(event));
        return {};
      },
    });
    const builder = createNode<TestState>({
      id,
      state: testStates(this.ids, window, setting),
      transport,
      storage: volatileStorage(),
      clock,
      random: this.random,
      tuning,
      ...given,
    }).with(watching);
    const node = await this.clock.run(decorate(builder as never).start());
    this.#running.set(id, { node, clock, transport, events });
    return node;
  }

  #counted(id: string): Transport {
    const inner = this.network.transport(id);
    const { frames } = this;
    return {
      get frameBytesMax() {
        return inner.frameBytesMax;
      },
      open: (self, deliver, cluster) => inner.open(self, deliver, cluster),
      send: (receivers, frame) => {
        frames.set(id, (frames.get(id) ?? 0) + 1);
        inner.send(receivers, frame);
      },
      close: () => inner.close(),
    };
  }

  /** Starts all, and waits until the cluster is founded. */
  async startAll(given: Partial<NodeOptions<TestState>> = {}): Promise<this> {
    await Promise.all(this.ids.map((id) => this.start(id, given)));
    await this.clock.until(() => this.nodes.every((node) => node.participation.type === 'active'));
    return this;
  }

  #of(id: string): Running<Apis> {
    const running = this.#running.get(id);
    if (running === undefined) throw new Error(`node ${id} does not run`);
    return running;
  }

  node(id: string): TestNode<Apis> {
    return this.#of(id).node;
  }

  get nodes(): readonly TestNode<Apis>[] {
    return [...this.#running.values()].map(({ node }) => node);
  }

  /** The nodes' timers that have not gone off. */
  pending(id: string): number {
    return this.#of(id).clock.pending;
  }

  events<Type extends PaxakosEvent['type']>(
    id: string,
    type: Type,
  ): readonly Extract<PaxakosEvent, { readonly type: Type }>[] {
    return this.#of(id).events.filter((event) => event.type === type) as never;
  }

  /** Ends a node as `kill -9` does. */
  kill(id: string): void {
    const { clock, transport } = this.#of(id);
    clock.kill();
    void transport.close();
    this.#running.delete(id);
  }

  async stop(id: string): Promise<void> {
    await this.clock.run(this.node(id).stop());
    this.#running.delete(id);
  }

  async stopAll(): Promise<void> {
    await this.clock.run(Promise.all(this.nodes.map((node) => node.stop())));
  }

  /** Appends, waits until it is applied, and gives its round. */
  async append(id: string, entry: Op, options?: Parameters<TestNode<Apis>['append']>[1]): Promise<number> {
    const commit = await this.clock.run(this.node(id).append(entry, options));
    await this.clock.run(commit.applied() as Promise<unknown>);
    return commit.round;
  }

  /** Waits until all have applied the same rounds. */
  async level(...ids: readonly string[]): Promise<void> {
    const nodes = ids.length === 0 ? this.nodes : ids.map((id) => this.node(id));
    await this.clock.until(() => {
      const committed = Math.max(...nodes.map((node) => node.committed));
      return nodes.every(({ round }) => round === committed);
    });
  }
}
