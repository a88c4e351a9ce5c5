// Goal: keys are checked, never shown, and changed without a moment in which two nodes do not understand one another.

import { InvalidError } from '@paxakos/core/contracts';
import { memoryNetwork } from '@paxakos/core/memory';
import test from 'ava';
import { type AuthenticatedOptions, authenticated, type KeyMaterial, newKey } from '../src/index.ts';
import { key, otherKey, say, settled, Wire } from './wire.ts';

const wrap = (options: unknown) => authenticated(memoryNetwork().transport('a'), options as AuthenticatedOptions);

test('newKey makes 32 bytes in base64, never the same', (t) => {
  const keys = Array.from({ length: 100 }, newKey);
  t.is(new Set(keys).size, 100);
  for (const each of keys) t.is(Buffer.from(each, 'base64').length, 32);
});

test('a key is 32 bytes, or their text in base64, base64url or hexadecimal, and means the same in each', async (t) => {
  const bytes = Buffer.from(newKey(), 'base64');
  const texts = ['base64', 'base64url', 'hex'].map((name) => bytes.toString(name as 'hex'));
  const forms: KeyMaterial[] = [bytes, new Uint8Array(bytes), ...texts, bytes.toString('hex').toUpperCase()];
  const network = memoryNetwork();
  const b = authenticated(network.transport('b'), { key: bytes.toString('base64') });
  let count = 0;
  await b.open({ id: 'b' }, () => (count += 1), 'main');
  for (const [at, form] of forms.entries()) {
    const a = authenticated(network.transport(`a${at}`), { key: form });
    await a.open({ id: `a${at}` }, () => {}, 'main');
    a.send([{ id: 'b' }], new Uint8Array(1));
    await settled();
    t.is(count, at + 1, `form ${at}`);
    await a.close();
  }
  await b.close();
});

test('a key is copied: writing over it afterwards changes nothing', async (t) => {
  const network = memoryNetwork();
  const bytes = Buffer.from(key, 'hex');
  const a = authenticated(network.transport('a'), { key: bytes });
  bytes.fill(7);
  const b = authenticated(network.transport('b'), { key });
  let count = 0;
  await a.open({ id: 'a' }, () => {}, 'main');
  await b.open({ id: 'b' }, () => (count += 1), 'main');
  a.send([{ id: 'b' }], new Uint8Array(1));
  await settled();
  t.is(count, 1);
  await Promise.all([a.close(), b.close()]);
});

const refused: readonly (readonly [options: unknown, says: RegExp])[] = [
  [undefined, /^key is undefined: give 32 bytes.*newKey\(\)/],
  [{}, /^key is undefined/],
  [{ key: '' }, /^key is "a text of 0 characters"/],
  [{ key: 'correct horse battery staple' }, /^key is "a text of 28 characters"/],
  [{ key: new Uint8Array(16) }, /^key is "an array of 16 bytes"/],
  [{ key: new Uint8Array(33) }, /^key is "an array of 33 bytes"/],
  [{ key: `${key}00` }, /^key is "a text of 66 characters"/],
  [{ key: 5 }, /^key is undefined/],
  [{ key, keys: [key] }, /give either key or keys/],
  [{ keys: [] }, /^keys is an array: give 1 to 16 keys/],
  [{ keys: key }, /^keys is ".*": give 1 to 16 keys/],
  [{ keys: [key, 'short'] }, /^keys\[1\] is "a text of 5 characters"/],
  [{ keys: [key, otherKey, Buffer.from(key, 'hex')] }, /^keys\[2\] is "the same as keys\[0\]"/],
  [{ keys: Array.from({ length: 17 }, newKey) }, /^keys is an array: give 1 to 16/],
];

for (const [at, [options, says]] of refused.entries()) {
  test(`keys that cannot be are refused, in words that show none (${at + 1})`, (t) => {
    const error = t.throws(() => wrap(options), { instanceOf: InvalidError, code: 'PAXAKOS_INVALID', message: says });
    t.notRegex(error?.message ?? '', /horse|short|0000/);
  });
}

/** The keys of a node before, at and after each step of a rotation. */
const stages = { old: [key], added: [key, otherKey], moved: [otherKey, key], dropped: [otherKey] };
const together = [
  ['old', 'old'],
  ['old', 'added'],
  ['added', 'added'],
  ['added', 'moved'],
  ['moved', 'moved'],
  ['moved', 'dropped'],
  ['dropped', 'dropped'],
] as const;

for (const [one, other] of together) {
  test(`a node with the keys of stage "${one}" and one of stage "${other}" understand one another`, async (t) => {
    await using wire = new Wire();
    const [a, b] = [await wire.open('a', { keys: stages[one] }), await wire.open('b', { keys: stages[other] })];
    say(a, 'x', b);
    say(b, 'y', a);
    await settled();
    t.deepEqual([a.frames, b.frames], [['y'], ['x']]);
    t.deepEqual(a.transport.rejected, { forged: 0, replayed: 0, foreign: 0, unverified: 0 });
  });
}

test('the first key seals, and a key that was dropped is refused', async (t) => {
  await using wire = new Wire();
  const a = await wire.open('a', { keys: stages.dropped });
  const b = await wire.open('b', { keys: stages.added });
  say(b, 'x', a);
  say(a, 'y', b);
  await settled();
  t.deepEqual(a.frames, []);
  t.true(a.transport.rejected.foreign > 0);
});
