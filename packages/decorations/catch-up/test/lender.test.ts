// Goal: what others have begun keeps nobody from a snapshot. Method: the part that lends, alone, with peers that open and go.
import type { DecorationHost } from '@paxakos/core';
import { settle, TestClock } from '@paxakos/testing';
import test, { type ExecutionContext } from 'ava';
import { Lender } from '../src/lender.ts';
import type { Message, SnapshotName } from '../src/message.ts';

interface Lending {
  readonly lender: Lender;
  readonly clock: TestClock;
  readonly node: { round: number; taken: number };
  /** What was said since it was last asked for. */
  readonly said: () => readonly Message[];
  readonly open: (id: string, atLeast: number, resume?: SnapshotName) => Promise<void>;
}

function lending(t: ExecutionContext): Lending {
  const clock = new TestClock();
  const node = {
    status: 'following',
    round: 5,
    cluster: [],
    taken: 0,
    takeSnapshot: async (): Promise<unknown> => {
      node.taken += 1;
      return { round: node.round, bytes: new Uint8Array(10) };
    },
  };
  const host = { clock: clock.view(), node, signal: new AbortController().signal, reportError: t.fail };
  const sent: Message[] = [];
  const lender = new Lender({
    host: host as unknown as DecorationHost,
    chunkBytes: 1_024,
    snapshotBytesMax: 1_024,
    snapshotEveryMs: () => 5_000,
    holdMs: () => 60_000,
    send: (_, message) => sent.push(message),
  });
  const open = async (id: string, atLeast: number, resume?: SnapshotName): Promise<void> => {
    lender.open({ id }, { type: 'open', nonce: 1, atLeast, resume });
    await settle();
  };
  return { lender, clock, node, said: () => sent.splice(0), open };
}

test('peers that wait, and are gone, do not keep a snapshot from being made for others', async (t) => {
  const { lender, clock, node, said, open } = lending(t);
  // The first one is not given away, and another one is not due yet.
  let verdict = false;
  lender.vets.push(() => verdict);
  await open('first', 5);
  t.deepEqual(
    said().map(({ type }) => type),
    ['pending', 'none'],
  );
  for (let peer = 0; peer < 32; peer += 1) await open(`gone ${peer}`, 5);
  t.is(node.taken, 1);
  verdict = true;
  await clock.pass(6_000);
  said();
  await open('late', 5);
  t.is(said()[0]?.type, 'none');
  await open('late', 5);
  t.is(said()[0]?.type, 'opened');
  t.is(node.taken, 2);
  lender.dropAll();
});

test('a snapshot that has become too old for whoever has a part of it is not given on: a new one is', async (t) => {
  const { lender, clock, node, said, open } = lending(t);
  await open('b', 5);
  const [, first] = said();
  if (first?.type !== 'opened') return t.fail();
  await clock.pass(10_000);
  await open('b', 5, first.name);
  t.deepEqual(said(), [first], 'it goes on where it was');
  node.round = 9;
  await clock.pass(10_000);
  await open('b', 9, first.name);
  t.deepEqual(
    said().map((message) => (message.type === 'opened' ? message.name.round : message.type)),
    ['pending', 9],
  );
  lender.dropAll();
});
