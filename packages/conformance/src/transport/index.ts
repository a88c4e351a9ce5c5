export { limited } from './limited.ts';
export { type TransportCase, transportCases } from './transport-cases.ts';
export type {
  BusControl,
  RemoteNode,
  TransportCapability,
  TransportFixture,
  TransportNode,
} from './transport-fixture.ts';
export { wrapped } from './wrapped.ts';
