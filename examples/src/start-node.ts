import { applyWith, type LogEntry, type State, startNode } from 'paxakos';

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

const start = (id: string) =>
  startNode({
    id,
    state: { create: () => new Sum(), thaw: (value) => new Sum(value) },
    transport: process.env['PAXAKOS_BUS'] ?? 'memory:features',
    // storage: `data/${id}`,
    features: {
      ensureLeadership: { intervalMs: 300 }, // sooner than by default
      verify: { digest: (sum) => `${sum.value}` },
      masterLeases: true,
      autofill: false, // not even loaded
    },
  });
// In one process for once; each would have its own.
const [a, b, c] = await Promise.all([start('a'), start('b'), start('c')]);

// At any node: it is placed by the one that leads.
for (const node of [a, b, c]) await node.append({ id: crypto.randomUUID(), type: 'add', value: 2 });
const commit = await b.append({ id: crypto.randomUUID(), type: 'add', value: 1 });
console.log(`the sum is ${await commit.applied()}; ${b.trackLeadership.lax.leader} leads`);
await Promise.all([a.stop(), b.stop(), c.stop()]);
