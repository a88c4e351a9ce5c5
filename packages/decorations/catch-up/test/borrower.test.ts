// Goal: what a borrower makes of a node that changes while a snapshot is on its way. Method: a borrower by itself, whose node and peer
// do as the test says.
import type { DecorationHost, NodeInfo, RoundNum, Snapshot } from '@paxakos/core';
import { SnapshotError } from '@paxakos/core';
import test from 'ava';
import { Acquaintances } from '../src/acquaintances.ts';
import { Borrower } from '../src/borrower.ts';
import { Mailbox } from '../src/mailbox.ts';
import type { Message, SnapshotName } from '../src/message.ts';

const peer: NodeInfo = { id: 'a' };
const name: SnapshotName = { round: 473, length: 3_000, high: 1, low: 2 };

/** A node that lags, and a peer that gives the snapshot `name`; `onWant` is called as chunks are asked for. */
function scene(onWant: (index: number) => void, install: (snapshot: Snapshot) => Promise<void>) {
  const node = { id: 'b', round: 400, status: 'lagging', leader: 'a', cluster: [peer], installSnapshot: install };
  const clock = { now: () => 0, after: () => () => {} };
  const errors: unknown[] = [];
  const { signal } = new AbortController();
  const mailbox = new Mailbox(clock, signal);
  const host = {
    node,
    clock,
    signal,
    random: () => 0.5,
    reportError: (_: string, error: unknown) => errors.push(error),
  };
  const needed: { round: RoundNum | undefined } = { round: 450 };
  const answer = (message: Message): void => mailbox.put({ sender: peer, message });
  const send = (_: readonly NodeInfo[], message: Message): void => {
    if (message.type === 'find') answer({ type: 'have', nonce: message.nonce, round: 473, held: undefined });
    if (message.type === 'open') answer({ type: 'opened', nonce: message.nonce, name, chunkBytes: 1_024 });
    if (message.type !== 'want') return;
    for (const index of message.indexes) {
      onWant(index);
      answer({ type: 'chunk', name, index, bytes: new Uint8Array(Math.min(1_024, 3_000 - index * 1_024)) });
    }
  };
  const borrower = new Borrower({
    host: host as unknown as DecorationHost,
    mailbox,
    acquaintances: new Acquaintances(node as never),
    snapshotBytesMax: 10_000,
    chunksInFlightMax: 2,
    answerMs: () => 100,
    needed: () => needed.round,
    send,
    onProgress: () => {},
  });
  return { borrower, node, needed, errors };
}

test('a snapshot is installed where it is ahead of the node', async (t) => {
  const installed: RoundNum[] = [];
  const { borrower, errors } = scene(
    () => {},
    async ({ round }) => void installed.push(round),
  );
  t.true(await borrower.attempt());
  t.deepEqual([installed, errors], [[473], []]);
});

test('a node that has passed the round of a snapshot, and needs a later one by now, leaves it, and blames nobody', async (t) => {
  const { borrower, node, needed, errors } = scene(
    (index) => {
      if (index < 2) return;
      node.round = 483;
      needed.round = 490;
    },
    async () => t.fail('it is of no use'),
  );
  t.false(await borrower.attempt());
  t.deepEqual(errors, []);
});

test('a node that passes the round of a snapshot while that is taken up blames nobody', async (t) => {
  const { borrower, node, needed, errors } = scene(
    () => {},
    async () => {
      node.round = 483;
      needed.round = 490;
      throw new SnapshotError('the snapshot stands after round 473, and this node is at 483');
    },
  );
  t.false(await borrower.attempt());
  t.deepEqual(errors, []);
});

test('a snapshot that cannot be taken up is reported', async (t) => {
  const { borrower, errors } = scene(
    () => {},
    async () => {
      throw new SnapshotError('it is damaged');
    },
  );
  t.false(await borrower.attempt());
  t.like(errors, [{ code: 'PAXAKOS_SNAPSHOT' }]);
});
