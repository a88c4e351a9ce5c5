// Goal: both views are right about who leads which rounds. Method: whole nodes on a virtual clock, over a network in memory.
import { createNode, defineDecoration, flagsFromEnvironment, type NodeBuilder, required } from '@paxakos/core';
import { memoryNetwork } from '@paxakos/core/memory';
import { add, DecoratedCluster, setMembers, type TestState, testStates } from '@paxakos/testing';
import test from 'ava';
import { type Leadership, type LeadershipView, type TrackLeadership, trackLeadership } from '../src/index.ts';

type Apis = { readonly trackLeadership: TrackLeadership };

const cluster = (options: { ids?: readonly string[]; window?: number; rangesMax?: number } = {}) => {
  const { rangesMax, ...given } = options;
  const decorate = (builder: NodeBuilder<TestState, object>) =>
    builder.with(trackLeadership(rangesMax === undefined ? {} : { rangesMax }));
  return new DecoratedCluster<Apis>({ ...given, decorate });
};

const single = () => ({ id: 'a', state: testStates(['a'], 8, 0), transport: memoryNetwork().transport('a') });

const brief = ({ ranges }: LeadershipView): string =>
  ranges.map(({ leader, from, to }: Leadership) => `${leader} ${from}-${to ?? ''}`).join(', ');

const views = (nodes: DecoratedCluster<Apis>, id: string): LeadershipView[] => {
  const { lax, strict } = nodes.node(id).trackLeadership;
  return [lax, strict];
};

test('before anybody leads, nobody does', async (t) => {
  const nodes = await cluster().startAll();
  for (const view of views(nodes, 'a')) {
    t.false(view.isSuspended);
    t.deepEqual(view.ranges, []);
    t.is(view.leader ?? view.leaderOf(1), undefined);
  }
  await nodes.stopAll();
});

test('whoever places entries leads, from the first of them on, at every node and at itself', async (t) => {
  const nodes = await cluster().startAll();
  await nodes.append('b', add());
  await nodes.append('b', add());
  for (const id of nodes.ids) {
    for (const view of views(nodes, id)) {
      t.is(brief(view), 'b 1-', id);
      t.is(view.leader, 'b');
      t.is(view.leaderOf(1), 'b');
      t.is(view.leaderOf(1_000_000), 'b');
      t.is(view.ranges[0]?.number.node, 'b');
    }
  }
  await nodes.stopAll();
});

test('a new leader takes the rounds that are not committed; the ones before stay with the former', async (t) => {
  const nodes = await cluster().startAll();
  await nodes.append('a', add());
  await nodes.append('a', add());
  await nodes.clock.pass(1_000);
  await nodes.append('c', add());
  for (const id of nodes.ids) {
    for (const view of views(nodes, id)) {
      t.is(brief(view), 'a 1-2, c 3-', id);
      t.is(view.leader, 'c');
      t.is(view.leaderOf(2), 'a');
      t.is(view.leaderOf(3), 'c');
      t.is(view.leaderOf(0), undefined);
    }
  }
  await nodes.stopAll();
});

test('each range says when a directive of its leader was last seen', async (t) => {
  const nodes = await cluster().startAll();
  await nodes.append('a', add());
  await nodes.clock.pass(700);
  const before = nodes.clock.now;
  await nodes.append('a', add());
  await nodes.clock.pass(2_500);
  for (const id of nodes.ids) {
    for (const view of views(nodes, id)) {
      const at = view.ranges[0]?.lastDirectiveAt ?? 0;
      t.true(at >= before && at < before + 200, `${id}: ${at}`);
    }
  }
  await nodes.stopAll();
});

