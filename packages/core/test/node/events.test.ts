// Events: what a node says of itself, to listeners and to iterators, and what becomes of those that do not behave.
import test from 'ava';
import { defineDecoration, SlowConsumerError, type Transport } from '../../src/index.ts';
import { settle } from './test-clock.ts';
import { createNode, startedCluster, TestCluster, type TestNode } from './test-cluster.ts';
import { add, breakIt, setMembers } from './test-state.ts';

test('init comes first, with the status and the round that the node starts at', async (t) => {
  const cluster = new TestCluster({ ids: ['a'], disks: true });
  await cluster.start('a');
  await cluster.clock.until(() => cluster.node('a').participation.type === 'active');
  t.deepEqual(cluster.events('a', 'init'), [{ type: 'init', status: 'following', round: 0 }]);
  await cluster.append('a', add());
  await cluster.stop('a');
  await cluster.start('a');
  t.deepEqual(cluster.events('a', 'init'), [{ type: 'init', status: 'following', round: 1 }]);
  await cluster.stopAll();
});

test('on() refuses a type of event that there is not', async (t) => {
  const cluster = await startedCluster();
  for (const type of ['bogus', 'constructor', undefined])
    t.throws(() => cluster.node('a').on(type as never, () => {}), {
      code: 'PAXAKOS_INVALID',
      message: /^type is .*: there is no such event; there are init, statusChange, .*trouble, failure$/,
    });
  await cluster.stopAll();
});

test('statusChange tells of each change, up to stopped', async (t) => {
  const cluster = await startedCluster();
  const a = cluster.node('a');
  const changes: string[] = [];
  a.on('statusChange', ({ from, to }) => changes.push(`${from}→${to}`));
  await cluster.append('a', add());
  await cluster.append('b', add());
  await cluster.level();
  await cluster.clock.run(a.eject('wrong'));
  await cluster.stopAll();
  t.deepEqual(changes, ['following→leading', 'leading→following', 'following→disoriented', 'disoriented→stopped']);
  t.is(a.status, 'stopped');
});

test('commit and apply tell of each round in order, apply with entry, outcome and change', async (t) => {
  const noops = defineDecoration()({
    name: 'noops',
    install: ({ appendNoop }) => ({ append: () => appendNoop() }),
  });
  const cluster = await startedCluster({}, { build: (builder) => builder.with(noops) });
  const seen: unknown[] = [];
  cluster.node('b').on('apply', ({ round, entry, outcome, change }) => seen.push({ round, entry, outcome, change }));
  const commits: string[] = [];
  cluster.node('b').on('commit', ({ round, number }) => commits.push(`${round} by ${number.node}`));
  const first = add(4);
  await cluster.append('a', first);
  const a = cluster.node('a') as TestNode & { noops: { append(): Promise<unknown> } };
  await cluster.clock.run(a.noops.append());
  await cluster.level();
  t.deepEqual(seen, [
    { round: 1, entry: { ...first }, outcome: 4, change: '+4' },
    { round: 2, entry: undefined, outcome: undefined, change: undefined },
  ]);
  t.deepEqual(commits, ['1 by a', '2 by a']);
  await cluster.stopAll();
});

test('gaps tells which rounds are lacking, and that they have closed; the node lags meanwhile', async (t) => {
  const cluster = await startedCluster({ tuning: { retransmitMs: 1_000 } });
  await cluster.append('a', add());
  await cluster.level();
  cluster.network.link('a', 'c').set({ isCut: true });
  await cluster.append('a', add());
  cluster.network.link('a', 'c').set({ isCut: false });
  await cluster.append('a', add());
  await cluster.level();
  t.deepEqual(
    cluster.events('c', 'gaps').map(({ gaps }) => gaps),
    [[{ from: 2, to: 2 }], []],
  );
  t.deepEqual(
    cluster.events('c', 'statusChange').map(({ to }) => to),
    ['lagging', 'following'],
  );
  await cluster.stopAll();
});

test('directive tells who bids, proposes and commits, for which rounds, and when', async (t) => {
  const cluster = await startedCluster();
  await cluster.clock.pass(1_000);
  const seen: string[] = [];
  cluster.node('c').on('directive', ({ kind, leader, number, rounds, at }) => {
    seen.push(`${kind} ${leader} ${rounds.from}-${rounds.to}`);
    t.is(number.node, leader);
    t.is(at, cluster.clock.now);
  });
  await Promise.all([cluster.append('b', add()), cluster.append('b', add())]);
  await cluster.level();
  t.deepEqual(seen, ['prepare b 1-1', 'accept b 1-2', 'commit b 1-2']);
  await cluster.stopAll();
});

test('an iterator gives every event from its making on, and ends with the node', async (t) => {
  const cluster = await startedCluster();
  const events = cluster.node('b').events();
  await cluster.append('a', add(3));
  await cluster.level();
  const types: string[] = [];
  const reading = (async () => {
    for await (const { type } of events) types.push(type);
  })();
  await settle();
  t.deepEqual(types, ['directive', 'directive', 'directive', 'commit', 'apply']);
  await cluster.stopAll();
  await reading;
  t.is(types.at(-1), 'statusChange');
  t.true((await cluster.clock.run(events.next())).done);
});

