import type { Message } from '@paxakos/core';
import { bytesOf, expect, pause } from '../transport/expect.ts';
import { memoryInUse } from '../transport/send-much.ts';
import type { CommunicatorBed, Member } from './communicator-bed.ts';
import type { CaseTable } from './communicator-cases.ts';
import { proposeMessage, textOf } from './messages.ts';

const mebibyte = 1024 * 1024;
/** Long messages go in chunks of this, whatever the bus takes. */
const small = { frameBytesMax: 2_048 };

/** A message of some ten chunks. */
const long = (seed: number): Message => proposeMessage(`${seed}`, bytesOf(20_000, seed));
const isLong = (frame: Uint8Array) => frame.byteLength > 1_000;

async function lostChunk(bed: CommunicatorBed): Promise<void> {
  const [a, b] = await bed.openAll(['a', 'b'], small);
  for (const lost of [1, 5, 9]) {
    let chunks = 0;
    a.tap.instead = (frame) => {
      chunks += isLong(frame) ? 1 : 0;
      return isLong(frame) && chunks === lost ? [] : [frame];
    };
    a.communicator.send([b.info], long(lost));
    await pause(0);
    a.tap.instead = undefined;
    expect(chunks >= 9, 'a long message goes in chunks');
    await bed.sendUntilHeld(a, [b], [long(100 + lost), proposeMessage('short', bytesOf(10, lost))]);
  }
}

async function onlyWhole(bed: CommunicatorBed): Promise<void> {
  const [a, b] = await bed.openAll(['a', 'b'], small);
  const sent = new Set<string>();
  let frames = 0;
  a.tap.instead = (frame) => {
    frames += 1;
    return frames % 7 === 0 ? [] : [frame];
  };
  for (let seed = 1; seed <= 40; seed += 1) {
    const message = proposeMessage('lossy', bytesOf(seed * 400, seed));
    sent.add(textOf(message));
    a.communicator.send([b.info], message);
    await pause(1);
  }
  a.tap.instead = undefined;
  await bed.reach(a, b);
  await pause(100);
  expect(b.received.length < 40, 'what lost a chunk does not arrive');
  expect(
    b.received.every((message) => sent.has(textOf(message))),
    'what arrives is whole',
  );
}

async function twiceAndAnyhow(bed: CommunicatorBed): Promise<void> {
  const [a, b] = await bed.openAll(['a', 'b'], small);
  let seed = 0;
  const come = () => b.received.length;
  const send = async () => {
    seed += 1;
    const held: Uint8Array[] = [];
    a.tap.instead = (frame) => {
      held.push(frame, frame);
      return [];
    };
    a.communicator.send([b.info], long(seed));
    await pause(0);
    held.sort((x, y) => (x.at(-1) ?? 0) - (y.at(-1) ?? 0)); // by a byte of the checksum: any order
    a.tap.instead = (frame) => [...held.splice(0), frame];
    await bed.reach(a, b);
    a.tap.instead = undefined;
    await pause(50);
  };
  for (let times = 0; times < 20 && come() < 5; times += 1) await send();
  expect(come() >= 5, 'chunks in any order make the message');
  const texts = b.received.map(textOf);
  expect(new Set(texts).size === texts.length, 'a message whose chunks come twice arrives once');
  for (const text of texts) {
    const isSent = Array.from({ length: seed }, (_, index) => textOf(long(index + 1))).includes(text);
    expect(isSent, 'a message whose chunks come in any order is whole');
  }
}

async function restarted(bed: CommunicatorBed): Promise<void> {
  const [first, b] = await bed.openAll(['a', 'b'], small);
  let a: Member = first;
  for (let life = 1; life <= 3; life += 1) {
    let chunks = 0;
    a.tap.instead = (frame) => {
      chunks += isLong(frame) ? 1 : 0;
      return chunks === 3 ? [] : [frame];
    };
    a.communicator.send([b.info], long(life));
    await pause(20);
    await a.communicator.close();
    a = await bed.open('a', small);
    await bed.meet(a, b);
    await bed.sendUntilHeld(a, [b], [long(10 + life)]);
  }
}

async function incomplete(bed: CommunicatorBed): Promise<void> {
  const sizes = { messageBytesMax: 4 * mebibyte, frameBytesMax: mebibyte };
  const [a, b] = await bed.openAll(['a', 'b'], sizes);
  const wholeBytes = 3.5 * mebibyte;
  let seed = 0;
  const usedAfter = async (times: number): Promise<number> => {
    for (const end = seed + times; seed < end; seed += 1) {
      let messageBytes = 0;
      a.tap.instead = (frame) => {
        messageBytes += frame.byteLength;
        return messageBytes > wholeBytes ? [] : [frame];
      };
      a.communicator.send([b.info], proposeMessage('never whole', new Uint8Array(wholeBytes).fill(seed)));
      await pause(2);
      a.tap.instead = undefined;
      await bed.reach(a, b); // or what still waits to be sent would count
    }
    return memoryInUse(bed.fixture);
  };
  // An allocator does not give back what it once had: the first messages fill what may be kept.
  const before = await usedAfter(8);
  const grown = (await usedAfter(24)) - before;
  expect(!b.received.some(({ type }) => type === 'propose'), 'what lost a chunk does not arrive');
  expect(
    grown < 56 * mebibyte,
    `84 MiB of incomplete messages are not kept; ${Math.round(grown / mebibyte)} MiB more are in use`,
  );
}

/** Messages that are longer than a frame. */
export const chunkCases: CaseTable = [
  ['a message that loses a chunk is lost alone', lostChunk],
  ['what arrives of messages that lose chunks is whole', onlyWhole],
  ['chunks may come twice and in any order', twiceAndAnyhow],
  ['a message that a former life began does no harm', restarted],
  ['incomplete messages take bounded memory', incomplete, ['memory']],
];
