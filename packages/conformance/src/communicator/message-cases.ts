import { bytesOf, expect, pause, until } from '../transport/expect.ts';
import { type CommunicatorBed, senderOf } from './communicator-bed.ts';
import type { CaseTable } from './communicator-cases.ts';
import { channelMessage, messagesOf, proposeMessage, textOf } from './messages.ts';

const mebibyte = 1024 * 1024;

async function everyType(bed: CommunicatorBed): Promise<void> {
  const [a, b, c] = await bed.openAll(['a', 'b', 'c']);
  for (let seed = 1; seed <= 20; seed += 1) await bed.sendUntilHeld(a, [b, c], messagesOf(seed));
}

async function everySize(bed: CommunicatorBed): Promise<void> {
  const [a, b] = await bed.openAll(['a', 'b']);
  const { frameBytesMax } = a.tap;
  const sizes = [0, 1, 100, 900, 1_100, 4_096, 65_536, mebibyte, 4 * mebibyte, 16 * mebibyte];
  for (const near of [frameBytesMax, 2 * frameBytesMax]) {
    if (near <= 4 * mebibyte) for (let less = -40; less <= 240; less += 40) sizes.push(near - less);
  }
  for (const size of sizes) await bed.sendUntilHeld(a, [b], [proposeMessage(`${size}`, bytesOf(size, size))]);
}

async function namesSender(bed: CommunicatorBed): Promise<void> {
  const [a, b, c] = await bed.openAll(['a', 'b', 'c']);
  for (const from of [a, c]) {
    const sent = channelMessage(from.info.id, bytesOf(20, 1));
    const come = () => b.received.find((message) => textOf(message) === textOf(sent));
    await until(
      () => come() !== undefined,
      () => 'a message arrives',
      () => from.communicator.send([b.info], sent),
    );
    const message = come();
    const sender = message && senderOf(message);
    expect(sender?.id === from.info.id && sender.address === from.info.address, 'the sender is named as it opened');
  }
}

async function nobodyElse(bed: CommunicatorBed): Promise<void> {
  const [a, b, c] = await bed.openAll(['a', 'b', 'c']);
  a.communicator.send([], channelMessage('x', bytesOf(20, 1)));
  a.communicator.send([a.info], channelMessage('x', bytesOf(20, 1)));
  await until(
    () => b.received.length > 0,
    () => 'a message arrives',
    () => a.communicator.send([a.info, b.info], channelMessage('x', bytesOf(20, 2))),
  );
  await pause(100);
  expect(a.received.length === 0, 'a message is never sent to its sender, even if named');
  expect(c.received.length === 0, 'a node that is no receiver gets nothing');
}

async function leaveTogether(bed: CommunicatorBed): Promise<void> {
  const [a, b] = await bed.openAll(['a', 'b']);
  await pause(100);
  const before = a.tap.frames;
  for (let turn = 1; turn <= 100; turn += 1) a.communicator.send([b.info], channelMessage('turn', bytesOf(4, turn)));
  await pause(0);
  const frames = a.tap.frames - before;
  expect(frames > 0 && frames <= 20, `100 messages of one turn leave together, not in ${frames} frames`);
}

async function inOrder(bed: CommunicatorBed): Promise<void> {
  const [a, b] = await bed.openAll(['a', 'b']);
  const order: number[] = [];
  b.onMessage = (message) => {
    if (message.type === 'channel')
      order.push(new DataView(message.bytes.buffer, message.bytes.byteOffset).getUint32(0));
    b.received.length = 0;
  };
  for (let number = 1; number <= 1_000; number += 1) {
    a.communicator.send([b.info], channelMessage('x', bytesOf(number % 50 === 0 ? 20_000 : 40, number)));
    if (number % 100 === 0) await pause(0);
  }
  await until(
    () => order.includes(1_001),
    () => 'the last message arrives',
    () => a.communicator.send([b.info], channelMessage('x', bytesOf(40, 1_001))),
  );
  const first = [...new Set(order)];
  expect(first.length >= 900, `of 1,000 messages at least 90 % arrive; ${first.length} did`);
  expect(
    first.every((number, index) => index === 0 || number > (first[index - 1] ?? 0)),
    'messages to the same receivers arrive in the order sent, short and long ones',
  );
}

async function bytesAreTaken(bed: CommunicatorBed): Promise<void> {
  const [a, b] = await bed.openAll(['a', 'b']);
  const bytes = bytesOf(5_000, 3);
  const sent = textOf(channelMessage('x', bytes));
  const receivers = [b.info];
  await until(
    () => b.received.length > 0,
    () => 'a message arrives',
    () => {
      const own = Uint8Array.from(bytes);
      a.communicator.send(receivers, channelMessage('x', own));
      own.fill(0);
    },
  );
  expect(
    b.received.every((message) => textOf(message) === sent),
    'bytes that change after the send change nothing (H62)',
  );
}

/** Messages arrive, as they were sent. */
export const messageCases: CaseTable = [
  ['messages of every type arrive equal', everyType],
  ['entries from 1 byte to 16 MiB arrive unaltered', everySize],
  ['a message names its sender, by id and address', namesSender],
  ['a message arrives at its receivers and at nobody else', nobodyElse],
  ['messages of one turn leave together', leaveTogether],
  ['messages to the same receivers arrive in order', inOrder, ['ordered']],
  ['bytes that change after the send change nothing (H62)', bytesAreTaken],
];
