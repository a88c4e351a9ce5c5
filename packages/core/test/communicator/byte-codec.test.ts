// The values that frames, records and snapshots are made of.
import { crc32 as zlibCrc32 } from 'node:zlib';
import test from 'ava';
import fc from 'fast-check';
import {
  ByteReader,
  ByteWriter,
  crc32,
  decodeUtf8,
  encodeUtf8,
  isWellFormed,
  itemsMax,
  MalformedError,
} from '../../src/communicator/index.ts';
import { node, number } from './arbitraries.ts';

function written(write: (writer: ByteWriter) => void): ByteReader {
  const writer = new ByteWriter(1);
  write(writer);
  return new ByteReader(writer.copy());
}

test('H63: integers up to 2^53 - 1 are exact, each in one encoding', (t) => {
  const powers = Array.from({ length: 54 }, (_, exponent) => 2 ** exponent);
  const edges = powers
    .flatMap((power) => [power - 1, power, power + 1])
    .filter((value) => value <= Number.MAX_SAFE_INTEGER);
  for (const value of [0, ...edges, 2 ** 53 - 2]) {
    const reader = written((writer) => writer.varint(value));
    t.is(reader.remaining, Math.max(1, Math.ceil(value.toString(2).length / 7)));
    t.is(reader.varint(), value);
    t.is(reader.remaining, 0);
  }
  for (const bytes of [
    [0x80, 0],
    [0x80, 0x80, 0],
    [255, 255, 255, 255, 255, 255, 255, 0x10],
    [255, 255, 255, 255, 255, 255, 255, 255, 1],
    [0x80],
  ]) {
    t.throws(() => new ByteReader(Uint8Array.from(bytes)).varint(), { instanceOf: MalformedError });
  }
  for (const value of [-1, 0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY]) {
    t.throws(() => new ByteWriter().varint(value), { instanceOf: RangeError });
  }
});

test('texts come back as they were, in whatever script', (t) => {
  const unit = fc.constantFrom('binary' as const, 'grapheme' as const);
  fc.assert(
    fc.property(
      unit.chain((unit) => fc.string({ unit, maxLength: 200 })),
      (text) =>
        decodeUtf8(encodeUtf8(text)) === text && written((writer) => writer.text(text, 1_000)).text(1_000) === text,
    ),
  );
  t.is(decodeUtf8(encodeUtf8('\ufeffbom')), '\ufeffbom');
});

test('H67: a text that is too long, cut short or not UTF-8 is refused', (t) => {
  for (const bytes of [
    [3, 97, 97, 97],
    [2, 97],
    [1, 0xff],
    [2, 0xc3, 0x28],
  ]) {
    t.throws(() => new ByteReader(Uint8Array.from(bytes)).text(2), { instanceOf: MalformedError });
  }
  t.throws(() => new ByteWriter().text('abc', 2), { instanceOf: RangeError });
  t.throws(() => new ByteWriter().text('éé', 3), { instanceOf: RangeError });
});

test('a lone surrogate does not survive UTF-8, and is known by that', (t) => {
  t.true(isWellFormed('a😀é'));
  t.false(isWellFormed('a\ud83d'));
});

test('nodes and numbers come back as they were', (t) => {
  fc.assert(
    fc.property(node, (node) => t.deepEqual(written((writer) => writer.nodeInfo(node)).nodeInfo(), { ...node })),
  );
  fc.assert(
    fc.property(number, (number) => t.deepEqual(written((writer) => writer.number(number)).number(), { ...number })),
  );
});

test('H67: lists are bounded by the bytes that are there, and in number', (t) => {
  t.throws(() => written((writer) => writer.varint(10)).count(1), { instanceOf: MalformedError });
  const reader = written((writer) => {
    writer.varint(itemsMax + 1);
    writer.raw(new Uint8Array(itemsMax + 1));
  });
  t.throws(() => reader.count(1), { instanceOf: MalformedError });
  t.throws(() => new ByteWriter().count(itemsMax + 1), { instanceOf: RangeError });
});

test('a writer can be used again, and cut back', (t) => {
  const writer = new ByteWriter(4);
  writer.raw(Uint8Array.of(1, 2, 3, 4, 5, 6));
  const first = writer.copy();
  writer.remove(1, 3);
  t.deepEqual(writer.copy(), Uint8Array.of(1, 4, 5, 6));
  writer.truncate(2);
  t.deepEqual(writer.copy(), Uint8Array.of(1, 4));
  writer.reset();
  writer.u32(0xfedcba98);
  t.is(new ByteReader(writer.copy()).u32(), 0xfedcba98);
  t.deepEqual(first, Uint8Array.of(1, 2, 3, 4, 5, 6));
});

test('the checksum is the CRC-32 that everyone else computes', (t) => {
  t.is(crc32(encodeUtf8('123456789')), 0xcbf43926);
  t.is(crc32(new Uint8Array(0)), 0);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat({ max: 20 }), (bytes, from) => {
      return crc32(bytes, Math.min(from, bytes.length)) === zlibCrc32(bytes.subarray(from));
    }),
  );
});
