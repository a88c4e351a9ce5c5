import { applyWith, createNode, type LogEntry, type State } from '@paxakos/core';
import { fsStorage } from '@paxakos/storage-fs';
import { zmqTransport } from '@paxakos/transport-zmq';

const members = [
  { id: 'a', address: 'tcp://127.0.0.1:7101' },
  { id: 'b', address: 'tcp://127.0.0.1:7102' },
  { id: 'c', address: 'tcp://127.0.0.1:7103' },
];

// What can be appended: its fields, and what the appender gets back.
type Op =
  | LogEntry<'put', { item: string; count: number }, number>
  | LogEntry<'take', { item: string; count: number }, boolean>;

// The state: the same on every node, because every node applies the same entries in the same order.
class Stock implements State<Op, Record<string, number>> {
  readonly #counts: Map<string, number>;

  constructor(counts: Record<string, number> = {}) {
    this.#counts = new Map(Object.entries(counts));
  }

  readonly apply = applyWith<Op>({
    put: ({ item, count }) => this.#change(item, count),
    take: ({ item, count }) => (this.#counts.get(item) ?? 0) >= count && this.#change(item, -count) >= 0,
  });

  #change(item: string, by: number): number {
    const count = (this.#counts.get(item) ?? 0) + by;
    this.#counts.set(item, count);
    return count;
  }

  cluster = () => members;
  freeze = () => Object.fromEntries(this.#counts);
}

const id = process.argv[2] ?? 'a';
const node = await createNode({
  id,
  state: { create: () => new Stock(), thaw: (counts) => new Stock(counts) },
  transport: zmqTransport({}),
  storage: fsStorage({ directory: `stock-data/${id}` }),
}).start();

node.on('apply', ({ round, entry, outcome }) => console.log(round, entry?.type, outcome));
process.once('SIGINT', () => void node.stop());

// Any node may append. The entry is committed when a majority has it on disk.
const commit = await node.append({ id: crypto.randomUUID(), type: 'put', item: 'apple', count: 3 });
console.log(`${id}: in round ${commit.round}, apples: ${await commit.applied()}`);
