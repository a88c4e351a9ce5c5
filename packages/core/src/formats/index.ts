/** What core writes into logs and snapshots, for tools that look into them. Outside semantic versioning: it may change in any release. */
export { payloadOf, type Rejoin, rejoinOf } from '../communicator/index.ts';
export { decodeRecord } from '../node/record-codec.ts';
export { decodeSnapshot } from '../node/snapshot-codec.ts';
