export * from '@paxakos/core';
export * from '@paxakos/storage-fs';
export * from '@paxakos/transport-zmq';
