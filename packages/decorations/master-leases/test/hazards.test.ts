// What makes other systems read stale state by a lease, each with the worst of times: H19 and H22 to H27.
// A leader reads on while others try to append: once that is acknowledged to them, a read must see it or be refused.
import test from 'ava';
import { type Contest, contest, eager } from './contest.ts';
import { type ClusterOptions, leasingCluster, TestCluster } from './test-cluster.ts';
import { add, setMembers } from './test-state.ts';

/** Renews the leases of a, cuts it off some time later, and lets b and c try to lead. */
async function deposed(options: ClusterOptions, offsetMs: number, forMs = 1_600): Promise<Contest> {
  const cluster = await leasingCluster({ tuning: eager, ...options });
  await cluster.clock.run(cluster.node('a').append(add()));
  cluster.acked += 1;
  await cluster.clock.pass(offsetMs);
  cluster.network.partition(['a'], ['b', 'c']);
  const result = await contest(cluster, 'a', ['b', 'c'], forMs);
  cluster.network.heal();
  await cluster.stopAll();
  return result;
}

test('H19 a fresh leader does not read before it has applied all that the leader before it placed', async (t) => {
  const cluster = new TestCluster({ leases: { measuresDrift: false } });
  let isAgainst = true;
  const { network } = cluster;
  await cluster.start('a');
  await cluster.start('b', {
    voter: {
      contemplateProposal: ({ leader, round }) => ({
        vote: leader === 'c' && round >= 3 && isAgainst ? 'nay' : 'yea',
      }),
    },
  });
  await cluster.start('c');
  await cluster.add('a');
  await cluster.clock.pass(2);
  network.cut('c');
  const acks = [cluster.node('a').append(add()), cluster.node('a').append(add())];
  await cluster.clock.pass(0.6);
  // b has accepted rounds 2 and 3, and never hears that they are committed.
  network.link('a', 'b').set({ isCut: true });
  await cluster.clock.run(Promise.all(acks));
  cluster.kill('a');
  await cluster.clock.pass(1_100);
  network.heal();
  void cluster
    .node('c')
    .append(add())
    .catch(() => {});
  await cluster.clock.until(() => cluster.node('c').round === 2);
  t.true(cluster.node('c').masterLeases.laxForMs > 0, 'c leads, with leases, and has not applied round 3');
  for (const consistency of ['lease', 'laxLease'] as const) {
    isAgainst = true;
    let seen: number | undefined;
    const read = cluster.read('c', consistency).then((count) => {
      seen = count;
    });
    await cluster.clock.pass(100);
    if (consistency === 'lease') t.is(seen, undefined);
    isAgainst = false;
    await cluster.clock.run(read);
    t.true((seen ?? 0) >= 3);
  }
  await cluster.stopAll();
});

test('H19 a read waits for what was acknowledged beyond a gap', async (t) => {
  const cluster = await leasingCluster();
  const a = cluster.node('a');
  const next = a.round + 1;
  cluster.network.setAll({ isCut: true });
  void a.append(add(), { round: { from: next, to: next } }).catch(() => {});
  await cluster.clock.pass(1);
  cluster.network.setAll({ isCut: false });
  await cluster.clock.run(a.append(add(), { round: { from: next + 1, to: next + 1 } }));
  t.is(a.committed, next - 1);
  t.is(await cluster.clock.run(cluster.read('a')), 3);
  await cluster.stopAll();
});

test('H22 a leader that restarts has no lease left from before', async (t) => {
  const cluster = await leasingCluster({ tuning: eager });
  cluster.kill('a');
  await cluster.start('a');
  const { served, refused } = await contest(cluster, 'a', [], 100);
  t.is(served, 0);
  t.is(refused, 50);
  await cluster.stopAll();
});

test('H23 a leader that is cut off reads nothing stale, however long after its leases were renewed', async (t) => {
  let served = 0;
  for (const offsetMs of [0, 1, 150, 400, 800, 930, 960, 975, 990, 1_020]) {
    const result = await deposed({}, offsetMs);
    t.is(result.stale, 0, `${offsetMs} ms`);
    t.true((result.ackedAfterMs ?? Number.NaN) < 1_200 - Math.min(offsetMs, 900), 'the others lead, then');
    served += result.served;
  }
  t.true(served > 1_000);
});

test('H23 a promise counts from before it was asked for, not from when it came', async (t) => {
  const cluster = await leasingCluster({ tuning: { ...eager, attemptMs: 600 } });
  cluster.network.partition(['a', 'b'], ['c']);
  cluster.network.link('b', 'a').set({ delayMs: 500 });
  await cluster.clock.pass(100);
  await cluster.clock.run(cluster.node('a').append(add()));
  cluster.acked += 1;
  cluster.network.partition(['a'], ['b', 'c']);
  const { stale, ackedAfterMs } = await contest(cluster, 'a', ['b', 'c'], 1_000);
  t.is(stale, 0);
  t.true((ackedAfterMs ?? Number.NaN) < 600);
  await cluster.stopAll();
});

