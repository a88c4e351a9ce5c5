import { curveKeyPair, type ZmqTransport, zmqTransport } from '@paxakos/transport-zmq';

// Once for each node, and the secret key stays with that node alone.
const [a, b, c] = [curveKeyPair(), curveKeyPair(), curveKeyPair()];

// On node a: it listens at its own address unless `bind` says where, and lets in only who is listed.
export const transport: ZmqTransport = zmqTransport({
  bind: 'tcp://0.0.0.0:7000',
  curve: { ...a, peers: { a: a.publicKey, b: b.publicKey, c: c.publicKey } },
});
