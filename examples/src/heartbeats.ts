import { applyWith, createNode, type LogEntry, type State } from '@paxakos/core';
import { memoryNetwork } from '@paxakos/core/memory';
import { heartbeats } from '@paxakos/heartbeats';

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
    .with(heartbeats({ intervalMs: 200, leaderIntervalMs: 50 }))
    .start();
const [a, b, c] = await Promise.all([start('a'), start('b'), start('c')]);

/** Resolves when c has been cut off, or is back. */
const change = () =>
  new Promise<void>((resolve) => {
    const stop = c.heartbeats.onChange((isCutOff) => {
      console.log(isCutOff ? 'c is cut off' : 'c is back');
      stop();
      resolve();
    });
  });

await a.append({ id: '1', type: 'add', value: 1 });
for (const cutOrHeal of [() => network.cut('c'), () => network.heal()]) {
  const changed = change();
  cutOrHeal();
  await changed;
}
await Promise.all([a.stop(), b.stop(), c.stop()]);
