// Whatever a peer says on the channel, the node goes on as it was, and holds no more of it than its bounds allow.
import { jsonCodec } from '@paxakos/core';
import { settle } from '@paxakos/testing';
import test from 'ava';
import { decodeMessage } from '../src/decode-message.ts';
import { encodeMessage } from '../src/encode-message.ts';
import type { AppendItem, Message } from '../src/message.ts';
import { type Stranger, TestCluster } from './test-cluster.ts';
import { add } from './test-state.ts';

/** `a` leads, `b` follows, and `c` is a stranger. */
async function withStranger(): Promise<{ cluster: TestCluster; c: Stranger }> {
  const cluster = new TestCluster();
  await cluster.start('a');
  await cluster.start('b');
  const c = await cluster.startStranger('c');
  await cluster.clock.until(() => cluster.nodes.every((node) => node.participation.type === 'active'));
  await cluster.clock.run(cluster.node('a').append(add()));
  await cluster.append('b', add());
  cluster.landed.length = 0;
  return { cluster, c };
}

function said(c: Stranger): readonly Message[] {
  return c.heard.splice(0).map((bytes) => decodeMessage(bytes) as Message);
}

async function session(cluster: TestCluster, c: Stranger, nonce: string): Promise<string> {
  c.send('a', encodeMessage({ type: 'hello', nonce: nonce.padStart(32, '0') }));
  await cluster.clock.until(() => c.heard.length > 0);
  const [welcome] = said(c);
  if (welcome?.type !== 'welcome') throw new Error('it was not welcome');
  return welcome.session;
}

function item(id: number, entryId: string, change: Partial<AppendItem> = {}): AppendItem {
  const payload = jsonCodec.encode({ type: 'add', value: 1 });
  const base = { type: 'append', id, leadership: 'acquire', mustLead: true, from: undefined, to: undefined } as const;
  return { ...base, entryId, payload, ...change };
}

test('bytes that are no message, or say what they should not, change nothing', async (t) => {
  const { cluster, c } = await withStranger();
  const token = 'ab'.repeat(16);
  const inflight = cluster.node('b').append(add());
  let random = 1;
  for (let count = 0; count < 600; count += 1) {
    const junk = new Uint8Array(count % 60).map(() => {
      random = (random * 48_271) % 2_147_483_647;
      return random % 256;
    });
    junk[0] = count % 3;
    if (junk.length > 1) junk[1] = count % 6;
    for (const to of ['a', 'b']) c.send(to, junk);
  }
  for (const to of ['a', 'b']) {
    c.send(to, encodeMessage({ type: 'welcome', nonce: token, session: token }));
    c.send(to, encodeMessage({ type: 'answers', session: token, items: [{ type: 'committed', id: 1, round: 1 }] }));
    c.send(to, encodeMessage({ type: 'unknownSession', session: token }));
    c.send(to, encodeMessage({ type: 'requests', session: token, floor: 0, items: [item(1, 'x')] }));
  }
  await cluster.clock.run(inflight);
  await cluster.append('b', add());
  for (const id of ['a', 'b']) t.deepEqual(cluster.events(id, 'hookError'), []);
  t.is(cluster.landed.length, 2);
  t.true(said(c).some(({ type }) => type === 'unknownSession'));
  await cluster.stopAll();
});

