// An entry is one block of bytes: made once, and read without being copied.
import test from 'ava';
import fc from 'fast-check';
import {
  encodeUtf8,
  entryFrom,
  makeEntry,
  noopEntry,
  payloadOf,
  rejoinEntry,
  rejoinOf,
} from '../../src/communicator/index.ts';
import { entry, incarnation, node } from './arbitraries.ts';

test('the bytes of an entry never change', (t) => {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
  t.is(hex(makeEntry('application', encodeUtf8('id'), Uint8Array.of(1, 2)).bytes), '01000269640102');
  t.is(hex(makeEntry('application', new Uint8Array(200), Uint8Array.of(7)).bytes), `0100c801${'00'.repeat(200)}07`);
  t.is(hex(noopEntry.bytes), '010100');
  t.is(
    hex(
      rejoinEntry({ node: { id: 'b', address: 'x' }, incarnation: '0123456789abcdef'.repeat(2), replaces: undefined })
        .bytes,
    ),
    `010220${hex(encodeUtf8('0123456789abcdef'.repeat(2)))}01620101780123456789abcdef0123456789abcdef00`,
  );
});

test('an entry is read from its bytes, and shares them', (t) => {
  fc.assert(
    fc.property(entry, (entry) => {
      const read = entryFrom(entry.bytes);
      t.deepEqual(read, entry);
      return read?.id.buffer === entry.bytes.buffer && payloadOf(entry).buffer === entry.bytes.buffer;
    }),
  );
  t.deepEqual(payloadOf(makeEntry('application', new Uint8Array(255), Uint8Array.of(9, 8))), Uint8Array.of(9, 8));
});

test('a node that rejoins is read from its entry, and from no other', (t) => {
  fc.assert(
    fc.property(node, incarnation, fc.option(incarnation, { nil: undefined }), (node, incarnation, replaces) =>
      t.deepEqual(rejoinOf(rejoinEntry({ node, incarnation, replaces })), { node: { ...node }, incarnation, replaces }),
    ),
  );
  t.is(rejoinOf(noopEntry), undefined);
  t.is(rejoinOf(makeEntry('rejoin', encodeUtf8('x'), Uint8Array.of(1, 2, 3))), undefined);
  const { bytes } = rejoinEntry({ node: { id: 'b' }, incarnation: 'ab'.repeat(16), replaces: undefined });
  const longer = entryFrom(Uint8Array.of(...bytes, 0));
  t.is(longer && rejoinOf(longer), undefined);
});

test('H67: what is no entry of this version is refused', (t) => {
  const refused = [
    [],
    [1],
    [1, 0],
    [2, 0, 0],
    [1, 3, 0],
    [1, 0, 1],
    [1, 0, 0x80],
    [1, 0, 0x80, 0],
    [1, 0, 0x85, 0, 1, 2, 3, 4, 5],
    [1, 0, 0x80, 1],
    [1, 0, 0xff, 0xff],
  ];
  for (const bytes of refused) t.is(entryFrom(Uint8Array.from(bytes)), undefined, String(bytes));
  t.is(entryFrom(Uint8Array.from([1, 0, 0x80, 2, ...new Uint8Array(256)])), undefined);
  t.throws(() => makeEntry('application', new Uint8Array(256), new Uint8Array(0)), { instanceOf: RangeError });
});
