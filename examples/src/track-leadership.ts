import { applyWith, createNode, type LogEntry, type State } from '@paxakos/core';
import { memoryNetwork } from '@paxakos/core/memory';
import { trackLeadership } from '@paxakos/track-leadership';

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
    .with(trackLeadership())
    .start();
const [a, b, c] = await Promise.all([start('a'), start('b'), start('c')]);

const { strict } = c.trackLeadership;
const stop = strict.onChange(({ leader }) => console.log(`c sees ${leader ?? 'nobody'} lead`));

await a.append({ id: '1', type: 'add', value: 1 });
await (await b.append({ id: '2', type: 'add', value: 2 })).applied();

for (const { leader, from, to } of b.trackLeadership.strict.ranges)
  console.log(`${leader} leads ${from} to ${to ?? '…'}`);
stop();
await Promise.all([a.stop(), b.stop(), c.stop()]);
