import { applyWith, createNode, type LogEntry, type State } from '@paxakos/core';
import { memoryNetwork } from '@paxakos/core/memory';
import { ensureLeadership } from '@paxakos/ensure-leadership';

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
    .with(ensureLeadership({ intervalMs: 100 }))
    .start();
const nodes = await Promise.all(['a', 'b', 'c'].map(start));

/** Resolves to the node that leads next. */
const nextLeader = () =>
  new Promise<(typeof nodes)[number]>((resolve) => {
    for (const node of nodes) node.on('statusChange', ({ to }) => to === 'leading' && resolve(node));
  });

// Nobody appends anything, and still there is a leader, and another one after it.
const first = nodes.find(({ status }) => status === 'leading') ?? (await nextLeader());
const following = nextLeader();
await first.stop();
const second = await following;
console.log(`two leaders, one after the other: ${first !== second}`);
await Promise.all(nodes.map((node) => node.stop()));
