import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { NodeInfo } from '@paxakos/core';
import type { BenchNodeSetup, Load, LoadResult } from './bench-node.ts';

const child = fileURLToPath(new URL('./bench-node.js', import.meta.url));

async function startNode(setup: BenchNodeSetup): Promise<ChildProcess> {
  const node = fork(child);
  node.send(setup);
  await once(node, 'message');
  return node;
}

async function runLoad(node: ChildProcess, load: Load): Promise<LoadResult> {
  node.send(load);
  const [result] = (await once(node, 'message')) as [LoadResult];
  return result;
}

/** Three processes over ZeroMQ, the load within the leader. */
async function benchmark(loads: readonly Load[], durable: boolean): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'paxakos-bench-'));
  const members: NodeInfo[] = ['a', 'b', 'c'].map((id) => ({ id, address: `ipc://${root}/${id}.sock` }));
  const setups = members.map(({ id }) => ({ id, members, directory: durable ? join(root, id) : undefined }));
  const nodes = await Promise.all(setups.map(startNode));
  try {
    const [leader] = nodes as [ChildProcess];
    await runLoad(leader, { inFlight: 64, operations: 2_000 });
    for (const load of loads) {
      const { inFlight, perSecond, medianMs, p99Ms } = await runLoad(leader, load);
      const figures = `${Math.round(perSecond)} appends/s, median ${medianMs.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms`;
      console.log(`${durable ? 'durable' : 'volatile'}, ${inFlight} in flight: ${figures}`);
    }
  } finally {
    for (const node of nodes) node.send('stop');
    await Promise.all(nodes.map((node) => once(node, 'exit')));
    await rm(root, { recursive: true, force: true });
  }
}

/** The options; ends with one line and exit code 2 where they are not understood. */
function optionsOf(args: readonly string[]): { readonly volatile: boolean; readonly scale: number } {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { volatile: { type: 'boolean', default: false }, scale: { type: 'string', default: '1' } },
    });
    const scale = Number(values.scale);
    if (Number.isFinite(scale) && scale > 0) return { volatile: values.volatile, scale };
    throw new Error(`--scale is ${JSON.stringify(values.scale)}: give a number above 0, such as 0.1`);
  } catch (error) {
    const reason = (error as Error).message.replaceAll('\n', ' ');
    console.error(`bench: ${reason} (options: --volatile, --scale NUMBER)`);
    process.exit(2);
  }
}

const { volatile, scale } = optionsOf(process.argv.slice(2));
const loads: readonly Load[] = [
  { inFlight: 1, operations: Math.ceil(3_000 * scale) },
  { inFlight: 16, operations: Math.ceil(30_000 * scale) },
  { inFlight: 256, operations: Math.ceil(100_000 * scale) },
];
await benchmark(loads, !volatile);
