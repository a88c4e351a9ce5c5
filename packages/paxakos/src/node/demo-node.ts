import type { PaxakosNode } from '@paxakos/core';
import type { Calculator } from '../calculator/calculator.ts';
import { calculatorFactory } from '../calculator/calculator.ts';
import { calculatorCodec } from '../calculator/calculator-codec.ts';
import type { Operation } from '../calculator/operation.ts';
import { type DataDirectory, nodeIds } from '../demo/data-directory.ts';
import type { Features } from '../preset/features.ts';
import { startNode } from '../preset/start-node.ts';

/** A node of the demonstration. */
export type DemoNode = PaxakosNode<Operation, Calculator>;

/** How a node of the demonstration is started. */
export interface DemoNodeOptions {
  readonly directory: DataDirectory;
  /** The address of the bus. */
  readonly bus: string;
  /** Whether a dead leader is to be noticed soon, at the price of more messages. */
  readonly isFast: boolean;
}

/** Starts one of the three nodes, with the usual features, on what it finds in its part of the directory. */
export function startDemoNode(id: string, { directory, bus, isFast }: DemoNodeOptions): Promise<DemoNode> {
  return startNode({
    id,
    cluster: directory.cluster,
    state: calculatorFactory({ members: nodeIds.map((member) => ({ id: member })) }),
    transport: bus,
    codec: calculatorCodec,
    storage: directory.storageOf(id),
    starting: { as: 'founder' },
    features: {
      // The whole state is long; this much tells any two apart that did not go the same way.
      verify: { digest: ({ applied, value }) => `${applied} ${value}` },
      ...(isFast ? fast : {}),
    },
  });
}

const fast: Features = {
  heartbeats: { intervalMs: 100, leaderIntervalMs: 25 },
  ensureLeadership: { intervalMs: 60 },
  delegation: { resendMs: 20, cancelMs: 60, answerMs: 500 },
};