test('H24 a read during which the process stands still is refused', async (t) => {
  const cluster = await leasingCluster();
  const read = cluster.node('a').read(
    ({ count }) => {
      cluster.clockOf('a').leap(2_000);
      return count;
    },
    { consistency: 'lease' },
  );
  t.like(await t.throwsAsync(read), { code: 'PAXAKOS_NO_LEASE', reason: 'expired' });
  await cluster.stopAll();
});

test('H24 a process that stood still for two leases reads nothing before it is renewed', async (t) => {
  const cluster = await leasingCluster({ tuning: eager });
  cluster.pause('a');
  await cluster.add('b');
  await cluster.clock.pass(2_000);
  t.is(cluster.node('a').status, 'leading', 'it does not know better');
  await t.throwsAsync(cluster.read('a'), { code: 'PAXAKOS_NO_LEASE' });
  cluster.resume('a');
  const { stale } = await contest(cluster, 'a', ['b'], 500);
  t.is(stale, 0);
  await cluster.stopAll();
});

test('H24 clocks at the edge of their drift: leases hold, and no read is stale', async (t) => {
  for (const driftMax of [0.01, 0.1]) {
    const [slow, fast] = [1 - driftMax, 1 + driftMax];
    const rates = { a: slow, b: fast, c: fast };
    for (const offsetMs of [0, 500]) {
      const result = await deposed({ rates, leases: { driftMax } }, offsetMs, 1_800);
      t.is(result.stale, 0, `${driftMax}, ${offsetMs} ms`);
      t.true(result.served > 50, `${result.served} reads were served`);
      t.true((result.ackedAfterMs ?? Number.NaN) < 1_300);
    }
  }
});

test('H24 clocks beyond their drift: reads are refused', async (t) => {
  const drifting: readonly Readonly<Record<string, number>>[] = [
    { a: 0.9 },
    { b: 1.1, c: 1.1 },
    { a: 0.95, b: 1.02, c: 1.05 },
  ];
  for (const rates of drifting) {
    const result = await deposed({ rates }, 0);
    t.is(result.stale, 0, JSON.stringify(rates));
    t.is(result.served, 0, JSON.stringify(rates));
  }
});

test('H24 a clock that goes wrong later is found out', async (t) => {
  const cluster = await leasingCluster({ tuning: eager });
  t.is(await cluster.read('a'), 1);
  cluster.clockOf('a').rate = 0.8;
  for (let times = 0; times < 8; times += 1) await cluster.warmUp('a');
  await t.throwsAsync(cluster.read('a'), { code: 'PAXAKOS_NO_LEASE' });
  cluster.clockOf('a').rate = 1;
  for (let times = 0; times < 2; times += 1) await cluster.warmUp('a');
  t.is(await cluster.read('a'), 1, 'and trusted again when it goes right');
  await cluster.stopAll();
});

test('H24 clocks that go wrong after a long time: no promise counts that they give from the next entries on', async (t) => {
  const cluster = await leasingCluster({ tuning: eager });
  for (let times = 0; times < 20; times += 1) await cluster.warmUp('a');
  t.is(await cluster.read('a'), 1);
  for (const id of ['b', 'c']) cluster.clockOf(id).rate = 1.1;
  await cluster.warmUp('a');
  cluster.network.partition(['a'], ['b', 'c']);
  const { stale } = await contest(cluster, 'a', ['b', 'c'], 1_600);
  t.is(stale, 0);
  await cluster.stopAll();
});

test('H24 a machine that was suspended, so that its clock stood still, reads nothing until it is renewed', async (t) => {
  const cluster = new TestCluster({ tuning: eager });
  await cluster.startAll({ wallClock: () => cluster.clock.now });
  await cluster.warmUp('a');
  t.is(await cluster.read('a'), 1);
  cluster.clockOf('a').rate = 0;
  cluster.pause('a');
  await cluster.add('b');
  cluster.clockOf('a').rate = 1;
  await t.throwsAsync(cluster.read('a'), { code: 'PAXAKOS_NO_LEASE' });
  cluster.resume('a');
  const { stale } = await contest(cluster, 'a', ['b'], 500);
  t.is(stale, 0);
  await cluster.stopAll();
});

