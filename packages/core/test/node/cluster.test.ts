import test from 'ava';
import { applyWith, createNode, type LogEntry, type State } from '../../src/index.ts';
import { memoryNetwork, volatileStorage } from '../../src/memory/index.ts';

type CalcOp = LogEntry<'add', { value: number }, number> | LogEntry<'mul', { value: number }, number>;
const members = [{ id: 'a' }, { id: 'b' }, { id: 'c' }];
class Calc implements State<CalcOp, number> {
  value: number;
  constructor(value = 0) {
    this.value = value;
  }
  readonly apply = applyWith<CalcOp>({
    add: ({ value }) => (this.value += value),
    mul: ({ value }) => (this.value *= value),
  });
  cluster() {
    return members;
  }
  freeze() {
    return this.value;
  }
}
test('three nodes agree', async (t) => {
  const network = memoryNetwork();
  const nodes = await Promise.all(
    members.map(({ id }) =>
      createNode({
        id,
        state: { create: () => new Calc(), thaw: (n: number) => new Calc(n) },
        transport: network.transport(id),
        storage: volatileStorage(),
      }).start(),
    ),
  );
  const a = nodes[0]!;
  const commit = await a.append({ id: '1', type: 'add', value: 3 });
  t.is(await commit.applied(), 3);
  t.is(a.status, 'leading');
  const N = 20000;
  const start = performance.now();
  let i = 0;
  await Promise.all(
    Array.from({ length: 256 }, async () => {
      while (i < N) {
        i += 1;
        const c = await a.append({ id: `x${i}`, type: 'add', value: 1 });
        await c.applied();
      }
    }),
  );
  console.log('per second', (N / (performance.now() - start)) * 1000);
  for (let k = 0; k < 50 && nodes.some((n) => n.round !== a.round); k++) await new Promise((r) => setTimeout(r, 20));
  t.deepEqual(
    nodes.map((n) => n.round),
    [a.round, a.round, a.round],
  );
  for (const n of nodes) t.is(await n.read((s) => s.value, { consistency: 'stale' }), 3 + N);
  const b = await nodes[1]!.append({ id: 'b', type: 'mul', value: 2 });
  t.is(await b.applied(), (3 + N) * 2);
  t.is(nodes[1]!.status, 'leading');
  await Promise.all(nodes.map((n) => n.stop()));
});
