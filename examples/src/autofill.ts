import { autofill } from '@paxakos/autofill';
import { applyWith, createNode, type LogEntry, type State } from '@paxakos/core';
import { memoryNetwork } from '@paxakos/core/memory';

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
    .with(autofill({ delayMs: 50 }))
    .start();
const [a, b, c] = await Promise.all([start('a'), start('b'), start('c')]);

await a.append({ id: '1', type: 'add', value: 1 });

// It is committed in round 100, and cannot be applied: the rounds before are open.
const commit = await a.append({ id: '2', type: 'add', value: 2 }, { round: { from: 100 } });
console.log(`committed in round ${commit.round}, applied up to ${a.round}`);
await commit.applied();
console.log(`${a.autofill.filled} rounds filled, applied up to ${a.round}`);
await Promise.all([a.stop(), b.stop(), c.stop()]);
