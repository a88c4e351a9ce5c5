import { setTimeout as sleep } from 'node:timers/promises';
import { applyWith, createNode, type LogEntry, type State } from '@paxakos/core';
import { memoryNetwork } from '@paxakos/core/memory';
import { masterLeases } from '@paxakos/master-leases';

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
  })
    .with(masterLeases({ leaseMs: 2_000 }))
    .start();
const [a, b, c] = await Promise.all([start('a'), start('b'), start('c')]);

await a.append({ id: '1', type: 'add', value: 1 });
// Every entry renews the leases; from the second one on it is known that the clocks keep time.
while (a.masterLeases.strictForMs === 0) {
  await sleep(150);
  await a.masterLeases.renew();
}

network.cut('a'); // so no message can be behind this
const sum = await a.read((state) => state.value, { consistency: 'lease' });
console.log(`a reads ${sum} from memory`);
const refused = await b.read((state) => state.value, { consistency: 'lease' }).catch((error) => error.code);
console.log(`b: ${refused}`);
network.heal();
await Promise.all([a.stop(), b.stop(), c.stop()]);
