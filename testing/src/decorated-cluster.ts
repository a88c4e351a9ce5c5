import {
  createNode,
  type NodeBuilder,
  type NodeOptions,
  type PaxakosEvent,
  type PaxakosNode,
  type Transport,
  type Tuning,
} from '@paxakos/core';
import { volatileStorage } from '@paxakos/core/memory';
import { noteEvents } from './note-events.ts';
import { RunningCluster } from './running-cluster.ts';
import { TestClock } from './test-clock.ts';
import { type TestEntry, type TestState, testStates } from './test-state.ts';

/** How a cluster is made. */
export interface DecoratedClusterOptions<Apis extends object> {
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

export type DecoratedNode<Apis extends object> = PaxakosNode<TestEntry, TestState> & Apis;

/** Nodes of a `TestState`, decorated alike. */
export class DecoratedCluster<Apis extends object> extends RunningCluster<TestState, Apis> {
  /** Frames that each node has sent. */
  readonly frames: Map<string, number> = new Map();
  readonly #options: DecoratedClusterOptions<Apis>;

  constructor(options: DecoratedClusterOptions<Apis>) {
    const { ids = ['a', 'b', 'c'], seed = 1 } = options;
    super({ ids, seed, clock: new TestClock(60_000) });
    this.#options = options;
  }

  override async start(id: string, given: Partial<NodeOptions<TestState>> = {}): Promise<DecoratedNode<Apis>> {
    const { window = 1_024, setting = 0, tuning = {}, decorate } = this.#options;
    const clock = this.clock.view();
    const transport = this.#counted(id);
    const events: PaxakosEvent<TestEntry>[] = [];
    const builder = createNode<TestState>({
      id,
      state: testStates(this.ids, window, setting),
      transport,
      storage: volatileStorage(),
      clock,
      random: this.random,
      tuning,
      ...given,
    }).with(noteEvents(events));
    const node = await this.clock.run(decorate(builder as never).start());
    this.lives.set(id, { node, clock, transport, events });
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

  /** Appends, waits until it is applied, and gives its round. */
  async append(id: string, entry: TestEntry, options?: Parameters<DecoratedNode<Apis>['append']>[1]): Promise<number> {
    const commit = await this.clock.run(this.node(id).append(entry, options));
    await this.clock.run(commit.applied() as Promise<unknown>);
    return commit.round;
  }
}
