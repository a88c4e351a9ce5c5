// Goal: an application finds the faults of its own state, and gets them small. Method: states with faults of the usual kinds.
import { applyWith, type LogEntry, type State } from '@paxakos/core';
import type { NodeInfo } from '@paxakos/core/contracts';
import test from 'ava';
import { campaign, shrink, simulate } from '../src/index.ts';

type Entry = LogEntry<'add', { value: number }, number>;

class Sum implements State<Entry, number> {
  readonly #members: readonly NodeInfo[];
  protected total: number;

  constructor(members: readonly NodeInfo[], total = 0) {
    this.#members = members;
    this.total = total;
  }

  readonly apply: State<Entry>['apply'] = applyWith<Entry>({ add: ({ value }) => this.add(value) });

  protected add(value: number): number {
    this.total += value;
    return this.total;
  }

  get sum(): number {
    return this.total;
  }

  cluster(): readonly NodeInfo[] {
    return this.#members;
  }

  freeze(): number {
    return this.total;
  }
}

const workload = (id: string, random: { below(bound: number): number }): Entry => ({
  id,
  type: 'add',
  value: random.below(9),
});

test('a sound state passes, without any entries that change the cluster', async (t) => {
  const result = await campaign<Sum>({
    seeds: 5,
    horizonMs: 3_000,
    state: (members) => ({ create: () => new Sum(members), thaw: (total) => new Sum(members, total) }),
    workload,
    invariant: (state) => {
      if (state.sum < 0) throw new Error('the sum is negative');
    },
  });
  t.deepEqual(result.failures, []);
  t.true(result.passed);
});

test('a state that thaws to another one than was frozen is found, and shrunk to the faults that it takes', async (t) => {
  const options = {
    seed: 5,
    nodes: 3,
    state: (members: readonly NodeInfo[]) => ({
      create: () => new Sum(members),
      thaw: (total: number) => new Sum(members, total + 1),
    }),
    workload,
  };
  const failed: number[] = [];
  for (let seed = 0; seed < 10; seed += 1) {
    const { passed } = await simulate<Sum>({ ...options, seed });
    if (!passed) failed.push(seed);
  }
  t.true(failed.length > 0);
  const [seed] = failed as [number];
  const whole = await simulate<Sum>({ ...options, seed });
  const least = await shrink<Sum>({ ...options, seed });
  t.is(whole.violation?.checker, 'state equality');
  t.is(least.violation?.checker, 'state equality');
  t.true(least.faults.length <= Math.min(3, whole.faults.length), least.faults.join('; '));
  t.regex(
    least.replay,
    new RegExp(`^paxakos simulate --seed ${seed} --profile rough --nodes 3 --keep [\\d,]+$|--keep none$`),
  );
  t.true(least.transcript.length > 10);
});

test('a state that is not deterministic is found', async (t) => {
  let calls = 0;
  class Fickle extends Sum {
    protected override add(value: number): number {
      calls += 1;
      return super.add(calls % 50 === 0 ? value + 1 : value);
    }
  }
  const result = await simulate<Sum>({
    seed: 1,
    nodes: 3,
    profile: 'calm',
    state: (members) => ({ create: () => new Fickle(members), thaw: (total) => new Fickle(members, total) }),
    workload,
  });
  t.is(result.violation?.checker, 'state equality');
});

test('an invariant that does not hold is found', async (t) => {
  const result = await simulate<Sum>({
    seed: 1,
    profile: 'none',
    state: (members) => ({ create: () => new Sum(members), thaw: (total) => new Sum(members, total) }),
    workload,
    invariant: (state) => {
      if (state.sum > 50) throw new Error(`the sum is ${state.sum}`);
    },
  });
  t.is(result.violation?.checker, 'invariant');
  t.regex(result.violation?.problem ?? '', /the sum is/);
});

test('a state whose apply throws is found', async (t) => {
  class Broken extends Sum {
    protected override add(value: number): number {
      if (this.total > 40) throw new Error('too much');
      return super.add(value);
    }
  }
  const result = await simulate<Sum>({
    seed: 1,
    profile: 'none',
    state: (members) => ({ create: () => new Broken(members), thaw: (total) => new Broken(members, total) }),
    workload,
  });
  t.is(result.passed, false);
  t.regex(result.violation?.problem ?? '', /too much/);
});
