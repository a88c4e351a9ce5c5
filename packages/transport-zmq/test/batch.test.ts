import test from 'ava';
import fc from 'fast-check';
import { batchBytesMax, batchFramesMax, pack, unpack } from '../src/batch.ts';
import { Outbox } from '../src/outbox.ts';

const frame = (length: number, fill = 0) => new Uint8Array(length).fill(fill);

/** What a receiver gets of a message. */
function received(parts: readonly Uint8Array[]): { count: number; frames: Uint8Array[] } {
  const frames: Uint8Array[] = [];
  const count = unpack(
    parts.map((part) => Buffer.from(part)),
    (each) => frames.push(Uint8Array.from(each)),
  );
  return { count, frames };
}

test('frames that are packed together come out as they went in', (t) => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 40 }), (frames) => {
      const { count, frames: out } = received(pack([...frames]));
      t.is(count, frames.length);
      t.deepEqual(out, frames);
    }),
  );
});

test('a message that no peer packs delivers nothing and throws nothing (H67)', (t) => {
  const lengths = (...values: number[]) => {
    const bytes = Buffer.alloc(4 * values.length);
    for (const [index, value] of values.entries()) bytes.writeUInt32LE(value, 4 * index);
    return bytes;
  };
  const foreign = [
    [],
    [frame(1), frame(1), frame(1)],
    [frame(3), frame(3)],
    [lengths(5), frame(4)],
    [lengths(4), frame(5)],
    [lengths(0xffffffff, 0xffffffff), frame(8)],
    [lengths(2, 0xffffffff), frame(1)],
  ];
  for (const parts of foreign) t.deepEqual(received(parts), { count: -1, frames: [] });
});

test('any two parts deliver nothing, or frames that make up the second', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 24 }), fc.uint8Array({ maxLength: 64 }), (first, second) => {
      const { count, frames } = received([first, second]);
      if (count >= 0) t.deepEqual(Buffer.concat(frames), Buffer.from(second));
      else t.is(frames.length, 0);
    }),
  );
});

test('the oldest frames go when more wait than may', (t) => {
  const outbox = new Outbox(10, 4);
  for (let value = 1; value <= 4; value += 1) t.is(outbox.push(frame(2, value)), 0);
  t.is(outbox.push(frame(2, 5)), 1);
  t.is(outbox.push(frame(7, 6)), 3);
  t.deepEqual(outbox.take(), [frame(2, 5), frame(7, 6)]);
  t.is(outbox.length, 0);
  t.deepEqual(outbox.take(), []);
});

test('an outbox keeps to its bounds, keeps the order, and counts what it drops', (t) => {
  const step = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.constant('take' as const));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const outbox = new Outbox(100, 8);
      const model: Uint8Array[] = [];
      for (const [index, size] of steps.entries()) {
        if (size === 'take') {
          t.deepEqual(outbox.take(), model.splice(0));
          continue;
        }
        model.push(frame(size, index));
        const dropped = outbox.push(frame(size, index));
        model.splice(0, dropped);
        t.true(model.length <= 8 && model.reduce((sum, { length }) => sum + length, 0) <= 100);
        t.is(outbox.length, model.length);
      }
    }),
  );
});

test('a message holds a bounded number of bytes and frames', (t) => {
  const outbox = new Outbox(2 ** 30, 2 ** 20);
  for (let index = 0; index < batchFramesMax + 1; index += 1) outbox.push(frame(1));
  t.is(outbox.take().length, batchFramesMax);
  outbox.take();
  outbox.push(frame(batchBytesMax * 2));
  outbox.push(frame(batchBytesMax));
  outbox.push(frame(1));
  t.deepEqual([outbox.take().length, outbox.take().length, outbox.take().length], [1, 1, 1]);
});
