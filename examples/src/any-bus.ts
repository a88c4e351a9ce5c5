import { applyWith, connectTransport, createNode, type LogEntry, type State } from 'paxakos';

type Op = LogEntry<'add', { value: number }, number>;

class Sum implements State<Op, number> {
  value: number;
  constructor(value = 0) {
    this.value = value;
  }
  apply = applyWith<Op>({ add: ({ value }) => (this.value += value) });
  cluster = () => [{ id: 'a' }, { id: 'b' }, { id: 'c' }];
  freeze = () => this.value;
}

// The only line that knows of a bus: nats://…, redis://…, zmq+tcp://…, or within this process.
const bus = process.env['PAXAKOS_BUS'] ?? 'memory:';

const start = async (id: string) =>
  createNode({
    id,
    cluster: 'sums',
    state: { create: () => new Sum(), thaw: (value) => new Sum(value) },
    transport: await connectTransport(bus),
  }).start();
// In one process for once; each would have its own.
const [a, b, c] = await Promise.all([start('a'), start('b'), start('c')]);

const commit = await a.append({ id: crypto.randomUUID(), type: 'add', value: 2 });
console.log(`the sum is ${await commit.applied()}`);
await Promise.all([a.stop(), b.stop(), c.stop()]);
