// Three nodes under load while the network loses, repeats, delays and reorders, while one of them loses its memory, is cut
// off or stalls: everything that was acknowledged is there once, and all states are equal in the end.
import test from 'ava';
import { isPaxakosError } from '../../src/index.ts';
import { startedCluster, type TestCluster } from './test-cluster.ts';
import { agree, load } from './test-load.ts';
import { add } from './test-state.ts';

/** Every acknowledged entry is in the log once; every one that failed without effect is not. */
const lost = (log: readonly string[], acknowledged: readonly string[]): readonly string[] =>
  acknowledged.filter((id) => log.filter((other) => other === id).length !== 1);

for (const seed of [1, 2, 3, 4]) {
  test(`H12, H53: loss, duplication and reordering on every link, seed ${seed}: all settle, states equal`, async (t) => {
    const cluster = await startedCluster({ seed, window: 32, disks: seed % 2 === 0 });
    cluster.network.setAll({ loss: 0.1, duplication: 0.1, delayMs: 1, jitterMs: 20 });
    const entries = Array.from({ length: 120 }, () => add());
    const pause = cluster.clock.view();
    const results = entries.map(async (entry, index) => {
      const { clock } = cluster;
      await new Promise<void>((resolve) => {
        pause.after(index * 25, resolve);
      });
      try {
        await (await cluster.node(cluster.ids[index % 3] ?? 'a').append(entry)).applied();
        return 'applied';
      } catch (error) {
        if (!isPaxakosError(error)) throw error;
        return `${clock.now} ${error.code} ${(error as { effect?: string }).effect}`;
      }
    });
    const settled = await cluster.clock.run(Promise.all(results), 300_000);
    cluster.network.setAll({ loss: 0, duplication: 0, delayMs: 0, jitterMs: 0 });
    await cluster.append('a', add());
    await cluster.level();
    const log = agree(cluster);
    for (const [index, { id }] of entries.entries()) {
      const times = log.filter((other) => other === id).length;
      if (settled[index] === 'applied') t.is(times, 1, id);
      else t.true(times <= (settled[index]?.endsWith('none') ? 0 : 1), `${settled[index]} ${times}`);
    }
    t.true(settled.filter((result) => result === 'applied').length > 110);
    await cluster.stopAll();
  });
}

/** What one node of three goes through under load, after which all must be well again. */
async function underLoad(cluster: TestCluster, what: () => Promise<void>): Promise<readonly string[]> {
  const working = load(cluster, ['a', 'b'], 3);
  await cluster.clock.pass(300);
  await what();
  await cluster.clock.pass(500);
  await working.stop();
  await cluster.clock.until(() => cluster.nodes.every(({ participation }) => participation.type === 'active'));
  await cluster.append('c', add());
  await cluster.level();
  const missing = lost(agree(cluster), working.acknowledged);
  if (working.acknowledged.length < 50) throw new Error(`only ${working.acknowledged.length} were acknowledged`);
  return [...missing, ...working.failed.map(String)];
}

test('P10, H7: one of three loses its memory under load and rejoins; nothing is lost', async (t) => {
  for (const seed of [1, 2, 3]) {
    const cluster = await startedCluster({ seed, window: 16 });
    const missing = await underLoad(cluster, async () => {
      for (let life = 0; life < 3; life += 1) {
        cluster.kill('c');
        await cluster.clock.pass(100);
        await cluster.start('c', { starting: { as: 'recover' } });
        await cluster.clock.until(() => cluster.node('c').participation.type === 'active');
      }
    });
    t.deepEqual(missing, []);
    await cluster.stopAll();
  }
});

test('P10: each of three loses its memory in turn under load, each rejoins', async (t) => {
  const cluster = await startedCluster({ window: 16 });
  const working = load(cluster, ['a'], 3);
  for (const id of ['c', 'b', 'c']) {
    cluster.kill(id);
    await cluster.start(id, { starting: { as: 'recover' } });
    await cluster.clock.until(() => cluster.node(id).participation.type === 'active');
  }
  await working.stop();
  await cluster.level();
  t.deepEqual(lost(agree(cluster), working.acknowledged), []);
  await cluster.stopAll();
});

test('H56: a node that was cut off and comes back does not disturb the leader', async (t) => {
  const cluster = await startedCluster();
  await cluster.append('a', add());
  cluster.network.cut('c');
  cluster
    .node('c')
    .append(add())
    .catch(() => {});
  await cluster.append('a', add());
  await cluster.clock.pass(5_000);
  const changes: string[] = [];
  cluster.node('a').on('statusChange', ({ to }) => changes.push(to));
  cluster.network.heal();
  for (let count = 0; count < 20; count += 1) await cluster.append('a', add());
  t.true(changes.filter((to) => to !== 'leading').length <= 1, 'c may win once, for its append');
  await cluster.level();
  agree(cluster);
  await cluster.stopAll();
});

test('H55: with a chain of links, and with one-way links, whoever reaches a majority gets on', async (t) => {
  const cluster = await startedCluster();
  cluster.network.link('a', 'c').set({ isCut: true });
  cluster.network.link('c', 'a').set({ isCut: true });
  for (const id of ['a', 'c', 'b', 'a']) await cluster.append(id, add());
  cluster.network.heal();
  cluster.network.link('b', 'a').set({ isCut: true });
  cluster.network.link('a', 'c').set({ isCut: true });
  await cluster.append('b', add());
  cluster.network.heal();
  await cluster.level();
  t.is(agree(cluster).length, 5);
  await cluster.stopAll();
});

test('H60, H64: a stall of the whole process changes nothing but time', async (t) => {
  const cluster = await startedCluster({ disks: true });
  const working = load(cluster, ['a', 'b', 'c'], 2);
  for (let stall = 0; stall < 5; stall += 1) {
    await cluster.clock.pass(100);
    await cluster.clock.jump(30_000);
  }
  await working.stop();
  await cluster.level();
  t.deepEqual(lost(agree(cluster), working.acknowledged), []);
  await cluster.stopAll();
});

test('H60: an apply that blocks makes no difference to what is committed', async (t) => {
  const cluster = await startedCluster();
  await cluster.append('a', add());
  await cluster.level();
  cluster.ledger('b').onApply = () => cluster.clock.stall(20);
  for (let count = 0; count < 5; count += 1) await cluster.append('a', add());
  await cluster.level();
  t.is(cluster.node('a').status, 'leading');
  agree(cluster);
  await cluster.stopAll();
});

test('H18: nodes that all append at once, over a slow network, all get there', async (t) => {
  const cluster = await startedCluster({ ids: ['a', 'b', 'c', 'd', 'e'] });
  cluster.network.setAll({ delayMs: 15, jitterMs: 30 });
  const all = cluster.ids.flatMap((id) => Array.from({ length: 5 }, () => cluster.append(id, add())));
  await cluster.clock.run(Promise.all(all));
  cluster.network.setAll({ delayMs: 0, jitterMs: 0 });
  await cluster.level();
  t.is(agree(cluster).length, 25);
  await cluster.stopAll();
});

test('H57: a node that comes back far behind catches up, in portions, from what is stored', async (t) => {
  const cluster = await startedCluster({ tuning: { messageEntryBytesMax: 2_000, recentBytesMax: 20_000 } });
  cluster.network.cut('c');
  const working = load(cluster, ['a'], 8);
  await cluster.clock.pass(1_000);
  await working.stop();
  cluster.network.heal();
  await cluster.clock.until(() => cluster.node('c').round > 1_000, 5_000);
  await cluster.level();
  t.deepEqual(lost(agree(cluster), working.acknowledged.slice(-200)), []);
  await cluster.stopAll();
});
