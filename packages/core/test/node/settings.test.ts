// Options of decorations that may depend on the state.
import test from 'ava';
import { type DecorationHost, defineDecoration, InvalidError, type OfState } from '../../src/index.ts';
import { TestCluster } from './test-cluster.ts';
import { add, type Ledger } from './test-state.ts';

const check = (value: unknown): number => {
  if (typeof value === 'number' && value >= 0) return value;
  throw new InvalidError('paceMs', value, 'give 0 or more');
};

/** One node, and how it reads an option whose first value is 7. */
async function reading(option: OfState<Ledger>): Promise<{ cluster: TestCluster; paceMs: () => number }> {
  const cluster = new TestCluster({ ids: ['a'] });
  let paceMs = (): number => Number.NaN;
  const decoration = defineDecoration()({
    name: 'paced',
    install({ setting }: DecorationHost) {
      paceMs = setting('paceMs', option, 7, check);
      return {};
    },
  });
  await cluster.start('a', { build: (builder) => builder.with(decoration) });
  await cluster.clock.until(() => cluster.node('a').participation.type === 'active');
  return { cluster, paceMs };
}

const reported = (cluster: TestCluster): readonly string[] => cluster.events('a', 'hookError').map(({ hook }) => hook);

test('an option that is a value is that value', async (t) => {
  const { cluster, paceMs } = await reading(3);
  t.is(paceMs(), 3);
  await cluster.stopAll();
  t.is(paceMs(), 3);
});

test('an option that is a function has what it makes of the state each time, also in the middle of an apply', async (t) => {
  const { cluster, paceMs } = await reading((ledger) => ledger.sum);
  t.is(paceMs(), 0);
  const seen: number[] = [];
  cluster.node('a').on('apply', () => seen.push(paceMs()));
  await cluster.append('a', add(4));
  await cluster.append('a', add(5));
  t.deepEqual(seen, [4, 9]);
  t.is(paceMs(), 9);
  await cluster.stopAll();
});

test('H65: an option that throws, or gives what cannot be, is reported once until it is well again; the last good value counts', async (t) => {
  const { cluster, paceMs } = await reading(({ sum }) => {
    if (sum === 1) throw new Error('option broke');
    return sum === 2 || sum === 4 ? -sum : sum * 10;
  });
  t.is(paceMs(), 0);
  const after: number[][] = [];
  for (let sum = 1; sum <= 4; sum += 1) {
    await cluster.append('a', add(1));
    after.push([paceMs(), paceMs(), reported(cluster).length]);
  }
  t.deepEqual(after, [
    [0, 0, 1],
    [0, 0, 1],
    [30, 30, 1],
    [30, 30, 2],
  ]);
  t.deepEqual(reported(cluster), ['paced: paceMs', 'paced: paceMs']);
  await cluster.stopAll();
});

test('before it had a good value an option has its first one; without a state its last one, and it is not asked', async (t) => {
  let isBroken = true;
  const { cluster, paceMs } = await reading(({ sum }) => {
    if (isBroken) throw new Error('option broke');
    return sum + 20;
  });
  t.is(paceMs(), 7);
  isBroken = false;
  t.is(paceMs(), 20);
  await cluster.clock.run(cluster.node('a').eject('wrong'));
  isBroken = true;
  t.is(paceMs(), 20);
  t.deepEqual(reported(cluster), ['paced: paceMs'], 'from before it was well');
  await cluster.stopAll();
});
