// Entries of all sizes are taken, kept and served; what no message could carry is refused before anything is proposed.
import test from 'ava';
import { isPaxakosError } from '../../src/index.ts';
import { startedCluster } from './test-cluster.ts';
import { add } from './test-state.ts';

const large = (bytes: number) => ({ ...add(), note: 'x'.repeat(bytes) });

test('entries of 200 KB and of 4 MB are committed, outlast a restart, and reach who was away', async (t) => {
  const cluster = await startedCluster({ disks: true });
  cluster.network.cut('c');
  for (const bytes of [200_000, 4_000_000]) await cluster.append('a', large(bytes));
  cluster.kill('b');
  await cluster.start('b');
  cluster.network.heal();
  await cluster.level();
  t.is(cluster.ledger('c').log.length, 2);
  t.deepEqual(cluster.ledger('b').log, cluster.ledger('a').log);
  await cluster.stopAll();
});

test('an entry that is too large is refused in words, and nothing is proposed', async (t) => {
  const cluster = await startedCluster();
  const error = await t.throwsAsync(cluster.append('a', large(17 * 1024 * 1024)));
  t.true(isPaxakosError(error, 'PAXAKOS_INVALID'));
  t.regex(error?.message ?? '', /entry is .*16777216 bytes.*tuning\.entryBytesMax/);
  await cluster.append('a', add());
  t.is(cluster.node('a').round, 1);
  await cluster.stopAll();
});