test('lax follows a candidate at once; strict only who has sent a proposal or commit', async (t) => {
  const nodes = await cluster().startAll();
  await nodes.append('a', add());
  await nodes.clock.pass(500);
  // What b asks for reaches c, and nothing comes back: b gets no majority.
  for (const [from, to] of [
    ['c', 'b'],
    ['a', 'b'],
    ['b', 'a'],
  ] as const)
    nodes.network.link(from, to).set({ isCut: true });
  const append = nodes.node('b').append(add(), { retry: () => undefined });
  append.catch(() => {});
  await nodes.clock.until(() => nodes.node('c').trackLeadership.lax.leader === 'b');
  t.is(brief(nodes.node('c').trackLeadership.lax), 'a 1-1, b 2-');
  t.is(brief(nodes.node('c').trackLeadership.strict), 'a 1-');
  t.is(nodes.node('b').trackLeadership.strict.leader, 'a');
  t.is(nodes.node('c').trackLeadership.strict.leader, 'a');
  await nodes.stopAll();
});

test('a leader that gives up knows that it does not lead', async (t) => {
  const nodes = await cluster().startAll();
  await nodes.append('a', add());
  nodes.network.cut('a');
  const changes: (string | undefined)[] = [];
  nodes.node('a').trackLeadership.strict.onChange(({ leader }) => changes.push(leader));
  const append = nodes.node('a').append(add());
  append.catch(() => {});
  await nodes.clock.until(() => nodes.node('a').status !== 'leading');
  t.is(nodes.node('a').trackLeadership.strict.leader, undefined);
  t.deepEqual(changes.filter((leader) => leader === undefined).length > 0, true);
  await nodes.append('b', add());
  nodes.network.heal();
  await nodes.clock.run(append);
  await nodes.level();
  t.is(nodes.node('a').trackLeadership.strict.leaderOf(1), 'a');
  await nodes.stopAll();
});

test('both views are suspended while the node lags, and right when it has caught up', async (t) => {
  const nodes = await cluster().startAll();
  await nodes.append('a', add());
  nodes.network.cut('c');
  await nodes.append('a', add());
  await nodes.clock.pass(500);
  await nodes.append('b', add());
  await nodes.append('b', add());
  const suspended: boolean[] = [];
  const c = nodes.node('c');
  const leave = c.trackLeadership.strict.onChange((view) => {
    suspended.push(view.isSuspended);
    if (!view.isSuspended) return;
    t.is(c.status, 'lagging');
    t.deepEqual(view.ranges, []);
    t.is(view.leader, undefined);
    t.is(view.leaderOf(1), undefined);
  });
  t.is(c.trackLeadership.strict.leader, 'a');
  nodes.network.heal();
  await nodes.append('b', add());
  await nodes.level();
  t.true(suspended.includes(true));
  t.is(suspended.at(-1), false);
  leave();
  t.is(brief(c.trackLeadership.strict), 'a 1-2, b 3-');
  t.is(brief(c.trackLeadership.lax), 'a 1-2, b 3-');
  await nodes.stopAll();
});

test('after a snapshot nothing is claimed of the rounds it stands for, nor of who leads now, until that is seen', async (t) => {
  const nodes = await cluster().startAll();
  await nodes.append('a', add());
  await nodes.level();
  nodes.network.cut('c');
  for (let index = 0; index < 4; index += 1) await nodes.append('b', add());
  const c = nodes.node('c');
  await nodes.clock.run(
    nodes
      .node('b')
      .takeSnapshot()
      .then((snapshot) => c.installSnapshot(snapshot)),
  );
  await nodes.clock.pass(1);
  for (const view of views(nodes, 'c')) {
    t.false(view.isSuspended);
    t.deepEqual(view.ranges, []);
    t.is(view.leader, undefined);
  }
  nodes.network.heal();
  const round = await nodes.append('b', add());
  await nodes.level();
  for (const view of views(nodes, 'c')) t.is(brief(view), `b ${round}-`);
  await nodes.stopAll();
});

