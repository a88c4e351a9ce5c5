// The bytes of each message are pinned: nodes of different versions talk to one another, so a change of format needs a new
// version of frames, and this file says when that was forgotten.
import test from 'ava';
import { ByteReader, ByteWriter, decodeMessage, encodeMessage } from '../../src/communicator/index.ts';
import type { Message } from '../../src/contracts/index.ts';
import { incarnation, number, samples } from './samples.ts';

const golden: { readonly [Type in Message['type']]: string } = {
  prepare: '01ac02016100112233445566778899aabbccddeefffeffffffffffff0f',
  promise:
    '02ac02016100112233445566778899aabbccddeeff00112233445566778899aabbccddeeff05ffffffffffffff0f0403ac02016100112233445566778899aabbccddeeff05020c01000469642d3168656c6c6f03010100ac02016100112233445566778899aabbccddeeff09010c01000469642d3168656c6c6fffffffffffffff0f0362c3a9ffffffffffffffffffffffffffffffff0a010c01000469642d3168656c6c6f',
  supplanted: '03ac02016100112233445566778899aabbccddeeffffffffffffffff0f0362c3a9ffffffffffffffffffffffffffffffff',
  converged:
    '04ac02016100112233445566778899aabbccddeeffffffffffffffff0f0362c3a9ffffffffffffffffffffffffffffffff8001c801',
  abstention: '05ac02016100112233445566778899aabbccddeeff00112233445566778899aabbccddeeff026e6f',
  propose: '06ac02016100112233445566778899aabbccddeeff0a020c01000469642d3168656c6c6f03010100',
  acceptance: '07ac02016100112233445566778899aabbccddeeff00112233445566778899aabbccddeeff0a0b09020379657300',
  rejection: '08ac02016100112233445566778899aabbccddeeff00112233445566778899aabbccddeeff0a036e6179',
  commit: '09ac02016100112233445566778899aabbccddeeff0a020469642d3100',
  entries:
    '0a02ac02016100112233445566778899aabbccddeeff01020c01000469642d3168656c6c6f0c01000469642d3168656c6c6fac02016100112233445566778899aabbccddeeff04010c01000469642d3168656c6c6f04',
  fetch: '0b01808001',
  progress: '0c000101',
  inquire: '0dac02016100112233445566778899aabbccddeeff07',
  meet: '0e00112233445566778899aabbccddeeff0101016100112233445566778899aabbccddeeff',
  founded: '0f02016100016201137463703a2f2f31302e302e302e313a3730303001016100112233445566778899aabbccddeeff000c',
  rejoin: '10016201017800112233445566778899aabbccddeeff0100112233445566778899aabbccddeeff02',
  channel: '110a64656c65676174696f6e0200ff',
};

for (const type of Object.keys(samples) as Message['type'][]) {
  test(`the bytes of a message never change: ${type}`, (t) => {
    const writer = new ByteWriter();
    encodeMessage(writer, samples[type]);
    t.is(Buffer.from(writer.view()).toString('hex'), golden[type]);
    t.deepEqual(decodeMessage(new ByteReader(new Uint8Array(Buffer.from(golden[type], 'hex')))), samples[type]);
  });
}

test('the bytes of a message never change: progress with a vote that was seen', (t) => {
  const progress = { ...samples.progress, seen: { incarnation, number } };
  const bytes = '0c00010300112233445566778899aabbccddeeffac02016100112233445566778899aabbccddeeff';
  const writer = new ByteWriter();
  encodeMessage(writer, progress);
  t.is(Buffer.from(writer.view()).toString('hex'), bytes);
  t.deepEqual(decodeMessage(new ByteReader(new Uint8Array(Buffer.from(bytes, 'hex')))), progress);
});
