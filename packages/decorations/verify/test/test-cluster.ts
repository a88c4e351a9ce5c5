import {
  createNode,
  type DecorationHost,
  defineDecoration,
  type NodeOptions,
  type PaxakosEvent,
  type PaxakosNode,
  type Starting,
} from '@paxakos/core';
import { volatileStorage } from '@paxakos/core/memory';
import { noteEvents, RunningCluster, type TestDisk } from '@paxakos/testing';
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

const nothing = (name: string): AnyDecoration =>
  defineDecoration()({ name, install: () => ({}) }) as unknown as AnyDecoration;

/** Nodes with `verify`, on one virtual clock, over a network in memory. */
export class TestCluster extends RunningCluster<Sum, { readonly verify: Verify }, StartOptions> {
  readonly #checks = new Map<string, Check[]>();
  readonly #states = new Map<string, Sum>();
  readonly #options: ClusterOptions;

  constructor(options: ClusterOptions = {}) {
    const { ids = ['a', 'b', 'c'], seed = 1 } = options;
    super({ ids, seed, scribbles: true });
    this.#options = options;
  }

  override async start(id: string, options: StartOptions = {}): Promise<TestNode> {
    const { starting, flags, disk, fake, below = nothing('below'), above = nothing('above') } = options;
    const clock = this.clock.view();
    const events: PaxakosEvent<Op>[] = [];
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
      random: this.random,
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
      .with(noteEvents(events))
      .with(below as never) as unknown as ReturnType<typeof createNode<Sum>>;
    const decorated = builder.with(fake === undefined ? real : standIn).with(above as never);
    const node = (await this.clock.run(decorated.start())) as unknown as TestNode;
    const checks: Check[] = [];
    if (fake === undefined && flags?.verify !== false) node.verify.onCheck((check) => checks.push(check));
    this.lives.set(id, { node, clock, transport, events });
    this.#checks.set(id, checks);
    return node;
  }

  /** What came of the check points of the last life of a node. */
  checks<Type extends Check['type']>(id: string, type: Type): readonly Extract<Check, { readonly type: Type }>[] {
    const checks = this.#checks.get(id);
    if (checks === undefined) throw new Error(`node ${id} never ran`);
    return checks.filter((check) => check.type === type) as never;
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
}

/** A cluster whose nodes all run. */
export async function startedCluster(options: ClusterOptions = {}, each: StartOptions = {}): Promise<TestCluster> {
  const cluster = new TestCluster(options);
  await cluster.startAll(each);
  return cluster;
}
