import type { Message } from '@paxakos/core';
import { bytesOf, ends, expect, patience, pause, until } from '../transport/expect.ts';
import type { CommunicatorBed, Member } from './communicator-bed.ts';
import type { CaseTable } from './communicator-cases.ts';
import { channelMessage, messagesOf, proposeMessage, textOf } from './messages.ts';

async function garbage(bed: CommunicatorBed): Promise<void> {
  const [a, b] = await bed.openAll(['a', 'b']);
  const sent = new Set<string>();
  let number = 0;
  a.tap.instead = (frame) => {
    number += 1;
    const flipped = frame.map((byte, at) => (at === (number * 7) % frame.length ? byte ^ (1 << (number % 8)) : byte));
    const cut = frame.subarray(0, (number * 13) % frame.length);
    return [flipped, cut, bytesOf(1 + (number % 200), number), new Uint8Array(0)].filter(({ length }) => length > 0);
  };
  for (let seed = 1; seed <= 20; seed += 1) {
    for (const message of messagesOf(seed)) {
      sent.add(textOf(message));
      a.communicator.send([b.info], message);
      await pause(0);
    }
  }
  a.tap.instead = undefined;
  await bed.reach(a, b);
  await pause(100);
  expect(b.received.length === 0, 'a frame that is not as it was sent is refused');
  const isTold = () => b.troubles.some(({ type }) => type === 'refused');
  await until(isTold, () => 'a frame that is refused is reported');
}

async function throwing(bed: CommunicatorBed): Promise<void> {
  const [a, b] = await bed.openAll(['a', 'b']);
  let calls = 0;
  b.onMessage = () => {
    calls += 1;
    if (calls % 2 === 1) throw new Error('from deliver');
  };
  b.communicator.onTrouble(() => {
    throw new Error('from the listener of trouble');
  });
  const message = channelMessage('x', bytesOf(10, 1));
  await until(
    () => b.received.length >= 3,
    () => 'messages arrive after one whose delivery threw',
    () => a.communicator.send([b.info], message),
  );
  await bed.meet(a, b);
}

async function absentPeer(bed: CommunicatorBed): Promise<void> {
  const [a, b] = await bed.openAll(['a', 'b']);
  const absent = await bed.make('x');
  const start = Date.now();
  for (let times = 0; times < 5_000; times += 1)
    a.communicator.send([absent.info], channelMessage('x', bytesOf(1_000, times)));
  const tookMs = Date.now() - start;
  expect(tookMs < patience.ms, `5,000 messages to a peer that is not there do not wait; they took ${tookMs} ms`);
  await bed.sendUntilHeld(a, [b], messagesOf(1));
}

async function twoClusters(bed: CommunicatorBed): Promise<void> {
  const [a1, b1] = await Promise.all([bed.open('a', { cluster: 'one' }), bed.open('b', { cluster: 'one' })]);
  const [a2, b2] = await Promise.all([bed.open('a', { cluster: 'two' }), bed.open('b', { cluster: 'two' })]);
  const all = [a1, b1, a2, b2];
  const [one, two] = [proposeMessage('one', bytesOf(5_000, 1)), proposeMessage('two', bytesOf(5_000, 2))];
  const holds = (member: Member, message: Message) => member.received.some((each) => textOf(each) === textOf(message));
  await until(
    () => holds(b1, one) && holds(b2, two),
    () => 'messages arrive in both clusters',
    () => {
      a1.communicator.send([b1.info], one);
      a2.communicator.send([b2.info], two);
    },
  );
  await pause(100);
  expect(!holds(b1, two) && !holds(b2, one), 'a message stays in its cluster');
  expect(!all.some(({ troubles }) => troubles.some(({ type }) => type === 'refused')), 'no frame comes from elsewhere');
}

async function restarts(bed: CommunicatorBed): Promise<void> {
  const [a, b, c] = await bed.openAll(['a', 'b', 'c']);
  let former = b;
  for (let life = 1; life <= 3; life += 1) {
    await former.communicator.close();
    const held = former.received.length;
    former = await bed.open('b');
    await bed.meet(a, former, c);
    await bed.sendUntilHeld(a, [former, c], messagesOf(life));
    await bed.sendUntilHeld(former, [a], messagesOf(life));
    expect(b.received.length === held || life > 1, 'a former life gets nothing more');
  }
}

async function close(bed: CommunicatorBed): Promise<void> {
  const [a, b] = await bed.openAll(['a', 'b']);
  const unopened = await bed.make('c');
  unopened.communicator.send([b.info], channelMessage('x', bytesOf(10, 1)));
  await ends('close without open', unopened.communicator.close());
  for (let times = 0; times < 2_000; times += 1) a.communicator.send([b.info], channelMessage('x', bytesOf(100, 2)));
  await until(
    () => b.received.length > 0,
    () => 'a message arrives',
    () => a.communicator.send([b.info], channelMessage('x', bytesOf(100, 2))),
  );
  const closing = [b.communicator.close(), b.communicator.close()];
  await ends('close, twice at once', Promise.all(closing));
  const held = b.received.length;
  a.communicator.send([b.info], channelMessage('x', bytesOf(10, 3)));
  await ends('close, once more', a.communicator.close());
  const before = a.tap.frames;
  a.communicator.send([b.info], channelMessage('x', bytesOf(10, 4)));
  await pause(200);
  expect(b.received.length === held, 'nothing is delivered after close');
  expect(a.tap.frames === before, 'nothing is sent after close');
}

async function openAgain(bed: CommunicatorBed): Promise<void> {
  const [a, b] = await bed.openAll(['a', 'b']);
  const isRefused = await a.communicator
    .open(a.info, () => {})
    .then(
      () => false,
      () => true,
    );
  expect(isRefused, 'open rejects when called again');
  await bed.meet(a, b);
}

/** Peers that send nonsense, go, come, or are not there. */
export const resilienceCases: CaseTable = [
  ['a frame that is altered, cut or made up is refused, and what follows arrives', garbage],
  ['a receiver or a listener that throws harms nobody', throwing],
  ['a peer that is not there makes nobody wait', absentPeer],
  ['two clusters on one bus never mix', twoClusters, ['multiCluster']],
  ['messages flow again after a node restarts under its id', restarts],
  ['nothing is sent or delivered after close, which may be called twice, and without open', close],
  ['open rejects where it was called before', openAgain],
];
