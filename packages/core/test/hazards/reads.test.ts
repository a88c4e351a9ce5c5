// Goal: a linearizable read never misses what was acknowledged before it began (H19 to H22). Method: whole nodes on a virtual
// clock; each case first shows, by a stale read, that there is something to miss.
import test from 'ava';
import { isPaxakosError } from '../../src/index.ts';
import { startedCluster, type TestCluster } from '../node/test-cluster.ts';
import { add } from '../node/test-state.ts';

const linearizable = { consistency: 'linearizable' } as const;

const sumAt = (cluster: TestCluster, id: string): Promise<number> =>
  cluster.node(id).read((state) => state.sum, linearizable);

const staleSumAt = (cluster: TestCluster, id: string): Promise<number> =>
  cluster.node(id).read((state) => state.sum, { consistency: 'stale' });

/** `a` has acknowledged an entry of 1,000 and is gone; `b` and `c` have accepted it, and never heard that it is committed. */
async function acknowledgedAndUnlearnt(): Promise<TestCluster> {
  const cluster = await startedCluster();
  await cluster.append('a', add());
  await cluster.level();
  for (const id of ['b', 'c']) cluster.network.link(id, 'a').set({ delayMs: 40 });
  const acknowledged = cluster.node('a').append(add(1_000));
  await cluster.clock.pass(20);
  for (const id of ['b', 'c']) cluster.network.link('a', id).set({ isCut: true });
  await cluster.clock.run(acknowledged);
  cluster.network.cut('a');
  return cluster;
}

test('H19: a read at a leader that is new, and has not learnt what was acknowledged before, waits for it', async (t) => {
  const cluster = await acknowledgedAndUnlearnt();
  cluster.network.link('c', 'b').set({ delayMs: 20 });
  const first = sumAt(cluster, 'b');
  await cluster.clock.until(() => cluster.node('b').status === 'leading');
  t.is(await staleSumAt(cluster, 'b'), 1, 'it leads, and knows nothing of the entry');
  const second = sumAt(cluster, 'b');
  t.deepEqual(await cluster.clock.run(Promise.all([first, second])), [1_001, 1_001]);
  await cluster.stopAll();
});

test('H19: a read at a leader that is new waits until what it knows as committed is applied', async (t) => {
  const cluster = await startedCluster();
  await cluster.append('a', add());
  await cluster.level();
  cluster.network.cut('b');
  for (let count = 0; count < 30; count += 1) await cluster.append('a', add());
  cluster.network.heal();
  cluster.network.cut('a');
  t.is(await staleSumAt(cluster, 'b'), 1);
  t.is(await cluster.clock.run(sumAt(cluster, 'b')), 31);
  await cluster.stopAll();
});

test('H21: a leader that was replaced while it did not hear of it gives no read of its own', async (t) => {
  const cluster = await startedCluster({ tuning: { attemptMs: 500 } });
  await cluster.append('a', add());
  await cluster.level();
  // Reads that are in flight when the leadership goes over, and one that begins afterwards.
  for (const id of ['b', 'c']) cluster.network.link(id, 'a').set({ isCut: true });
  const settled: unknown[] = [];
  const reads = [sumAt(cluster, 'a'), sumAt(cluster, 'a')].map((read) => read.then((sum) => settled.push(sum)));
  await cluster.clock.pass(5);
  cluster.network.cut('a');
  await cluster.append('b', add(1_000));
  t.is(cluster.node('a').status, 'leading');
  t.is(await staleSumAt(cluster, 'a'), 1, 'it knows nothing of what was acknowledged');
  reads.push(sumAt(cluster, 'a').then((sum) => settled.push(sum)));
  await cluster.clock.pass(3_000);
  t.deepEqual(settled, []);
  cluster.network.heal();
  await cluster.clock.run(Promise.all(reads));
  t.is(settled.length, 3);
  t.is(settled.at(-1), 1_001);
  await cluster.stopAll();
});

test('H22: a read that a stop interrupts fails, and reads nothing', async (t) => {
  const cluster = await startedCluster({ disks: true });
  await cluster.append('a', add());
  await cluster.level();
  cluster.network.cut('a');
  let calls = 0;
  const read = cluster.node('a').read(() => {
    calls += 1;
  }, linearizable);
  read.catch(() => {});
  await cluster.clock.pass(5);
  await cluster.stop('a');
  t.true(isPaxakosError(await cluster.clock.failure(read), 'PAXAKOS_SHUT_DOWN'));
  t.is(calls, 0);
  await cluster.stopAll();
});

