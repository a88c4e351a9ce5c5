// Goal: a cluster whose frames are sealed starts, appends, loses a node and changes its keys like any other. Method: real nodes
// over the network in memory, each restart with the final snapshot of its former life.

import { applyWith, createNode, type LogEntry, type PaxakosNode, type Starting, type State } from '@paxakos/core';
import type { TransportTrouble } from '@paxakos/core/contracts';
import { type MemoryNetwork, memoryNetwork } from '@paxakos/core/memory';
import test from 'ava';
import { type AuthenticatedTransport, authenticated, newKey, type RejectedFrames } from '../src/index.ts';
import { settled } from './wire.ts';

const [oldKey, nextKey] = [newKey(), newKey()];

type Op = LogEntry<'add', { value: number }, number>;

class Sum implements State<Op, number> {
  value: number;
  constructor(value = 0) {
    this.value = value;
  }
  apply = applyWith<Op>({ add: ({ value }) => (this.value += value) });
  cluster = () => ids.map((id) => ({ id }));
  freeze = () => this.value;
}

const ids = ['a', 'b', 'c'] as const;
type Id = (typeof ids)[number];

interface Running {
  readonly node: PaxakosNode<Op, Sum>;
  readonly transport: AuthenticatedTransport;
}

class Cluster {
  readonly network: MemoryNetwork = memoryNetwork({ scribbles: true });
  readonly running: Map<Id, Running> = new Map();
  readonly dropped: TransportTrouble[] = [];

  async start(id: Id, keys: readonly string[], starting: Starting = { as: 'founder' }): Promise<Running> {
    const transport = authenticated(this.network.transport(id), { keys });
    const onTrouble = transport.onTrouble?.bind(transport);
    transport.onTrouble = (listener) =>
      onTrouble?.((trouble) => {
        if (trouble.type === 'dropped') this.dropped.push(trouble);
        listener(trouble);
      });
    const state = { create: () => new Sum(), thaw: (value: number) => new Sum(value) };
    const node = await createNode({ id, state, transport, starting }).start();
    const running = { node, transport };
    this.running.set(id, running);
    return running;
  }

  async startAll(keys: readonly string[]): Promise<void> {
    await Promise.all(ids.map((id) => this.start(id, keys)));
  }

  async restart(id: Id, keys: readonly string[]): Promise<void> {
    const snapshot = await this.node(id).stop();
    if (snapshot === undefined) throw new Error('no final snapshot');
    await this.start(id, keys, { as: 'resume', snapshot });
  }

  node(id: Id): Running['node'] {
    return (this.running.get(id) as Running).node;
  }

  get rejected(): readonly RejectedFrames[] {
    return [...this.running.values()].map(({ transport }) => transport.rejected);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.running.values()].map(({ node }) => node.stop()));
  }
}

const add = (value: number) => ({ id: crypto.randomUUID(), type: 'add' as const, value });

/** The bound of every wait for something that must happen, in ms. */
const livenessMs = 60_000;

async function until(holds: () => boolean): Promise<void> {
  const end = performance.now() + livenessMs;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`not within ${livenessMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

const total = (cluster: Cluster, id: Id) => cluster.node(id).read(({ value }) => value, { consistency: 'stale' });

test.serial('three nodes start, append and apply, without a frame lost to the seal', async (t) => {
  await using cluster = new Cluster();
  await cluster.startAll([oldKey]);
  await (await cluster.node('a').append(add(1))).applied();
  await Promise.all(ids.map((id) => cluster.node(id).append(add(1))));
  await until(() => ids.every((id) => cluster.node(id).round >= 4));
  for (const id of ids) t.is(await total(cluster, id), 4);
  for (const { forged, foreign, replayed } of cluster.rejected) t.is(forged + foreign + replayed, 0);
  t.deepEqual(cluster.dropped, [], 'the protocol need not repeat anything');
});

test.serial('a node that restarts under the same id takes part again', async (t) => {
  await using cluster = new Cluster();
  await cluster.startAll([oldKey]);
  await cluster.node('a').append(add(1));
  for (const id of ids) {
    await cluster.restart(id, [oldKey]);
    const commit = await cluster.node('b').append(add(1));
    await until(() => cluster.node(id).round >= commit.round);
    await cluster.node(id).append(add(1));
  }
  await until(() => ids.every((id) => cluster.node(id).round >= 7));
  for (const id of ids) t.is(await total(cluster, id), 7);
});

test.serial('the key of a running cluster is changed node by node, and no append fails', async (t) => {
  await using cluster = new Cluster();
  await cluster.startAll([oldKey]);
  let isDone = false;
  let restarting: Id | undefined;
  let appended = 0;
  const appending = (async () => {
    while (!isDone) {
      // By whichever node runs: the others go on while one restarts.
      const id = ids.find((each) => each !== restarting) ?? 'a';
      await cluster.node(id).append(add(1));
      appended += 1;
      await settled(); // or nothing but microtasks would ever run
    }
  })();
  for (const keys of [[oldKey, nextKey], [nextKey, oldKey], [nextKey]]) {
    for (const id of ids) {
      restarting = id;
      const before = appended;
      await until(() => appended > before);
      await cluster.restart(id, keys);
      restarting = undefined;
      const after = appended;
      await until(() => appended > after);
    }
  }
  isDone = true;
  await t.notThrowsAsync(appending);
  await until(() => ids.every((id) => cluster.node(id).round >= appended));
  for (const id of ids) t.is(await total(cluster, id), appended);
  for (const { foreign, forged } of cluster.rejected) t.is(foreign + forged, 0);
});

test.serial('a node with another key takes no part, and the others go on', async (t) => {
  await using cluster = new Cluster();
  await Promise.all([cluster.start('a', [oldKey]), cluster.start('b', [oldKey]), cluster.start('c', [oldKey])]);
  await cluster.node('a').append(add(1));
  await cluster.restart('c', [nextKey]);
  const { round } = await cluster.node('a').append(add(1));
  await until(() => cluster.node('b').round >= round);
  t.true(cluster.node('c').round < round);
  t.true(cluster.rejected.some(({ foreign }) => foreign > 0));
});
