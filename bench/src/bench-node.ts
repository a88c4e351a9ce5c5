import { createNode, type NodeInfo, type PaxakosNode, type Storage, type Transport } from '@paxakos/core';
import { volatileStorage } from '@paxakos/core/memory';
import { fsStorage } from '@paxakos/storage-fs';
import { zmqTransport } from '@paxakos/transport-zmq';
import { Counter, type Operation, operationCodec } from './operation.ts';

/** What a benchmark's node is told when it starts. */
export interface BenchNodeSetup {
  readonly id: string;
  readonly members: readonly NodeInfo[];
  /** A directory; none for no durable storage. */
  readonly directory: string | undefined;
}

/** One load. */
export interface Load {
  readonly inFlight: number;
  readonly operations: number;
}

/** What came of it: milliseconds, and operations a second. */
export interface LoadResult extends Load {
  readonly perSecond: number;
  readonly medianMs: number;
  readonly p99Ms: number;
}

function parts(setup: BenchNodeSetup): { readonly transport: Transport; readonly storage: Storage } {
  const { directory } = setup;
  return {
    transport: zmqTransport({}),
    storage: directory === undefined ? volatileStorage() : fsStorage({ directory }),
  };
}

async function run(node: PaxakosNode<Operation>, { inFlight, operations }: Load): Promise<LoadResult> {
  const latencies = new Float64Array(operations);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < operations) {
      const index = next;
      next += 1;
      const bytes = new Uint8Array(16);
      new DataView(bytes.buffer).setUint32(0, index);
      const startedAt = performance.now();
      await node.append({ id: `${node.id}${index}`, type: 'set', bytes });
      latencies[index] = performance.now() - startedAt;
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: inFlight }, worker));
  const seconds = (performance.now() - startedAt) / 1_000;
  latencies.sort();
  const at = (share: number): number => latencies[Math.floor((operations - 1) * share)] as number;
  return { inFlight, operations, perSecond: operations / seconds, medianMs: at(0.5), p99Ms: at(0.99) };
}

/** Runs one node of the benchmark: told what to do by its parent, over the channel between processes. */
async function main(setup: BenchNodeSetup): Promise<void> {
  const { members } = setup;
  const node = await createNode({
    id: setup.id,
    state: { create: () => new Counter(members), thaw: (count: number) => new Counter(members, count) },
    codec: operationCodec,
    ...parts(setup),
  }).start();
  process.on('message', (load: Load | 'stop') => {
    if (load === 'stop') void node.stop().then(() => process.disconnect());
    else void run(node, load).then((result) => process.send?.(result));
  });
  process.send?.('ready');
}

process.once('message', (setup: BenchNodeSetup) => void main(setup));
