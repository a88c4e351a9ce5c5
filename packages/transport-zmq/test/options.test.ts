import { isPaxakosError } from '@paxakos/core/contracts';
import test from 'ava';
import { curveKeyPair as rawKeyPair } from 'zeromq';
import { toZ85 } from '../src/curve-key-pair.ts';
import { curveKeyPair, type ZmqTransportOptions, zmqTransport } from '../src/index.ts';

const pair = curveKeyPair();
const peers = { a: pair.publicKey };

const wrong: [option: string, options: ZmqTransportOptions][] = [
  ['bind', { bind: 'localhost:7000' }],
  ['bind', { bind: 'udp://127.0.0.1:7000' }],
  ['frameBytesMax', { frameBytesMax: 0 }],
  ['frameBytesMax', { frameBytesMax: 1.5 }],
  ['peerQueueBytesMax', { peerQueueBytesMax: 1024 }],
  ['peerQueueFramesMax', { peerQueueFramesMax: Number.NaN }],
  ['peersMax', { peersMax: -1 }],
  ['peerIdleMs', { peerIdleMs: 2 ** 31 }],
  ['reconnectMs', { reconnectMs: 0 }],
  ['heartbeatMs', { heartbeatMs: Number.POSITIVE_INFINITY }],
  ['curve.publicKey', { curve: { ...pair, publicKey: 'short', peers } }],
  ['curve.secretKey', { curve: { ...pair, secretKey: `${'a'.repeat(39)}"`, peers } }],
  ['curve.peers["b"]', { curve: { ...pair, peers: { ...peers, b: '' } } }],
];

test('an option that cannot be is refused by name when the transport is made', (t) => {
  for (const [option, options] of wrong) {
    const error = t.throws(() => zmqTransport(options), undefined, option);
    t.true(isPaxakosError(error, 'PAXAKOS_INVALID'), option);
    t.true(error.message.startsWith(`${option} is `), error.message);
  }
});

test('a wrong secret key is not told to anybody', (t) => {
  const secretKey = 'my-secret-but-too-short';
  const error = t.throws(() => zmqTransport({ curve: { ...pair, secretKey, peers } }));
  t.false(error.message.includes(secretKey));
});

test('raw keys become the Z85 that ZeroMQ writes (RFC 32)', (t) => {
  t.is(toZ85(Uint8Array.from([0x86, 0x4f, 0xd2, 0x6f, 0xb5, 0x59, 0xf7, 0x5b])), 'HelloWorld');
  t.is(rawKeyPair().publicKey.length, 40);
});
