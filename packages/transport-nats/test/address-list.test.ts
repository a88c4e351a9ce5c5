import test from 'ava';
import fc from 'fast-check';
import { AddressLists, readAddressed } from '../src/address-list.ts';

const id = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });

test('whoever a list names gets the frame, and nobody else', (t) => {
  const lists = new AddressLists();
  const property = fc.property(
    fc.uniqueArray(id, { minLength: 1, maxLength: 8 }),
    id,
    fc.uint8Array(),
    (ids, other, frame) => {
      const list = lists.of(ids);
      if (list === undefined) return;
      const message = Buffer.concat([list, frame]);
      for (const each of ids) t.deepEqual(readAddressed(message, Buffer.from(each)), Buffer.from(frame));
      if (!ids.includes(other)) t.is(readAddressed(message, Buffer.from(other)), 'others');
    },
  );
  t.notThrows(() => fc.assert(property));
});

test('no bytes make reading a list throw', (t) => {
  const property = fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
    readAddressed(Uint8Array.of(1, ...bytes), Buffer.from('a'));
    readAddressed(bytes, Buffer.from('a'));
  });
  t.notThrows(() => fc.assert(property));
});

test('lists of other nodes are not mistaken for one another', (t) => {
  const lists = new AddressLists();
  t.notDeepEqual(lists.of(['a\0b', 'c']), lists.of(['a', 'b\0c']));
  for (let times = 0; times < 200; times += 1) lists.of([`n${times}`, 'b']);
  t.deepEqual(Buffer.from(lists.of(['n0', 'b']) ?? []).toString('latin1'), '\x01\x02\x02n0\x01b');
});

test('there is no list where an id or all of them are too long', (t) => {
  const lists = new AddressLists();
  t.is(lists.of(['a', 'b'.repeat(256)]), undefined);
  t.is(lists.of(Array.from({ length: 256 }, String)), undefined);
  t.is(lists.of(Array.from({ length: 4 }, (_, index) => String(index).repeat(255)))?.length, undefined);
});
