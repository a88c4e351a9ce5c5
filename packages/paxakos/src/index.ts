export * from '@paxakos/core';
export * from '@paxakos/storage-fs';
export {
  type CurveKeyPair,
  type CurveOptions,
  curveKeyPair,
  type ZmqTransport,
  type ZmqTransportOptions,
  zmqTransport,
} from '@paxakos/transport-zmq';
export { connectTransport } from './bus/connect-transport.ts';
export type { FeatureApis, Features } from './preset/features.ts';
export { type StartNodeOptions, startNode } from './preset/start-node.ts';
