import { applyWith, createNode, type LogEntry, type State } from '@paxakos/core';
import { memoryNetwork } from '@paxakos/core/memory';
import { DivergedError, verify } from '@paxakos/verify';

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
    .with(verify({ everyRounds: 10 }))
    .start();
const [a, b, c] = await Promise.all([start('a'), start('b'), start('c')]);
const appendTo = async (round: number) => {
  for (let id = a.round + 1; id <= round; id += 1)
    await (await a.append({ id: String(id), type: 'add', value: 1 })).applied();
};

c.on('eject', ({ reason }) => {
  if (reason instanceof DivergedError) console.log(`c went wrong in one of the rounds ${reason.from} to ${reason.to}`);
});

await appendTo(12);
while (c.verify.lastConfirmed !== 10) await new Promise((resolve) => setTimeout(resolve, 10));
await c.read((sum) => (sum.value += 1), { consistency: 'stale' }); // as broken memory might
await appendTo(20);
while (c.status !== 'disoriented') await new Promise((resolve) => setTimeout(resolve, 10));
await c.installSnapshot(await a.takeSnapshot()); // with @paxakos/catch-up nobody has to

console.log(`a majority has what c has: ${await c.verify.confirms()}`);
console.log(`c reads ${await c.read((sum) => sum.value, { consistency: 'stale' })}`);
await Promise.all([a.stop(), b.stop(), c.stop()]);
