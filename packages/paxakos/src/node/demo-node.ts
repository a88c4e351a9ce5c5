import { createNode, type PaxakosNode } from '@paxakos/core';
import { fsStorage } from '@paxakos/storage-fs';
import { zmqTransport } from '@paxakos/transport-zmq';
import { type Calculator, calculatorFactory } from '../calculator/calculator.ts';
import { calculatorCodec } from '../calculator/calculator-codec.ts';
import type { Operation } from '../calculator/operation.ts';
import { type DataDirectory, nodeIds } from '../demo/data-directory.ts';

/** A node of the demonstration. */
export type DemoNode = PaxakosNode<Operation, Calculator>;

/** Starts one of the three nodes on what it finds in its part of the directory. */
export function startDemoNode(id: string, directory: DataDirectory): Promise<DemoNode> {
  return createNode({
    id,
    cluster: 'paxakos-demo',
    state: calculatorFactory({ members: nodeIds.map((member) => ({ id: member })) }),
    transport: zmqTransport({
      bind: directory.endpointOf(id),
      addressOf: (peer) => directory.endpointOf(peer.id),
    }),
    codec: calculatorCodec,
    storage: fsStorage({ directory: directory.storageOf(id) }),
    starting: { as: 'founder' },
  }).start();
}
