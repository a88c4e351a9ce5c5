// The default codec gives back what it was given, or says where it cannot.
import test from 'ava';
import fc from 'fast-check';
import { decodeUtf8, encodeUtf8 } from '../../src/communicator/index.ts';
import { jsonCodec } from '../../src/node/json-codec.ts';

const again = (value: unknown): unknown => jsonCodec.decode(jsonCodec.encode(value));
const textOf = (value: unknown): string => decodeUtf8(jsonCodec.encode(value));

const key = fc.oneof(
  fc.string().filter((text) => text !== '__proto__'),
  fc.constantFrom('$bytes', '$$bytes', '$$$bytes', '$', 'constructor', 'toString', 'toJSON', '0'),
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.boolean(), fc.constant(null), fc.maxSafeInteger()),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
    fc.uint8Array().map((array) => new Uint8Array(array)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

test('any data comes back as it was', (t) => {
  fc.assert(
    fc.property(value, (value) => t.deepEqual(again(value), value)),
    { numRuns: 1_000 },
  );
});

test('bytes are base64 under a key of their own, and a key of the user that looks like it is not mistaken for it', (t) => {
  t.is(textOf({ a: Uint8Array.of(1, 2, 255) }), '{"a":{"$bytes":"AQL/"}}');
  t.is(textOf({ $bytes: 'AQL/' }), '{"$$bytes":"AQL/"}');
  for (const value of [
    { $bytes: 'AQL/' },
    { $$bytes: 'AQL/' },
    { $bytes: Uint8Array.of(1) },
    [{ $bytes: 1, x: 2 }],
    '{"$bytes":"AQ=="}',
  ]) {
    t.deepEqual(again(value), value);
  }
});

test('bytes of every length come back, also from a Buffer, as a plain Uint8Array', (t) => {
  for (let length = 0; length < 70; length++) {
    const bytes = Uint8Array.from({ length }, (_, index) => (index * 37) & 255);
    t.is(textOf(bytes), `{"$bytes":"${Buffer.from(bytes).toString('base64')}"}`);
    t.deepEqual(again(Buffer.from(bytes)), bytes);
  }
});

test('properties are written in the order that the object has, as JSON.stringify does', (t) => {
  const value = { b: 1, a: [true, null, 'x'], 2: { c: 0.5 } };
  t.is(textOf(value), JSON.stringify(value));
  t.is(textOf({ b: 1, a: Uint8Array.of(0), c: 2 }), '{"b":1,"a":{"$bytes":"AA=="},"c":2}');
});

test('H63: what would not come back as it was is refused, by its place', (t) => {
  const cases: readonly (readonly [unknown, RegExp])[] = [
    [undefined, /^value is undefined/],
    [{ a: { b: [1, undefined] } }, /^value\.a\.b\[1\] is undefined: leave the property out/],
    [{ a: 1n }, /^value\.a is 1n: JSON has no such number; use a string/],
    [[Number.NaN], /^value\[0\] is NaN/],
    [{ x: Number.POSITIVE_INFINITY }, /^value\.x is Infinity/],
    [{ f: () => {} }, /^value\.f is .*only data/],
    [{ s: Symbol('s') }, /^value\.s is Symbol/],
    [{ d: new Date(0) }, /^value\.d is an object: only plain objects/],
    [{ m: new Map() }, /^value\.m is an object/],
    [{ w: new Uint16Array(1) }, /^value\.w is an object/],
    [Array.from({ length: 2 }), /^value\[0\] is undefined/],
    [JSON.parse('{"a":{"__proto__":1}}'), /^value\.a\.__proto__ is 1: this key is not safe/],
  ];
  for (const [value, message] of cases) t.throws(() => jsonCodec.encode(value), { code: 'PAXAKOS_INVALID', message });
});

test('a cycle, and nesting that would end the stack, are refused', (t) => {
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  t.throws(() => jsonCodec.encode(cycle), { code: 'PAXAKOS_INVALID' });
  const deep = `${'['.repeat(5_000)}"$bytes"${']'.repeat(5_000)}`;
  t.throws(() => jsonCodec.decode(encodeUtf8(deep)), { code: 'PAXAKOS_INVALID' });
});

test('H67: a prototype in foreign JSON poisons nothing, however the key is spelt', (t) => {
  for (const text of [
    '{"a":{"__proto__":{"x":1},"b":2}}',
    '{"a":{"\\u005f_proto__":{"x":1},"b":2}}',
    '{"a":{"__pr\\u006fto__":{"x":1},"b":2}}',
  ]) {
    const decoded = jsonCodec.decode(encodeUtf8(text)) as { a: object };
    t.deepEqual(decoded, { a: { b: 2 } });
    t.is(Object.getPrototypeOf(decoded.a), Object.prototype);
    t.is((Object.assign({}, decoded.a) as { x?: unknown }).x, undefined);
  }
});

test('H67: bytes that are no JSON, or no UTF-8, or hold malformed base64, throw', (t) => {
  for (const text of [
    '',
    '{',
    '{"$bytes":1}',
    '{"$bytes":"A"}',
    '{"$bytes":"AB=="}',
    '{"$bytes":"A==="}',
    '{"$bytes":"=AAA"}',
    '{"$bytes":"A=AA"}',
    '{"$bytes":"AA\\n="}',
    '{"$bytes":"ŁAAA"}',
    '{"$bytes":"AA==","x":1}',
  ]) {
    t.throws(() => jsonCodec.decode(encodeUtf8(text)), undefined, text);
  }
  t.throws(() => jsonCodec.decode(Uint8Array.of(0x22, 0xff, 0x22)));
});

test('encoding leaves the value as it was', (t) => {
  const value = { list: [Uint8Array.of(1), { $bytes: 'x' }] };
  const before = structuredClone(value);
  jsonCodec.encode(value);
  t.deepEqual(value, before);
});