test('H22: a node that restarts between a read and its answer answers anew, from a state that is whole again', async (t) => {
  const cluster = await startedCluster({ disks: true });
  await cluster.append('a', add());
  await cluster.level();
  for (const id of ['b', 'c']) cluster.network.link(id, 'a').set({ delayMs: 40 });
  let calls = 0;
  const lost = cluster.node('a').read(() => {
    calls += 1;
  }, linearizable);
  lost.catch(() => {});
  await cluster.clock.pass(20);
  cluster.kill('a');
  cluster.network.setAll({ delayMs: 0 });
  for (let count = 0; count < 10; count += 1) await cluster.append('b', add());
  cluster.network.cut('a');
  await cluster.start('a');
  t.is(await staleSumAt(cluster, 'a'), 1, 'what came meanwhile is not there yet');
  const read = sumAt(cluster, 'a');
  cluster.network.heal();
  t.is(await cluster.clock.run(read), 11);
  t.is(calls, 0);
  await cluster.stopAll();
});

interface Call {
  readonly began: number;
  ended: number;
  /** What a read gave; of an append that was acknowledged, nothing. */
  sum: number | undefined;
}

/** Appends of 1 and reads, everywhere, until it is told to stop. */
class Clients {
  readonly appends: Call[] = [];
  readonly reads: Call[] = [];
  readonly #cluster: TestCluster;
  readonly #pause: ReturnType<TestCluster['clock']['view']>;
  #isOn = true;
  readonly #working: Promise<unknown>;

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
    this.#pause = cluster.clock.view();
    this.#working = Promise.all(cluster.ids.flatMap((id) => [this.#work(id, 'append'), this.#work(id, 'read')]));
  }

  async #work(id: string, what: 'append' | 'read'): Promise<void> {
    const { clock } = this.#cluster;
    while (this.#isOn) {
      const call: Call = { began: clock.now, ended: Number.POSITIVE_INFINITY, sum: undefined };
      (what === 'append' ? this.appends : this.reads).push(call);
      try {
        if (what === 'append') await (await this.#cluster.node(id).append(add())).applied();
        else call.sum = await sumAt(this.#cluster, id);
        call.ended = clock.now;
      } catch (error) {
        if (!isPaxakosError(error)) throw error;
      }
      await new Promise<void>((resolve) => {
        this.#pause.after(3 + this.#cluster.random() * 20, resolve);
      });
    }
  }

  async stop(): Promise<void> {
    this.#isOn = false;
    await this.#cluster.clock.run(this.#working);
  }

  /** What no order of these calls explains: with appends of 1 these bounds are all that there is. */
  get faults(): readonly string[] {
    const faults: string[] = [];
    const reads = this.reads.filter(({ sum }) => sum !== undefined);
    for (const { began, ended, sum = 0 } of reads) {
      const before = this.appends.filter((append) => append.ended < began).length;
      const possible = this.appends.filter((append) => append.began <= ended).length;
      const greatest = Math.max(0, ...reads.filter((read) => read.ended < began).map((read) => read.sum ?? 0));
      if (sum < before) faults.push(`a read from ${began} on gave ${sum}, and ${before} were acknowledged`);
      if (sum > possible) faults.push(`a read up to ${ended} gave ${sum} of ${possible}`);
      if (sum < greatest) faults.push(`a read from ${began} on gave ${sum}, after one that gave ${greatest}`);
    }
    return faults;
  }
}

for (const seed of [1, 2, 3, 4]) {
  test(`H20, H21: repeated and delayed answers, leaders that change: what is read is linearizable, seed ${seed}`, async (t) => {
    const cluster = await startedCluster({ seed });
    cluster.network.setAll({ loss: 0.05, duplication: 0.3, delayMs: 1, jitterMs: 30 });
    const clients = new Clients(cluster);
    for (let turn = 0; turn < 12; turn += 1) {
      await cluster.clock.pass(150);
      const id = cluster.ids[Math.floor(cluster.random() * 3)] ?? 'a';
      for (const other of cluster.ids) if (other !== id) cluster.network.link(other, id).set({ isCut: true });
      await cluster.clock.pass(cluster.random() * 200);
      cluster.network.cut(id);
      await cluster.clock.pass(cluster.random() * 400);
      cluster.network.heal();
    }
    cluster.network.setAll({ loss: 0, duplication: 0, delayMs: 0, jitterMs: 0 });
    await clients.stop();
    t.deepEqual(clients.faults, []);
    t.true(clients.reads.filter(({ sum }) => sum !== undefined).length > 50);
    t.true(clients.appends.filter(({ ended }) => Number.isFinite(ended)).length > 50);
    await cluster.stopAll();
  });
}

test('H20: a no-op that somebody else placed is not taken for that of a read', async (t) => {
  const cluster = await startedCluster({ tuning: { messageEntryBytesMax: 1 } });
  await cluster.append('b', add());
  await cluster.level();
  cluster.network.cut('b');
  // A no-op stands in the round in which b, which does not know that it was replaced, is about to place its own.
  await cluster.clock.run(sumAt(cluster, 'a'));
  await cluster.append('a', add(1_000));
  t.is(cluster.node('b').status, 'leading');
  const read = sumAt(cluster, 'b');
  await cluster.clock.pass(5);
  cluster.network.heal();
  t.is(await cluster.clock.run(read), 1_001);
  await cluster.stopAll();
});
