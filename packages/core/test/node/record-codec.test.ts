// What a node must remember comes back as it was; what is no record is refused in words.
import test from 'ava';
import fc from 'fast-check';
import type { LogRecord } from '../../src/contracts/index.ts';
import { decodeRecord, encodeRecord } from '../../src/node/record-codec.ts';
import type { DurableRecord } from '../../src/protocol/index.ts';
import {
  entry,
  founding,
  incarnation,
  incarnations,
  nodeId,
  number,
  proposals,
  round,
} from '../communicator/arbitraries.ts';
import { hello, incarnation as pinnedIncarnation, number as pinnedNumber } from '../communicator/samples.ts';

const last = Number.MAX_SAFE_INTEGER;

const records: {
  readonly [Type in DurableRecord['type']]: fc.Arbitrary<Extract<DurableRecord, { readonly type: Type }>>;
} = {
  identity: fc.record({
    type: fc.constant('identity'),
    cluster: fc.string({ maxLength: 60 }),
    node: nodeId,
    incarnation,
  }),
  founding: fc.record({ type: fc.constant('founding'), founding }),
  promise: fc.record({ type: fc.constant('promise'), number }),
  bid: fc.record({ type: fc.constant('bid'), number }),
  bind: fc.record({ type: fc.constant('bind'), incarnations }),
  accept: fc
    .record({ number, from: round, entries: fc.array(entry, { minLength: 1, maxLength: 5 }) })
    .map(({ number, from, entries }) => ({
      type: 'accept' as const,
      number,
      from: Math.min(from, last - entries.length + 1),
      entries,
    })),
  commit: fc
    .tuple(number, round, round)
    .map(([number, x, y]) => ({ type: 'commit' as const, number, from: Math.min(x, y), to: Math.max(x, y) })),
  entries: fc.record({ type: fc.constant('entries'), entries: proposals }),
};

/** A record's bytes, as a storage gives them back. */
function joined({ parts }: LogRecord): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

for (const type of Object.keys(records) as DurableRecord['type'][]) {
  test(`a record comes back as it was: ${type}`, (t) => {
    fc.assert(
      fc.property(records[type] as fc.Arbitrary<DurableRecord>, (record) =>
        t.deepEqual(decodeRecord(joined(encodeRecord(record))), record),
      ),
    );
  });
}

const proposal = (round: number) => ({ round, number: pinnedNumber, entry: hello });
const golden: readonly (readonly [DurableRecord, string])[] = [
  [
    { type: 'identity', cluster: 'test', node: 'a', incarnation: pinnedIncarnation },
    `010104746573740161${pinnedIncarnation}`,
  ],
  [
    {
      type: 'founding',
      founding: { members: [{ id: 'a' }, { id: 'b', address: 'x' }], incarnations: [['a', pinnedIncarnation]] },
    },
    `0102020161000162010178010161${pinnedIncarnation}`,
  ],
  [{ type: 'promise', number: pinnedNumber }, `0103ac020161${pinnedIncarnation}`],
  [{ type: 'bid', number: pinnedNumber }, `0107ac020161${pinnedIncarnation}`],
  [
    { type: 'accept', number: pinnedNumber, from: last - 1, entries: [hello, hello] },
    `0104ac020161${pinnedIncarnation}feffffffffffff0f020c0c${'01000469642d3168656c6c6f'.repeat(2)}`,
  ],
  [{ type: 'commit', number: pinnedNumber, from: 1, to: 200 }, `0105ac020161${pinnedIncarnation}01c801`],
  [
    { type: 'entries', entries: [proposal(1), proposal(2), proposal(4)] },
    `010602ac020161${pinnedIncarnation}01020c0cac020161${pinnedIncarnation}04010c${'01000469642d3168656c6c6f'.repeat(3)}`,
  ],
];

for (const [record, hex] of golden) {
  test(`H41: the bytes of a record never change: ${record.type}`, (t) => {
    t.is(Buffer.from(joined(encodeRecord(record))).toString('hex'), hex);
    t.deepEqual(decodeRecord(new Uint8Array(Buffer.from(hex, 'hex'))), record);
  });

  test(`a record that is cut short, or too long, is corrupt: ${record.type}`, (t) => {
    const bytes = joined(encodeRecord(record));
    const isCorrupt = { code: 'PAXAKOS_STORAGE_CORRUPT' };
    for (let length = 0; length < bytes.length; length++)
      t.throws(() => decodeRecord(bytes.slice(0, length)), isCorrupt);
    t.throws(() => decodeRecord(Uint8Array.of(...bytes, 0)), isCorrupt);
  });
}

test('H41: a record of another version says so, rather than being misread', (t) => {
  t.throws(() => decodeRecord(Uint8Array.of(2, 3)), { code: 'PAXAKOS_STORAGE_VERSION', message: /version 2.*reads 1/ });
  t.throws(() => decodeRecord(Uint8Array.of(1, 99)), { code: 'PAXAKOS_STORAGE_CORRUPT' });
});

test('random bytes are a record or refused', (t) => {
  fc.assert(
    fc.property(fc.nat({ max: 8 }), fc.uint8Array({ maxLength: 100 }), (type, bytes) => {
      try {
        decodeRecord(Uint8Array.of(1, type, ...bytes));
      } catch (error) {
        return (error as { code?: string }).code === 'PAXAKOS_STORAGE_CORRUPT';
      }
      return true;
    }),
    { numRuns: 3_000 },
  );
  t.pass();
});

test('entries are not copied, neither on the way in nor on the way out', (t) => {
  const record = encodeRecord({ type: 'accept', number: pinnedNumber, from: 1, entries: [hello, hello] });
  t.is(record.parts[1], hello.bytes);
  const bytes = joined(record);
  const decoded = decodeRecord(bytes);
  t.true(decoded.type === 'accept' && decoded.entries.every((entry) => entry.bytes.buffer === bytes.buffer));
});

test('H62: a record keeps its header when the next one is encoded', (t) => {
  const encoded = golden.map(([record]) => encodeRecord(record));
  encodeRecord({ type: 'identity', cluster: 'another', node: 'another', incarnation: 'f'.repeat(32) });
  for (const [index, [, hex]] of golden.entries()) {
    t.is(Buffer.from(joined(encoded[index] as LogRecord)).toString('hex'), hex);
  }
});

test('a record names the rounds that it concerns, so that a storage can retain and find it', (t) => {
  const roundsOf = (record: DurableRecord) => encodeRecord(record).rounds;
  t.deepEqual(roundsOf({ type: 'accept', number: pinnedNumber, from: 7, entries: [hello, hello] }), { from: 7, to: 8 });
  t.deepEqual(roundsOf({ type: 'commit', number: pinnedNumber, from: 7, to: 9 }), { from: 7, to: 9 });
  t.deepEqual(roundsOf({ type: 'entries', entries: [proposal(5), proposal(3)] }), { from: 3, to: 5 });
  t.is(roundsOf({ type: 'promise', number: pinnedNumber }), undefined);
});
