// Everything that travels comes back as it was, and whatever else comes is no message and throws nothing.
import test from 'ava';
import fc from 'fast-check';
import { decodeMessage } from '../src/decode-message.ts';
import { encodeMessage, errorCodes, leaderships } from '../src/encode-message.ts';
import type { AnswerItem, Message, RequestItem, WireError } from '../src/message.ts';

const id = fc.maxSafeNat();
const round = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const bytes = fc.uint8Array({ maxLength: 40 });
const token = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((all) => Buffer.from(all).toString('hex'));
const text = fc.string({ maxLength: 20, unit: 'binary' });
const data = fc.option(bytes, { nil: undefined });

const request: fc.Arbitrary<RequestItem> = fc.oneof(
  fc.record({
    type: fc.constant('append' as const),
    id,
    leadership: fc.constantFrom(...leaderships),
    mustLead: fc.boolean(),
    from: fc.option(round, { nil: undefined }),
    to: fc.option(round, { nil: undefined }),
    entryId: text,
    payload: bytes,
  }),
  fc.record({ type: fc.constantFrom('again' as const, 'cancel' as const), id }),
);

const error: fc.Arbitrary<WireError> = fc
  .record({
    code: fc.constantFrom(...errorCodes),
    effect: fc.constantFrom('none' as const, 'unknown' as const),
    message: text,
    leader: fc.option(fc.string({ minLength: 1, maxLength: 9 }), { nil: undefined }),
    round,
    isCaughtUp: fc.boolean(),
    data,
    refusals: fc.array(fc.array(fc.record({ node: text, data }), { maxLength: 3 }), { maxLength: 4 }),
  })
  .map(({ data: own, leader, ...rest }) => ({
    ...rest,
    ...(leader !== undefined && { leader }),
    ...(own !== undefined && { data: own }),
  }));

const answer: fc.Arbitrary<AnswerItem> = fc.oneof(
  fc.record({ type: fc.constant('committed' as const), id, round }),
  fc.record({ type: fc.constant('failed' as const), id, error }),
  fc.record({ type: fc.constantFrom('missing' as const, 'forgotten' as const), id }),
);

const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ type: fc.constant('hello' as const), nonce: token }),
  fc.record({ type: fc.constant('welcome' as const), nonce: token, session: token }),
  fc.record({ type: fc.constant('requests' as const), session: token, floor: id, items: fc.array(request) }),
  fc.record({ type: fc.constant('answers' as const), session: token, items: fc.array(answer) }),
  fc.record({ type: fc.constant('unknownSession' as const), session: token }),
);

test('every message comes back as it was', (t) => {
  fc.assert(
    fc.property(message, (one) => t.deepEqual(decodeMessage(encodeMessage(one)), one)),
    { numRuns: 500 },
  );
});

test('cut, altered or made up, bytes throw nothing', (t) => {
  fc.assert(
    fc.property(message, fc.nat(), fc.nat(255), fc.uint8Array({ maxLength: 60 }), (one, at, byte, junk) => {
      const good = encodeMessage(one);
      decodeMessage(good.subarray(0, at % good.length));
      const altered = good.slice();
      altered[at % good.length] = byte;
      decodeMessage(altered);
      decodeMessage(junk);
      decodeMessage(new Uint8Array([1, ...junk]));
    }),
    { numRuns: 3_000 },
  );
  t.is(decodeMessage(new Uint8Array()), undefined);
  t.is(decodeMessage(new Uint8Array([2, 0])), undefined);
});

test('no length is believed before the bytes are there', (t) => {
  const head = [...encodeMessage({ type: 'requests', session: 'ab'.repeat(16), floor: 0, items: [] })];
  const huge = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f];
  // An append whose id is said to have 2^53 - 1 characters, and one whose payload has as many bytes.
  t.is(decodeMessage(new Uint8Array([...head, 0, 1, 0, 0, 0, 0, ...huge])), undefined);
  t.is(decodeMessage(new Uint8Array([...head, 0, 1, 0, 0, 0, 0, 1, 65, ...huge])), undefined);
  // An integer beyond 2^53 - 1.
  t.is(decodeMessage(new Uint8Array([...head, 1, ...huge.map(() => 0xff), 0xff, 1])), undefined);
});

test('a message of more items than any node sends is none', (t) => {
  const items = (count: number): RequestItem[] => Array.from({ length: count }, (_, id) => ({ type: 'again', id }));
  const token = 'ab'.repeat(16);
  const decoded = (count: number): Message | undefined =>
    decodeMessage(encodeMessage({ type: 'requests', session: token, floor: 1, items: items(count) }));
  t.is((decoded(32_768) as { readonly items: readonly unknown[] }).items.length, 32_768);
  t.is(decoded(32_769), undefined);
});

test('the bytes of a message do not change from version to version', (t) => {
  const items: RequestItem[] = [
    {
      type: 'append',
      id: 300,
      leadership: 'require',
      mustLead: true,
      from: 7,
      to: undefined,
      entryId: 'é',
      payload: new Uint8Array([1, 2]),
    },
    { type: 'again', id: 1 },
    { type: 'cancel', id: 2 },
  ];
  const hex = Buffer.from(encodeMessage({ type: 'requests', session: '0f'.repeat(16), floor: 3, items })).toString(
    'hex',
  );
  t.is(hex, `0102${'0f'.repeat(16)}0300ac020101070001e901020102` + '0101' + '0202');
  const failed = { code: 'PAXAKOS_LOST', effect: 'unknown', message: 'm', leader: 'b' } as const;
  const answers: AnswerItem[] = [
    { type: 'committed', id: 1, round: 128 },
    { type: 'failed', id: 2, error: failed },
    { type: 'missing', id: 3 },
    { type: 'forgotten', id: 4 },
  ];
  const answered = Buffer.from(encodeMessage({ type: 'answers', session: '00'.repeat(16), items: answers })).toString(
    'hex',
  );
  t.is(answered, `0103${'00'.repeat(16)}00018001` + '01020101016d0162000000' + '00' + '0203' + '0304');
});
