import { catchUp } from '@paxakos/catch-up';
import { applyWith, createNode, type LogEntry, type State } from '@paxakos/core';
import { memoryNetwork, volatileStorage } from '@paxakos/core/memory';

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

const network = memoryNetwork();
const start = (id: string) =>
  createNode({
    id,
    state: { create: () => new Sum(), thaw: (value) => new Sum(value) },
    transport: network.transport(id),
    // Next to nothing is kept for peers that fall behind, so that this one falls too far behind.
    storage: volatileStorage({ retain: 0 }),
    snapshotEveryBytes: 1_024,
    tuning: { recentBytesMax: 1 },
  })
    .with(catchUp())
    .start();
const [a, b, c] = await Promise.all([start('a'), start('b'), start('c')]);
await a.append({ id: '0', type: 'add', value: 0 });

network.cut('c');
for (let id = 1; id <= 100; id += 1) await (await a.append({ id: String(id), type: 'add', value: 1 })).applied();

c.on('stranded', ({ round }) => console.log(`nobody has round ${round} any more`));
c.on('install', ({ round }) => console.log(`c has a snapshot of round ${round}`));
network.heal();
while (c.round < a.round) await new Promise((resolve) => setTimeout(resolve, 10));

console.log(`c reads ${await c.read((sum) => sum.value, { consistency: 'stale' })}`);
await Promise.all([a.stop(), b.stop(), c.stop()]);
