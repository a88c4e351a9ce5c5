// An application's entry: its id where every node can read it, the rest through the application's codec.
import test from 'ava';
import fc from 'fast-check';
import { decodeUtf8, noopEntry, payloadOf } from '../../src/communicator/index.ts';
import type { AnyLogEntry, Codec } from '../../src/contracts/index.ts';
import { entryCodec } from '../../src/node/entry-codec.ts';
import { jsonCodec } from '../../src/node/json-codec.ts';

const codec = entryCodec(jsonCodec);
const entry = { id: 'é-1', type: 'add', value: 3, data: Uint8Array.of(1, 2) };

test('an entry comes back as it was, with its id in the header only', (t) => {
  const encoded = codec.encode(entry);
  t.is(decodeUtf8(encoded.id), 'é-1');
  t.is(decodeUtf8(payloadOf(encoded)), '{"type":"add","value":3,"data":{"$bytes":"AQI="}}');
  t.deepEqual(codec.decode(encoded), entry as AnyLogEntry);
  const id = fc.oneof(
    fc.string({ minLength: 1, maxLength: 80 }),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }),
  );
  fc.assert(fc.property(id, (id) => t.deepEqual(codec.decode(codec.encode({ id, type: 'x' })), { id, type: 'x' })));
});

test('an id is a string of 1 to 255 bytes of UTF-8', (t) => {
  t.notThrows(() => codec.encode({ id: 'x'.repeat(255), type: 'add' }));
  for (const id of ['', 'x'.repeat(256), 'é'.repeat(128), 'a\ud83d', 7, undefined]) {
    t.throws(() => codec.encode({ id, type: 'add' } as never), { code: 'PAXAKOS_INVALID', message: /^entry\.id is/ });
  }
});

test('what is no entry is refused, on both sides', (t) => {
  for (const value of [null, undefined, 'text', { id: 'x' }, { id: 'x', type: '' }, { id: 'x', type: 7 }]) {
    t.throws(() => codec.encode(value as never), { code: 'PAXAKOS_INVALID' });
  }
  t.throws(() => codec.decode(noopEntry), { code: 'PAXAKOS_INVALID' });
  const saying = (value: unknown): Codec => ({ encode: () => new Uint8Array(0), decode: () => value });
  for (const value of [null, 'text', {}, { type: 1 }]) {
    const other = entryCodec(saying(value));
    t.throws(() => other.decode(other.encode(entry)), { code: 'PAXAKOS_INVALID' });
  }
  const text = entryCodec({ encode: () => 'text' as never, decode: () => null });
  t.throws(() => text.encode(entry), { code: 'PAXAKOS_INVALID', message: /^codec\.encode/ });
});

test('an id in the payload does not take the place of the one in the header', (t) => {
  const other = entryCodec({ encode: () => new Uint8Array(0), decode: () => ({ id: 'forged', type: 'add' }) });
  t.deepEqual(other.decode(other.encode(entry)), { id: 'é-1', type: 'add' });
});
