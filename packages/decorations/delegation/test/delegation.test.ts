// What is appended anywhere lands at the leader, and what came of it comes back. On a virtual clock, over a network in memory.
import { type Codec, jsonCodec, never } from '@paxakos/core';
import test from 'ava';
import { type Below, ledCluster, TestCluster } from './test-cluster.ts';
import { add } from './test-state.ts';

test('an append at a follower lands at the leader, and its outcome comes back', async (t) => {
  const cluster = await ledCluster();
  const b = cluster.node('b');
  const entry = add(5);
  const commit = await cluster.clock.run(b.append(entry));
  t.is(await cluster.clock.run(commit.applied()), 6);
  t.is(commit.round, 2);
  t.deepEqual(
    cluster.landed.map(({ at, id }) => [at, id]),
    [['a', entry.id]],
  );
  t.is(cluster.node('a').status, 'leading');
  t.is(b.delegation.leader, 'a');
  t.is(b.delegation.inFlight, 0);
  t.is(b.delegation.inFlightBytes, 0);
  await cluster.stopAll();
});

test('what has been applied is seen by a stale read at the node that appended', async (t) => {
  const cluster = await ledCluster();
  const c = cluster.node('c');
  for (let count = 0; count < 20; count += 1) {
    const entry = add();
    await cluster.append('c', entry);
    t.is(await c.read((state) => state.log.at(-1), { consistency: 'stale' }), entry.id);
  }
  await cluster.stopAll();
});

test('at the leader, an append goes down, with all that was said of it', async (t) => {
  const cluster = await ledCluster();
  const { signal } = new AbortController();
  const entry = add();
  await cluster.append('a', entry, { retry: never, leadership: 'require', signal });
  const { retry, ...options } = cluster.landed[0]?.options ?? {};
  t.deepEqual(cluster.landed.length, 1);
  t.is(typeof retry, 'function');
  t.deepEqual(options, { leadership: 'require', signal });
  t.is(cluster.node('a').delegation.leader, undefined);
  await cluster.stopAll();
});

test('where nobody is known to lead, an append goes down', async (t) => {
  const cluster = new TestCluster();
  await cluster.startAll();
  await cluster.append('b', add(), {});
  t.is(cluster.landed[0]?.at, 'b');
  t.deepEqual(Object.keys(cluster.landed[0]?.options ?? {}), ['retry']);
  t.is(cluster.node('b').status, 'leading');
  await cluster.stopAll();
});

test('1,000 appends of one turn take few frames, and one run at the leader', async (t) => {
  const cluster = await ledCluster();
  await cluster.append('b', add());
  await cluster.clock.pass(1_000);
  let frames = 0;
  let bytes = 0;
  cluster.onFrame = (from, to, frame) => {
    if ((from === 'b' && to === 'a') || (from === 'a' && to === 'b')) frames += 1;
    if (from === 'b' && to === 'a') bytes += frame.length;
    return true;
  };
  const before = cluster.events('c', 'directive').length;
  const entries = Array.from({ length: 1_000 }, () => add());
  const commits = await cluster.clock.run(Promise.all(entries.map((entry) => cluster.node('b').append(entry))));
  t.is(new Set(commits.map(({ round }) => round)).size, 1_000);
  t.true(frames <= 12, `${frames} frames`);
  t.true(bytes <= 1_000 * 60, `${bytes} bytes`);
  const runs = cluster
    .events('c', 'directive')
    .slice(before)
    .filter(({ kind }) => kind === 'accept');
  t.deepEqual(
    runs.map(({ rounds }) => rounds.to - rounds.from + 1),
    [1_000],
  );
  t.deepEqual(
    (await cluster.log('b')).slice(-1_000),
    entries.map(({ id }) => id),
  );
  await cluster.stopAll();
});

test('the options travel: rounds and leadership; the delegatee tries once', async (t) => {
  const cluster = await ledCluster();
  const round = { from: 7, to: 9 };
  const commit = await cluster.clock.run(cluster.node('b').append(add(), { round }));
  t.is(commit.round, 7);
  const { options } = cluster.landed[0] ?? {};
  t.deepEqual(options?.round, round);
  await cluster.clock.run(cluster.node('b').append(add(), { leadership: 'check' }));
  t.is(cluster.landed[1]?.options.leadership, 'check');
  t.is(cluster.landed[1]?.options.round, undefined);
  await cluster.stopAll();
});

test('an idle node keeps no timer and no listener of the delegation', async (t) => {
  const cluster = await ledCluster();
  await cluster.clock.pass(5_000);
  const before = cluster.pending('b');
  const atLeader = cluster.pending('a');
  await cluster.append('b', add());
  await cluster.clock.pass(5_000);
  t.is(cluster.pending('b'), before);
  t.is(cluster.pending('a'), atLeader);
  await cluster.stopAll();
});

test('what the codec makes of an entry stays as it was, though the frame that it came in is overwritten', async (t) => {
  // Its bytes are parts of what it is given.
  const codec: Codec = {
    encode: (value) => {
      const { type, bytes } = value as { readonly type: string; readonly bytes?: Uint8Array };
      return type === 'bytes' ? new Uint8Array([1, ...(bytes as Uint8Array)]) : jsonCodec.encode(value);
    },
    decode: (bytes) => (bytes[0] === 1 ? { type: 'bytes', bytes: bytes.subarray(1) } : jsonCodec.decode(bytes)),
  };
  let seen: Uint8Array | undefined;
  const below: Below = (next) => async (entry, options) => {
    if ('bytes' in entry) seen = entry.bytes as Uint8Array;
    return next(entry, options);
  };
  const cluster = await ledCluster({ codec, below });
  const bytes = new Uint8Array([5, 6, 7]);
  t.is(await cluster.append('b', { id: 'bytes', type: 'bytes', bytes }), 3);
  t.deepEqual(seen, bytes);
  await cluster.stopAll();
});

test('more than may be on its way at once waits, and large entries travel in several messages', async (t) => {
  const cluster = await ledCluster();
  const many = Array.from({ length: 9_000 }, () => add());
  const large = [1, 2, 3].map((id) => ({ id: `large ${id}`, type: 'bytes', bytes: new Uint8Array(500_000) }) as const);
  const b = cluster.node('b');
  const commits = [...many, ...large].map((entry) => b.append(entry));
  t.is(b.delegation.inFlight, 9_003);
  await cluster.clock.run(Promise.all(commits));
  t.is(b.delegation.inFlight, 0);
  await cluster.level();
  t.is(new Set(await cluster.log('c')).size, 9_004);
  await cluster.stopAll();
});
