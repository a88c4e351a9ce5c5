import { applyWith, createNode, type LogEntry, type State } from '@paxakos/core';
import { memoryNetwork } from '@paxakos/core/memory';
import { delegation } from '@paxakos/delegation';
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
    .with(delegation())
    .start();
const [a, b, c] = await Promise.all([start('a'), start('b'), start('c')]);

// The first append makes a the leader; b's lands there, too, and a goes on to lead.
await (await a.append({ id: '1', type: 'add', value: 1 })).applied();
const commit = await b.append({ id: '2', type: 'add', value: 2 });
console.log(`the sum is ${await commit.applied()} after round ${commit.round}; a is ${a.status}`);

await Promise.all([a.stop(), b.stop(), c.stop()]);
