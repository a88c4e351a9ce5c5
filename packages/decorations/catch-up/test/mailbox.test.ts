// What a mailbox holds for one who does not read it.
import { TestClock } from '@paxakos/testing';
import test from 'ava';
import { Mailbox } from '../src/mailbox.ts';

const name = { round: 1, length: 1, hash: 'x' } as never;

test('H67 a mailbox holds no more than so many bytes, and takes more once it is read', async (t) => {
  const mailbox = new Mailbox(new TestClock().view(), new AbortController().signal);
  const bytes = new Uint8Array(1_024 ** 2);
  const put = (index: number): void =>
    mailbox.put({ sender: { id: 'b' }, message: { type: 'chunk', name, index, bytes } });
  for (let index = 0; index < 100; index += 1) put(index);
  const read: number[] = [];
  const readAll = async (): Promise<void> => {
    for (let count = 0; count < 32; count += 1) {
      const mail = await mailbox.next(1);
      if (mail?.message.type === 'chunk') read.push(mail.message.index);
    }
  };
  await readAll();
  t.deepEqual(
    read,
    Array.from({ length: 32 }, (_, index) => index),
  );
  put(200);
  t.like((await mailbox.next(1))?.message, { index: 200 });
});

test('a chunk that is larger than all that may wait is taken where nothing waits', async (t) => {
  const mailbox = new Mailbox(new TestClock().view(), new AbortController().signal);
  const bytes = new Uint8Array(40 * 1_024 ** 2);
  mailbox.put({ sender: { id: 'b' }, message: { type: 'chunk', name, index: 7, bytes } });
  mailbox.put({ sender: { id: 'b' }, message: { type: 'chunk', name, index: 8, bytes } });
  t.like((await mailbox.next(1))?.message, { index: 7 });
});
