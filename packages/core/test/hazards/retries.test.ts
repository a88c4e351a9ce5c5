// Goal: an append that is tried again at another node takes effect once, and gets the outcome that it had (H51). Method: a state
// that remembers outcomes by id, as the library asks of one that takes retries over nodes; answers, memories and nodes are lost.
import test from 'ava';
import { TestCluster } from '../node/test-cluster.ts';
import { add, type Ledger, ledgers, type Op } from '../node/test-state.ts';

type Outcome = ReturnType<Ledger['apply']>;

/** Gives an entry that it has applied the outcome that it had; its frozen form holds these. */
const remembering = (ids: readonly string[]) => {
  const made = (ledger: Ledger, outcomes: Map<string, Outcome>): Ledger => {
    const apply = ledger.apply.bind(ledger);
    const freeze = ledger.freeze.bind(ledger);
    ledger.apply = (entry: Op, context) => {
      if (!outcomes.has(entry.id)) outcomes.set(entry.id, apply(entry, context));
      return outcomes.get(entry.id) as Outcome;
    };
    ledger.freeze = () => ({ ...freeze(), outcomes: [...outcomes] });
    return ledger;
  };
  const plain = ledgers(ids);
  return {
    create: () => made(plain.create(), new Map()),
    thaw: (frozen: ReturnType<Ledger['freeze']>) =>
      made(plain.thaw(frozen), new Map((frozen as { readonly outcomes?: readonly [string, Outcome][] }).outcomes)),
  };
};

test('H51: an append whose answer was lost, tried at another node, has one effect and its first outcome, also after all restart', async (t) => {
  const cluster = new TestCluster({ disks: true });
  const state = remembering(cluster.ids);
  await cluster.startAll({ state, snapshotEveryBytes: 400 });
  await cluster.append('a', add());
  const entry = add(100);
  // The entry is committed; a is gone before its client hears of it.
  for (const id of ['b', 'c']) cluster.network.link(id, 'a').set({ isCut: true });
  const lost = cluster.node('a').append(entry);
  lost.catch(() => {});
  await cluster.clock.pass(20);
  cluster.kill('a');
  cluster.network.heal();
  t.is(await cluster.append('b', entry), 101);
  for (let count = 0; count < 10; count += 1) await cluster.append('c', add());
  t.is(await cluster.append('c', entry), 101, 'once more, and the same');
  for (const id of ['b', 'c']) cluster.kill(id);
  for (const id of cluster.ids) await cluster.start(id, { state, snapshotEveryBytes: 400 });
  t.true((cluster.disks.get('b')?.snapshot?.round ?? 0) > 0, 'they come back from snapshots');
  t.is(await cluster.append('a', entry), 101);
  const sum = await cluster.clock.run(cluster.node('c').read((ledger) => ledger.sum, { consistency: 'linearizable' }));
  t.is(sum, 111);
  await cluster.stopAll();
});
