import { createNode, type PaxakosNode } from '@paxakos/core';
import { fsStorage } from '@paxakos/storage-fs';
import { connectTransport } from '../bus/connect-transport.ts';
import { type Calculator, calculatorFactory } from '../calculator/calculator.ts';
import { calculatorCodec } from '../calculator/calculator-codec.ts';
import type { Operation } from '../calculator/operation.ts';
import { type DataDirectory, nodeIds } from '../demo/data-directory.ts';

/** A node of the demonstration. */
export type DemoNode = PaxakosNode<Operation, Calculator>;

/** Starts one of the three nodes on what it finds in its part of the directory, over the bus at an address. */
export async function startDemoNode(id: string, directory: DataDirectory, bus: string): Promise<DemoNode> {
  return createNode({
    id,
    cluster: directory.cluster,
    state: calculatorFactory({ members: nodeIds.map((member) => ({ id: member })) }),
    transport: await connectTransport(bus),
    codec: calculatorCodec,
    storage: fsStorage({ directory: directory.storageOf(id) }),
    starting: { as: 'founder' },
  }).start();
}
