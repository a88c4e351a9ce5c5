export { type TransportCase, transportCases } from './transport-cases.ts';
export type { TransportCapability, TransportFixture, TransportNode } from './transport-fixture.ts';
