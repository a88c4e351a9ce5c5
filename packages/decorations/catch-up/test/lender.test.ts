// Goal: whoever waits in vain keeps nobody else from a snapshot. Method: the part that lends, alone, with peers that open and go.
import type { DecorationHost } from '@paxakos/core';
import test from 'ava';
import { Lender } from '../src/lender.ts';
import type { Message } from '../src/message.ts';
import { settle, TestClock } from './test-clock.ts';

test('peers that wait, and are gone, do not keep a snapshot from being made for others', async (t) => {
  const clock = new TestClock();
  let taken = 0;
  const takeSnapshot = async (): Promise<unknown> => {
    taken += 1;
    return { round: 5, bytes: new Uint8Array(10) };
  };
  const node = { status: 'following', round: 5, cluster: [], takeSnapshot };
  const host = { clock: clock.view(), node, signal: new AbortController().signal, reportError: t.fail };
  const sent: Message['type'][] = [];
  const lender = new Lender({
    host: host as unknown as DecorationHost,
    chunkBytes: 1_024,
    snapshotBytesMax: 1_024,
    snapshotEveryMs: () => 5_000,
    holdMs: () => 60_000,
    send: (_, { type }) => sent.push(type),
  });
  const open = async (id: string): Promise<void> => {
    lender.open({ id }, { type: 'open', nonce: 1, atLeast: 5, resume: undefined });
    await settle();
  };
  // The first one is not given away, and another one is not due yet.
  let verdict = false;
  lender.vets.push(() => verdict);
  await open('first');
  t.deepEqual(sent.splice(0), ['pending', 'none']);
  for (let peer = 0; peer < 32; peer += 1) await open(`gone ${peer}`);
  t.is(taken, 1);
  verdict = true;
  await clock.pass(6_000);
  sent.length = 0;
  await open('late');
  t.is(sent[0], 'none');
  await open('late');
  t.is(sent.at(-1), 'opened');
  t.is(taken, 2);
  lender.dropAll();
});
