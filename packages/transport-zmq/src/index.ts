export { type CurveKeyPair, curveKeyPair } from './curve-key-pair.ts';
export type { CurveOptions, ZmqTransportOptions } from './options.ts';
export { transportFromUrl } from './transport-from-url.ts';
export { type ZmqTransport, zmqTransport } from './zmq-transport.ts';