test('a disoriented node says nothing, and is right again with a snapshot', async (t) => {
  const nodes = await cluster().startAll();
  await nodes.append('a', add());
  const c = nodes.node('c');
  await nodes.clock.run(c.eject('a test'));
  t.is(c.status, 'disoriented');
  for (const view of views(nodes, 'c')) {
    t.true(view.isSuspended);
    t.deepEqual(view.ranges, []);
    t.is(view.leader, undefined);
  }
  await nodes.append('a', add());
  await nodes.clock.run(
    nodes
      .node('a')
      .takeSnapshot()
      .then((snapshot) => c.installSnapshot(snapshot)),
  );
  await nodes.append('a', add());
  await nodes.level();
  for (const view of views(nodes, 'c')) {
    t.false(view.isSuspended);
    t.is(brief(view), 'a 3-');
  }
  await nodes.stopAll();
});

test('a removed leader does not lead the rounds that the new members govern', async (t) => {
  const nodes = await cluster({ window: 4 }).startAll();
  await nodes.append('a', add());
  const round = await nodes.append('a', setMembers('b', 'c'));
  await nodes.clock.until(() => nodes.node('b').committed >= round + 3);
  await nodes.clock.pass(5_000);
  for (const id of ['b', 'c']) {
    for (const view of views(nodes, id)) {
      // The window of 4 rounds ends there.
      t.is(brief(view), `a 1-${round + 4 - 1}`, id);
      t.is(view.leaderOf(round + 4 - 1), 'a');
      t.is(view.leaderOf(round + 4), undefined);
      t.is(view.leader, undefined);
    }
  }
  const next = await nodes.append('b', add());
  await nodes.level('b', 'c');
  for (const view of views(nodes, 'c')) {
    t.is(view.leader, 'b');
    t.is(brief(view), `a 1-${round + 4 - 1}, b ${next}-`);
  }
  await nodes.stopAll();
});

test('a bid of a node that is no member any more changes nothing, lax or strict', async (t) => {
  const nodes = await cluster({ window: 2 }).startAll();
  await nodes.append('a', add());
  nodes.network.cut('c');
  await nodes.append('a', setMembers('a', 'b'));
  for (let index = 0; index < 4; index += 1) await nodes.append('a', add());
  nodes.network.heal();
  // What the others send is lost, so that c does not learn that it is out.
  nodes.network.link('a', 'c').set({ isCut: true });
  nodes.network.link('b', 'c').set({ isCut: true });
  const seen = nodes.events('b', 'directive').length;
  nodes
    .node('c')
    .append(add())
    .catch(() => {});
  await nodes.clock.pass(3_000);
  t.true(
    nodes
      .events('b', 'directive')
      .slice(seen)
      .some(({ leader, kind }) => leader === 'c' && kind === 'prepare'),
  );
  for (const view of views(nodes, 'b')) t.is(brief(view), 'a 1-');
  await nodes.stopAll();
});

test('only so many ranges are kept, the latest', async (t) => {
  const nodes = await cluster({ rangesMax: 3 }).startAll();
  for (let index = 0; index < 6; index += 1) {
    await nodes.append(nodes.ids[index % 3] as string, add());
    await nodes.clock.pass(1_000);
  }
  for (const view of views(nodes, 'b')) t.is(brief(view), 'a 4-4, b 5-5, c 6-');
  await nodes.stopAll();
});

test('listeners hear of each change, not of each directive, and no more once they have left', async (t) => {
  const nodes = await cluster().startAll();
  const heard: string[] = [];
  const { strict } = nodes.node('b').trackLeadership;
  const leave = strict.onChange((view) => heard.push(brief(view)));
  await nodes.append('a', add());
  await nodes.append('a', add());
  await nodes.append('a', add());
  await nodes.clock.pass(1_000);
  t.deepEqual(heard, ['a 1-']);
  await nodes.append('c', add());
  await nodes.level();
  t.deepEqual(heard, ['a 1-', 'a 1-3, c 4-']);
  leave();
  await nodes.append('b', add());
  t.is(heard.length, 2);
  await nodes.stopAll();
});

