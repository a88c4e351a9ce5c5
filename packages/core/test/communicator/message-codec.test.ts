// Every message comes back as it was, and nothing else than a whole, valid message comes out of the decoder.
import test from 'ava';
import fc from 'fast-check';
import { ByteReader, ByteWriter, decodeMessage, encodeMessage, MalformedError } from '../../src/communicator/index.ts';
import type { Message } from '../../src/contracts/index.ts';
import { message, messages } from './arbitraries.ts';
import { hello, incarnation, number, samples } from './samples.ts';

const reader = new ByteReader();

function encode(message: Message): Uint8Array {
  const writer = new ByteWriter();
  encodeMessage(writer, message);
  return writer.copy();
}

function decode(bytes: Uint8Array): Message | 'refused' {
  reader.open(bytes);
  try {
    return decodeMessage(reader);
  } catch (error) {
    if (error instanceof MalformedError) return 'refused';
    throw error;
  }
}

/** Any bytes give a message that can be encoded again, or are refused. */
function isSound(bytes: Uint8Array): boolean {
  const decoded = decode(bytes);
  if (decoded !== 'refused') encode(decoded);
  return true;
}

const types = Object.keys(messages) as Message['type'][];

for (const type of types) {
  test(`a message comes back as it was: ${type}`, (t) => {
    fc.assert(
      fc.property(
        messages[type] as fc.Arbitrary<Message>,
        (message) => t.deepEqual(decode(encode(message)), message) !== false,
      ),
    );
  });

  test(`H67: a message that is cut short, or too long, is refused: ${type}`, (t) => {
    const bytes = encode(samples[type]);
    for (let length = 0; length < bytes.length; length++) t.is(decode(bytes.slice(0, length)), 'refused');
    t.is(decode(Uint8Array.of(...bytes, 0)), 'refused');
  });
}

test('H67: whatever bits are flipped, a message is sound or refused', (t) => {
  const flips = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(message, flips, (message, flips) => {
      const bytes = encode(message);
      for (const [at, bits] of flips) bytes[at % bytes.length] = (bytes[at % bytes.length] as number) ^ bits;
      return isSound(bytes);
    }),
    { numRuns: 2_000 },
  );
  t.pass();
});

test('H67: random bytes are sound or refused', (t) => {
  const garbage = fc.tuple(fc.integer({ min: 0, max: 20 }), fc.uint8Array({ maxLength: 200 }));
  fc.assert(
    fc.property(garbage, ([type, bytes]) => isSound(Uint8Array.of(type, ...bytes))),
    { numRuns: 5_000 },
  );
  t.pass();
});

test('H67: a count or a length beyond the bytes that are there is refused before anything is allocated for it', (t) => {
  const huge = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f];
  const head = encode({ type: 'commit', number, from: 1, ids: [hello.id] }).slice(0, -6);
  const before = process.memoryUsage();
  t.is(decode(Uint8Array.of(...head, ...huge)), 'refused');
  t.is(decode(Uint8Array.of(...head, 1, ...huge)), 'refused');
  t.is(decode(Uint8Array.of(15, ...huge)), 'refused');
  t.is(decode(Uint8Array.of(14, ...new Uint8Array(16), ...huge)), 'refused');
  t.is(decode(Uint8Array.of(10, ...huge)), 'refused');
  t.is(decode(Uint8Array.of(17, ...huge)), 'refused');
  const after = process.memoryUsage();
  t.true(after.rss + after.arrayBuffers - before.rss - before.arrayBuffers < 64 * 1_024 * 1_024);
});

test('H63: a run that passes the last round is refused, on both sides', (t) => {
  const last = Number.MAX_SAFE_INTEGER;
  const fits: Message = { type: 'propose', number, from: last - 1, entries: [hello, hello] };
  t.deepEqual(decode(encode(fits)), fits);
  t.throws(() => encode({ ...fits, from: last }), { instanceOf: MalformedError });
  const bytes = encode(fits);
  const shifted = encode({ ...fits, from: last, entries: [hello] });
  // The first round is the same number of bytes in both, so its bytes can be exchanged.
  const from = shifted.slice(0, 1 + 2 + 2 + 16 + 8);
  t.is(decode(Uint8Array.of(...from, ...bytes.slice(from.length))), 'refused');
});

test('a message that its type forbids is refused on the way out, not sent', (t) => {
  const bad: Message[] = [
    { type: 'prepare', number, from: 0 },
    { type: 'prepare', number, from: 1.5 },
    { type: 'prepare', number, from: 2 ** 53 },
    { type: 'prepare', number: { ...number, counter: -1 }, from: 1 },
    { type: 'prepare', number: { ...number, node: '' }, from: 1 },
    { type: 'prepare', number: { ...number, node: 'é'.repeat(128) }, from: 1 },
    { type: 'prepare', number: { ...number, incarnation: incarnation.toUpperCase() }, from: 1 },
    { type: 'prepare', number: { ...number, incarnation: incarnation.slice(1) }, from: 1 },
    { type: 'propose', number, from: 1, entries: [] },
    { type: 'commit', number, from: 1, ids: [] },
    { type: 'fetch', from: 2, to: 1 },
    { type: 'acceptance', number, incarnation, from: 2, to: 1, committed: 0, data: [] },
  ];
  for (const message of bad) t.throws(() => encode(message), undefined, JSON.stringify(message));
});

test('a promise with a proposal outside of its rounds, and an acceptance with more data than rounds, are refused', (t) => {
  const { promise, acceptance } = samples;
  t.is(decode(encode({ ...promise, from: 6 })), 'refused');
  t.is(decode(encode({ ...promise, through: 9 })), 'refused');
  t.is(decode(encode({ ...acceptance, to: 10 })), 'refused');
});

test('an entry of an unknown version or kind is refused with its message', (t) => {
  const at = encode(samples.propose).indexOf(hello.bytes.length, 20) + 1;
  for (const [offset, value] of [
    [0, 2],
    [1, 3],
    [2, 200],
  ] as const) {
    const bytes = encode(samples.propose);
    bytes[at + offset] = value;
    t.is(decode(bytes), 'refused');
  }
});

test('H62: decoded entries are parts of the bytes they were read from, not copies', (t) => {
  const bytes = encode(samples.propose);
  const decoded = decode(bytes) as typeof samples.propose;
  t.true(decoded.entries.every((entry) => entry.bytes.buffer === bytes.buffer && entry.id.buffer === bytes.buffer));
});

test('P10: numbers that differ in one part only are never taken for one another', (t) => {
  const other = 'f'.repeat(32);
  for (const part of [{}, { incarnation: other }, { node: 'b' }, { counter: 301 }, { counter: 300 + 64 }, {}]) {
    const message: Message = { type: 'inquire', number: { ...number, ...part }, round: 1 };
    t.deepEqual(decode(encode(message)), message);
  }
});

test('numbers and ids that repeat are not allocated again', (t) => {
  const first = decode(encode(samples.prepare)) as typeof samples.prepare;
  decode(encode(samples.converged));
  const second = decode(encode(samples.inquire)) as typeof samples.inquire;
  t.is(first.number, second.number);
});
