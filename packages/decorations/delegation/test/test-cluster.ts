import {
  type AppendFunction,
  type AppendOptions,
  type Channel,
  createNode,
  defineDecoration,
  type NodeOptions,
  type PaxakosEvent,
  type PaxakosNode,
  type Transport,
} from '@paxakos/core';
import { volatileStorage } from '@paxakos/core/memory';
import { noteEvents, RunningCluster } from '@paxakos/testing';
import { trackLeadership } from '@paxakos/track-leadership';
import { type Delegation, type DelegationOptions, delegation } from '../src/index.ts';
import { add, type Ledger, ledgers, type Op } from './test-state.ts';

export type TestNode = PaxakosNode<Op, Ledger> & { readonly delegation: Delegation };
export type Below = (next: AppendFunction) => AppendFunction;

export interface StartOptions extends Partial<NodeOptions<Ledger>> {
  readonly delegation?: DelegationOptions<Ledger>;
  /** A layer below the delegation. */
  readonly below?: Below;
}

/** A node that speaks on the channel by hand. */
export interface Stranger {
  readonly heard: Uint8Array[];
  send(to: string, bytes: Uint8Array): void;
}

/** An append that has come to a node's own layers. */
export interface Landed {
  readonly at: string;
  readonly id: string;
  readonly options: AppendOptions;
}

/** Nodes with delegation, on one virtual clock, over a network that overwrites the frames it lent. */
export class TestCluster extends RunningCluster<Ledger, { readonly delegation: Delegation }, StartOptions> {
  /** What came to the layers below the delegation, anywhere. */
  readonly landed: Landed[] = [];
  /** Told of each frame that is sent; whether it goes. */
  onFrame: (from: string, to: string, frame: Uint8Array) => boolean = () => true;

  constructor(ids: readonly string[] = ['a', 'b', 'c'], seed = 1) {
    super({ ids, seed, scribbles: true });
  }

  #transport(id: string): Transport {
    const inner = this.network.transport(id);
    return {
      frameBytesMax: inner.frameBytesMax,
      open: (...args) => inner.open(...args),
      send: (receivers, frame) => {
        const left = receivers.filter((to) => this.onFrame(id, to.id, frame));
        if (left.length > 0) inner.send(left, frame);
      },
      close: () => inner.close(),
    };
  }

  override async start(id: string, options: StartOptions = {}): Promise<TestNode> {
    const { delegation: delegationOptions, below = (next) => next, ...given } = options;
    const clock = this.clock.view();
    const transport = this.#transport(id);
    const events: PaxakosEvent<Op>[] = [];
    const landing = defineDecoration()({
      name: 'landing',
      install: ({ aroundAppend }) => {
        aroundAppend((next) => {
          const inner = below(next);
          return (entry, appendOptions) => {
            this.landed.push({ at: id, id: entry?.id, options: appendOptions });
            return inner(entry, appendOptions);
          };
        });
        return {};
      },
    });
    const node = await this.clock.run(
      createNode<Ledger>({ ...this.#optionsOf(id, transport), clock, ...given })
        .with(noteEvents(events))
        .with(landing)
        .with(trackLeadership())
        .with(delegation(delegationOptions))
        .start(),
    );
    this.lives.set(id, { node, clock, transport, events });
    return node;
  }

  #optionsOf(id: string, transport: Transport): NodeOptions<Ledger> {
    return { id, state: ledgers(this.ids), transport, storage: volatileStorage(), random: this.random };
  }

  /** Starts a node that says to the delegations of others whatever it likes. */
  async startStranger(id: string): Promise<Stranger> {
    const heard: Uint8Array[] = [];
    let channel: Channel | undefined;
    const stranger = defineDecoration()({
      name: 'delegation',
      install(host) {
        channel = host.channel('requests');
        channel.onMessage((_, bytes) => heard.push(bytes.slice()));
        return {};
      },
    });
    const clock = this.clock.view();
    const transport = this.#transport(id);
    const options = { ...this.#optionsOf(id, transport), clock };
    const node = await this.clock.run(createNode<Ledger>(options).with(stranger).start());
    this.lives.set(id, { node: node as never, clock, transport, events: [] });
    return { heard, send: (to, bytes) => channel?.send([{ id: to }], bytes) };
  }

  /** Makes a node lead, and lets the others know. */
  async lead(id: string): Promise<void> {
    await this.append(id, add());
    await this.clock.until(() => this.nodes.every((node) => node.leader === id));
    this.landed.length = 0;
  }

  /** How often the entry stands in the log, as this node has applied it. */
  async count(at: string, id: string): Promise<number> {
    return (await this.log(at)).filter((other) => other === id).length;
  }

  async log(at: string): Promise<readonly string[]> {
    return this.node(at).read((state) => [...state.log], { consistency: 'stale' });
  }

  /** Appends and waits for the outcome. */
  async append(id: string, entry: Op, options?: AppendOptions): Promise<unknown> {
    const commit = await this.clock.run(this.node(id).append(entry, options));
    return this.clock.run(commit.applied() as Promise<unknown>);
  }
}

/** A cluster whose nodes all run, and of which `a` leads. */
export async function ledCluster(
  options: StartOptions = {},
  ids: readonly string[] = ['a', 'b', 'c'],
  seed = 1,
): Promise<TestCluster> {
  const cluster = new TestCluster(ids, seed);
  await cluster.startAll(options);
  await cluster.lead('a');
  return cluster;
}