test('a listener that throws or rejects is reported, and harms nobody', async (t) => {
  const nodes = await cluster().startAll();
  const { lax, strict } = nodes.node('b').trackLeadership;
  const cause = new Error('listener broke');
  let count = 0;
  lax.onChange(() => {
    throw cause;
  });
  strict.onChange((async () => {
    throw cause;
  }) as never);
  strict.onChange(() => {
    count += 1;
  });
  await nodes.append('a', add());
  await nodes.clock.pass(1);
  t.deepEqual(
    nodes.events('b', 'hookError').map(({ hook, error }) => [hook, error]),
    [
      ['trackLeadership: onChange', cause],
      ['trackLeadership: onChange', cause],
    ],
  );
  t.is(count, 1);
  t.is(nodes.node('b').status, 'following');
  await nodes.stopAll();
});

test('a node that has restarted knows nobody until it sees somebody lead', async (t) => {
  const nodes = await cluster().startAll();
  await nodes.append('a', add());
  nodes.kill('c');
  nodes.network.cut('c');
  await nodes.start('c', { starting: { as: 'recover' } });
  for (const view of views(nodes, 'c')) t.is(view.leader, undefined);
  nodes.network.heal();
  await nodes.clock.until(() => nodes.node('c').participation.type !== 'passive');
  await nodes.append('a', add());
  await nodes.level();
  for (const view of views(nodes, 'c')) t.is(view.leader, 'a');
  await nodes.stopAll();
});

test('after the stop it is suspended, listeners are told once, and nothing is left', async (t) => {
  const nodes = await cluster().startAll();
  await nodes.append('a', add());
  const { lax, strict } = nodes.node('a').trackLeadership;
  const heard: boolean[] = [];
  lax.onChange(({ isSuspended }) => heard.push(isSuspended));
  await nodes.clock.run(nodes.node('a').stop());
  t.is(nodes.pending('a'), 0);
  t.is(heard.filter((isSuspended) => isSuspended).length, 1);
  t.true(lax.isSuspended);
  t.is(strict.leader, undefined);
  await nodes.stopAll();
});

test('it sends nothing and sets no timer', async (t) => {
  const nodes = await cluster().startAll();
  await nodes.append('a', add());
  await nodes.clock.pass(10_000);
  const frames = [...nodes.frames.values()].join();
  for (const id of nodes.ids) t.is(nodes.pending(id), 0);
  await nodes.clock.pass(60_000);
  t.is([...nodes.frames.values()].join(), frames);
  await nodes.stopAll();
});

test('switched off, by code or by the environment, both views are there and say nothing', async (t) => {
  for (const flags of [{ trackLeadership: false }, flagsFromEnvironment({ PAXAKOS_FLAG_TRACK_LEADERSHIP: 'off' })]) {
    const node = await createNode({ ...single(), flags })
      .with(trackLeadership())
      .start();
    for (const view of [node.trackLeadership.lax, node.trackLeadership.strict]) {
      view.onChange(() => t.fail());
      t.true(view.isSuspended);
      t.deepEqual(view.ranges, []);
      t.is(view.leader, undefined);
      t.is(view.leaderOf(1), undefined);
    }
    await node.append(add());
    await node.stop();
  }
});

test('it is refused twice; what needs it is refused without it', async (t) => {
  const twice = createNode(single())
    .with(trackLeadership())
    .with(trackLeadership() as never);
  await t.throwsAsync(twice.start(), { code: 'PAXAKOS_DECORATION_TWICE' });
  const user = defineDecoration()({
    name: 'user',
    needs: { trackLeadership: required<TrackLeadership>() },
    install: () => ({}),
  });
  const alone = createNode(single()).with(user as never);
  await t.throwsAsync(alone.start(), { code: 'PAXAKOS_DECORATION_MISSING', message: /needs "trackLeadership"/ });
});

test('options are checked, by name and by value', (t) => {
  t.throws(() => trackLeadership({ rangesMax: 0 }), { code: 'PAXAKOS_INVALID', message: /rangesMax is 0: give/ });
  t.throws(() => trackLeadership({ rangesMax: 1.5 }), { code: 'PAXAKOS_INVALID' });
  t.throws(() => trackLeadership({ ranges: 3 } as never), {
    code: 'PAXAKOS_INVALID',
    message: /ranges .*there is rangesMax/,
  });
});