test('an iterator ends with its signal, and when it is left', async (t) => {
  const cluster = await startedCluster();
  const controller = new AbortController();
  const events = cluster.node('a').events({ signal: controller.signal });
  const waiting = events.next();
  controller.abort();
  t.deepEqual(await waiting, { done: true, value: undefined });
  t.true((await cluster.node('a').events({ signal: controller.signal }).next()).done);
  const left = cluster.node('a').events();
  await cluster.append('a', add());
  for await (const _ of left) break;
  t.true((await left.next()).done);
  await cluster.stopAll();
});

test('a reader that does not keep up gets an error, never a silent loss; the node goes on', async (t) => {
  const cluster = await startedCluster();
  const slow = cluster.node('a').events({ bufferedMax: 10 });
  const fast = cluster.node('a').events({ bufferedMax: 10 });
  let read = 0;
  const reading = (async () => {
    for await (const { type } of fast) if (type === 'apply') read += 1;
  })();
  for (let count = 0; count < 20; count += 1) await cluster.append('a', add());
  const error = await cluster.clock.failure(
    (async () => {
      for await (const _ of slow);
    })(),
  );
  t.true(error instanceof SlowConsumerError);
  t.like(error, { code: 'PAXAKOS_SLOW_CONSUMER' });
  t.regex(String(error), /more than 10 events .*raise bufferedMax/);
  t.true((await slow.next()).done);
  t.is(await cluster.append('a', add()), 21);
  await cluster.stopAll();
  await reading;
  t.is(read, 21);
});

test('a buffer of no size is refused', async (t) => {
  const cluster = await startedCluster();
  for (const bufferedMax of [0, 1.5, Number.NaN])
    t.throws(() => cluster.node('a').events({ bufferedMax }), { code: 'PAXAKOS_INVALID', message: /^bufferedMax is/ });
  await cluster.stopAll();
});

test('a listener hears until it is taken off, once for each time that it was put on', async (t) => {
  const cluster = await startedCluster();
  let heard = 0;
  const listener = (): void => {
    heard += 1;
  };
  const off = cluster.node('a').on('apply', listener);
  cluster.node('a').on('apply', listener);
  await cluster.append('a', add());
  t.is(heard, 2);
  off();
  off();
  await cluster.append('a', add());
  t.is(heard, 3);
  await cluster.stopAll();
});

test('H65: a listener that throws or rejects is reported as a hookError, and the others hear all the same', async (t) => {
  const cluster = await startedCluster();
  const a = cluster.node('a');
  const cause = new Error('listener broke');
  let heard = 0;
  a.on('apply', () => {
    throw cause;
  });
  a.on('apply', (async () => {
    throw cause;
  }) as () => void);
  a.on('apply', () => {
    heard += 1;
  });
  a.on('hookError', () => {
    throw new Error('this one too');
  });
  a.on('hookError', (async () => {
    throw new Error('and this one');
  }) as () => void);
  t.is(await cluster.append('a', add(2)), 2);
  await settle();
  t.is(heard, 1);
  t.deepEqual(
    cluster.events('a', 'hookError').map(({ hook, error }) => [hook, error]),
    [
      ["on('apply')", cause],
      ["on('apply')", cause],
    ],
  );
  t.is(await cluster.append('a', add(2)), 4);
  await cluster.stopAll();
});

test('reading no events, or never the next one, does not hold the node up', async (t) => {
  const cluster = await startedCluster();
  void cluster.node('a').events().next();
  for (let count = 1; count <= 5; count += 1) t.is(await cluster.append('a', add()), count);
  await cluster.stopAll();
});

test('trouble on the way to peers is told', async (t) => {
  const cluster = await startedCluster();
  const inner = cluster.network.transport('x');
  const transport: Transport = {
    frameBytesMax: inner.frameBytesMax,
    open: (self, deliver) => inner.open(self, deliver, 'paxakos'), // a bus that mixes clusters
    send: (receivers, frame) => inner.send(receivers, frame),
    close: () => inner.close(),
  };
  const options = { ...cluster.optionsOf('x'), transport };
  const foreign = createNode({ ...options, id: 'x', cluster: 'other', starting: { as: 'join' } });
  const node = await cluster.clock.run(foreign.start());
  await cluster.clock.pass(1_000);
  t.true(cluster.events('a', 'trouble').some(({ trouble }) => trouble.type === 'refused'));
  t.is(node.committed, 0);
  await cluster.clock.run(node.stop());
  await cluster.stopAll();
});

test('an entry that breaks what the state names is reported, and the members stay as they were', async (t) => {
  const cluster = await startedCluster();
  await cluster.append('a', breakIt('cluster'));
  await cluster.append('a', add());
  await cluster.level();
  for (const id of cluster.ids) {
    const [first] = cluster.events(id, 'hookError');
    t.is(first?.hook, 'state.cluster, state.concurrency');
    t.regex(String(first?.error), /state\.cluster\(\) is an array/);
    t.deepEqual(cluster.node(id).cluster, [{ id: 'a' }, { id: 'b' }, { id: 'c' }]);
  }
  await cluster.append('a', setMembers('a', 'b', 'c'));
  await cluster.stopAll();
});