test('H24 no option is needed for a machine that was suspended: the clock of the node tells', async (t) => {
  const cluster = new TestCluster({ tuning: eager });
  const clocks = new Map(cluster.ids.map((id) => [id, cluster.clock.view()]));
  for (const [id, clock] of clocks)
    await cluster.start(id, { clock: Object.assign(clock, { wallNow: () => cluster.clock.now }) });
  await cluster.add('a');
  await cluster.warmUp('a');
  t.is(await cluster.read('a'), 1);
  const clock = clocks.get('a');
  if (clock === undefined) throw new Error('a has a clock');
  clock.rate = 0;
  cluster.network.partition(['a'], ['b', 'c']);
  await cluster.add('b');
  clock.rate = 1;
  await t.throwsAsync(cluster.read('a'), { code: 'PAXAKOS_NO_LEASE' });
  cluster.network.heal();
  await cluster.stopAll();
});

test('H24 a wall clock that is set makes no read stale, and costs no more than the leases of that moment', async (t) => {
  for (const stepMs of [-3_600_000, 3_600_000]) {
    let setMs = 0;
    const cluster = new TestCluster({ tuning: eager });
    await cluster.startAll({ wallClock: () => cluster.clock.now + setMs });
    await cluster.warmUp('a');
    t.is(await cluster.read('a'), 1);
    setMs = stepMs;
    if (stepMs < 0) t.is(await cluster.read('a'), 1);
    else await t.throwsAsync(cluster.read('a'), { code: 'PAXAKOS_NO_LEASE' });
    await cluster.warmUp('a');
    t.is(await cluster.read('a'), 1);
    cluster.network.partition(['a'], ['b', 'c']);
    setMs = 0;
    const { stale, ackedAfterMs } = await contest(cluster, 'a', ['b', 'c'], 1_500);
    t.is(stale, 0);
    t.true((ackedAfterMs ?? Number.NaN) < 1_200);
    await cluster.stopAll();
  }
});

test('H25 lessors that restart wait out what they may have promised', async (t) => {
  const cluster = await leasingCluster({ tuning: eager });
  cluster.network.partition(['a'], ['b', 'c']);
  for (const id of ['b', 'c']) {
    cluster.kill(id);
    await cluster.start(id);
  }
  const { stale, served, ackedAfterMs } = await contest(cluster, 'a', ['b', 'c'], 1_600);
  t.is(stale, 0);
  t.true(served > 400);
  t.true((ackedAfterMs ?? Number.NaN) > 1_000 && (ackedAfterMs ?? Number.NaN) < 1_200);
  await cluster.stopAll();
});

test('H27 a former leader waits like anyone else', async (t) => {
  const cluster = await leasingCluster({ tuning: eager });
  // c kept to a before; a keeps to nobody, so all depends on whom c keeps to now.
  cluster.network.partition(['a'], ['b', 'c']);
  await cluster.clock.pass(1_100);
  await cluster.add('b');
  await cluster.warmUp('b');
  t.is(await cluster.read('b'), 2);
  cluster.network.partition(['b'], ['a', 'c']);
  const { stale, served, ackedAfterMs } = await contest(cluster, 'b', ['a'], 1_500);
  t.is(stale, 0);
  t.true(served > 400);
  t.true((ackedAfterMs ?? Number.NaN) > 900);
  await cluster.stopAll();
});

test('H27 a member waits with its own bid, too, while it keeps to somebody', async (t) => {
  const cluster = await leasingCluster({ tuning: eager });
  cluster.network.partition(['a', 'b'], ['c']);
  await cluster.clock.pass(1_100);
  await cluster.add('b');
  await cluster.warmUp('b');
  t.is(await cluster.read('b'), 2);
  // c keeps to nobody, so all depends on a.
  cluster.network.partition(['b'], ['a', 'c']);
  const { stale, served, ackedAfterMs } = await contest(cluster, 'b', ['a'], 1_500);
  t.is(stale, 0);
  t.true(served > 400);
  t.true((ackedAfterMs ?? Number.NaN) > 900);
  await cluster.stopAll();
});

test('a change of the cluster: promises of those who left count no more', async (t) => {
  const cluster = await leasingCluster({ tuning: eager, window: 4 });
  for (const id of ['d', 'e']) await cluster.start(id, { starting: { as: 'join' } });
  await cluster.append('a', setMembers('a', 'd', 'e'));
  await cluster.clock.until(() => cluster.node('d').participation.type === 'active');
  await cluster.warmUp('a');
  t.is(await cluster.read('a'), 1);
  cluster.network.partition(['a', 'b', 'c'], ['d', 'e']);
  for (const consistency of ['lease', 'laxLease'] as const) {
    void cluster
      .node('a')
      .append(add(), { retry: () => undefined })
      .catch(() => {});
    const { stale, ackedAfterMs } = await contest(cluster, 'a', ['d'], 1_500, consistency);
    t.is(stale, 0);
    t.true((ackedAfterMs ?? Number.NaN) < 1_200);
  }
  await cluster.stopAll();
});
