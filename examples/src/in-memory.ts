import { AppendError, applyWith, backoff, createNode, type LogEntry, NoQuorumError, type State } from '@paxakos/core';
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

// Three nodes in one process, for a test. Real ones take a transport and a storage instead.
const network = memoryNetwork();
const start = (id: string) =>
  createNode({
    id,
    state: { create: () => new Sum(), thaw: (value) => new Sum(value) },
    transport: network.transport(id),
  }).start();
const [a, b, c] = await Promise.all([start('a'), start('b'), start('c')]);

b.on('apply', ({ round, entry, outcome }) => console.log('b applied', round, entry?.type, outcome));

const commit = await a.append({ id: crypto.randomUUID(), type: 'add', value: 2 });
console.log(`committed in round ${commit.round}; the sum is ${await commit.applied()}`);

network.partition(['a'], ['b', 'c']);
try {
  const retry = backoff({ elapsedMsMax: 500 });
  await a.append({ id: 'alone', type: 'add', value: 3 }, { retry, signal: AbortSignal.timeout(30_000) });
} catch (error) {
  if (error instanceof NoQuorumError) console.log(`no majority; unreachable: ${error.communicationErrors.length}`);
  if (error instanceof AppendError) console.log(`may it still be committed? ${error.effect}`);
}
network.heal();

console.log(`${c.status}, and reads ${await c.read((sum) => sum.value, { consistency: 'stale' })}`);
await Promise.all([a.stop(), b.stop(), c.stop()]);
