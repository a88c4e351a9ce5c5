// Goal: nodes of different releases understand one another. Method: golden bytes, made with fixed keys and randomness.
import test from 'ava';
import { decodeGreeting, encodeGreeting } from '../src/greeting.ts';
import { say, settled, Wire } from './wire.ts';

const counting = (start: number) => (length: number) => Uint8Array.from({ length }, (_, at) => start + at);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** Head; ciphertext and tag. */
const golden = [
  'a 1276b9f68e101112131415161718191a1b1c1d1e1f000000000001' +
    'b0f88871084f15b9734420446574eb2d3c7d761a19c1f283fbe36e5dcac5b5a213c6d19c4bbc04',
  'b 1276b9f68eb0b1b2b3b4b5b6b7b8b9babbbcbdbebf000000000001' +
    '19c467b2a4bb5b9f8867874e272138250dffcaa6da56bcf3eb428e51df725ed0e322de0e7a613fa73d463e35820b3c0f5b4d2d076e013c',
  'a 1276b9f68e101112131415161718191a1b1c1d1e1f000000000002' +
    'aa673fbffffe6cee7610a6197c9e776ced54c52c8c28869825cc391cf7910734dfbcb50b75f435',
  'a 1176b9f68e101112131415161718191a1b1c1d1e1f000000000003' +
    '013e23e8160039594ad2cb6d73e66d44b6180c9da6b6648a370108c19ecae164',
];

test('the frames of two nodes that meet are these, byte for byte', async (t) => {
  await using wire = new Wire();
  const a = await wire.open('a', { random: counting(0x10) });
  const b = await wire.open('b', { random: counting(0xb0) });
  say(a, 'paxakos', b);
  await settled();
  t.deepEqual(b.frames, ['paxakos']);
  t.deepEqual(
    wire.sent.map(({ from, bytes }) => `${from} ${hex(bytes)}`),
    golden,
  );
});

test('a greeting is flags, challenges and names', (t) => {
  const ask = counting(1)(16);
  const greeting = { from: { id: 'ä', address: 'tcp://x' }, to: 'b', ask, answer: counting(0x21)(16) };
  const bytes = encodeGreeting(greeting);
  t.is(hex(bytes), `07${hex(ask)}${hex(counting(0x21)(16))}0002c3a4000162000774${hex(Buffer.from('cp://x'))}`);
  t.like(decodeGreeting(bytes), { from: greeting.from, to: 'b' });
  for (let length = 0; length < bytes.length; length += 1) t.is(decodeGreeting(bytes.subarray(0, length)), undefined);
  t.is(decodeGreeting(Uint8Array.from([...bytes, 0])), undefined);
});