test('what is no entry is answered as an error, and so is one that the codec cannot read', async (t) => {
  const { cluster, c } = await withStranger();
  const own = await session(cluster, c, '1');
  const items = [
    item(1, '', {}),
    item(2, 'x', { payload: new Uint8Array([1, 2, 3]) }),
    item(3, 'x', { payload: jsonCodec.encode(5) }),
    item(4, 'x', { payload: jsonCodec.encode(null) }),
    item(5, 'x', { from: 9, to: 3 }),
    ...['text', [1, 2], new Uint8Array(2)].map((no, at) => item(6 + at, 'no', { payload: jsonCodec.encode(no) })),
  ];
  c.send('a', encodeMessage({ type: 'requests', session: own, floor: 1, items }));
  await cluster.clock.pass(100);
  const answers = said(c).flatMap((message) => (message.type === 'answers' ? message.items : []));
  t.deepEqual(
    answers.map(({ id, type }) => [id, type]).sort(([a], [b]) => Number(a) - Number(b)),
    [1, 2, 3, 4, 5, 6, 7, 8].map((id) => [id, 'failed']),
  );
  t.false(
    cluster.landed.some(({ id }) => id === 'no'),
    'a text of a million characters would be an entry of as many properties',
  );
  for (const answer of answers) t.is(answer.type === 'failed' && answer.error.code, 'PAXAKOS_INVALID');
  t.deepEqual(cluster.events('a', 'hookError'), []);
  await cluster.append('b', add());
  await cluster.stopAll();
});

test('a request that comes again, also after its answer was lost, is answered alike and appended once', async (t) => {
  const { cluster, c } = await withStranger();
  const own = await session(cluster, c, '1');
  for (let copy = 0; copy < 5; copy += 1) {
    c.send('a', encodeMessage({ type: 'requests', session: own, floor: 1, items: [item(1, 'once'), item(1, 'once')] }));
    await cluster.clock.pass(copy * 10);
  }
  const rounds = said(c).flatMap((message) => (message.type === 'answers' ? message.items : []));
  t.true(rounds.length >= 4);
  t.is(new Set(rounds.map((answer) => JSON.stringify(answer))).size, 1);
  // Below the floor, it is forgotten, and so is whatever never came.
  c.send('a', encodeMessage({ type: 'requests', session: own, floor: 3, items: [item(1, 'once'), item(2, 'late')] }));
  await cluster.clock.pass(10);
  t.is(cluster.landed.length, 1);
  t.is(await cluster.count('a', 'once'), 1);
  await cluster.stopAll();
});

test('a session is that of one peer, and two of a peer are the most', async (t) => {
  const { cluster, c } = await withStranger();
  const first = await session(cluster, c, '1');
  t.is(await session(cluster, c, '1'), first);
  for (let count = 2; count < 300; count += 1) await session(cluster, c, `${count}`);
  c.send('a', encodeMessage({ type: 'requests', session: first, floor: 1, items: [item(1, 'late')] }));
  await cluster.clock.until(() => c.heard.length > 0);
  t.deepEqual(said(c), [{ type: 'unknownSession', session: first }]);
  // That of b is not the worse for it.
  await cluster.append('b', add());
  t.is(cluster.landed.length, 1);
  await cluster.stopAll();
});

test('a peer cannot make this node remember, or work on, more than the bound; what is beyond is as if lost', async (t) => {
  const { cluster, c } = await withStranger();
  const own = await session(cluster, c, '1');
  const a = cluster.node('a');
  // One is that of b.
  const most = 16_384 + a.delegation.remembered;
  t.is(most, 16_385);
  const send = (from: number, count: number, change: Partial<AppendItem>): void => {
    const items = Array.from({ length: count }, (_, at) => item(from + at, `e${from + at}`, change));
    c.send('a', encodeMessage({ type: 'requests', session: own, floor: 1, items }));
  };
  // Far beyond the window: these wait.
  for (let part = 0; part < 20; part += 1) send(1 + part * 1_000, 1_000, { from: 1_000_000 });
  await settle();
  t.is(a.delegation.working, 16_384);
  t.is(a.delegation.remembered, most);
  await cluster.clock.pass(10_000);
  t.is(a.delegation.working, 0);
  t.is(a.delegation.remembered, most);
  for (let part = 30; part < 50; part += 1) send(1 + part * 1_000, 1_000, { leadership: 'require', to: 1 });
  await cluster.clock.pass(100);
  t.is(a.delegation.remembered, most);
  // What was forgotten is not taken anew.
  cluster.landed.length = 0;
  send(1, 100, {});
  await cluster.clock.pass(100);
  t.is(cluster.landed.length, 0);
  await cluster.stopAll();
});
