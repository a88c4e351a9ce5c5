import { authenticated } from '@paxakos/authenticated';
import { createNode, type PaxakosNode } from '@paxakos/core';
import { volatileStorage } from '@paxakos/core/memory';
import { fsStorage } from '@paxakos/storage-fs';
import { connectTransport } from 'paxakos';
import { Counter, type Operation, operationCodec } from './operation.ts';

/** What a benchmark's node is told when it starts. */
export interface BenchNodeSetup {
  readonly id: string;
  readonly ids: readonly string[];
  /** The bus's address. */
  readonly bus: string;
  /** The cluster's key; none for frames as they are. */
  readonly key: string | undefined;
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

/** One node of the benchmark, in this process. */
export class BenchNode {
  readonly #node: PaxakosNode<Operation>;
  #appended = 0;

  private constructor(node: PaxakosNode<Operation>) {
    this.#node = node;
  }

  static async start({ id, ids, bus, key, directory }: BenchNodeSetup): Promise<BenchNode> {
    const members = ids.map((each) => ({ id: each }));
    const transport = await connectTransport(bus);
    const node = await createNode({
      id,
      state: { create: () => new Counter(members), thaw: (count: number) => new Counter(members, count) },
      codec: operationCodec,
      transport: key === undefined ? transport : authenticated(transport, { key }),
      storage: directory === undefined ? volatileStorage() : fsStorage({ directory }),
    }).start();
    return new BenchNode(node);
  }

  async run({ inFlight, operations }: Load): Promise<LoadResult> {
    const latencies = new Float64Array(operations);
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < operations) {
        const index = next;
        next += 1;
        latencies[index] = await this.#append();
      }
    };
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: inFlight }, worker));
    const seconds = (performance.now() - startedAt) / 1_000;
    latencies.sort();
    const at = (share: number): number => latencies[Math.floor((operations - 1) * share)] as number;
    return { inFlight, operations, perSecond: operations / seconds, medianMs: at(0.5), p99Ms: at(0.99) };
  }

  async stop(): Promise<void> {
    await this.#node.stop();
  }

  /** How long it took, in ms. */
  async #append(): Promise<number> {
    this.#appended += 1;
    const bytes = new Uint8Array(16);
    new DataView(bytes.buffer).setUint32(0, this.#appended);
    const startedAt = performance.now();
    await this.#node.append({ id: `${this.#node.id}${this.#appended}`, type: 'set', bytes });
    return performance.now() - startedAt;
  }
}
