// The types of master leases: the API on the node, and misuse that must not compile.
import { createNode } from '@paxakos/core';
import { memoryNetwork } from '@paxakos/core/memory';
import { masterLeases } from '../src/index.ts';
import { type Counter, counters } from './test-state.ts';

const builder = createNode({ id: 'a', state: counters(['a'], 4), transport: memoryNetwork().transport('a') });

/** The API under its name. */
export async function chain(): Promise<void> {
  const node = await builder.with(masterLeases({ leaseMs: ({ leaseMs }: Counter) => leaseMs, leaseMsMax: 9 })).start();
  const ms: number = node.masterLeases.strictForMs + node.masterLeases.laxForMs;
  const count: number = await node.read(({ count: value }, round) => value + round + ms, { consistency: 'laxLease' });
  await node.masterLeases.renew();
  // @ts-expect-error it is for the decoration to say
  node.masterLeases.strictForMs = count;
}

/** What must not compile. */
export function misuse(): void {
  // @ts-expect-error the same one twice
  builder.with(masterLeases()).with(masterLeases());
  // @ts-expect-error no such option
  masterLeases({ leaseMS: 1_000 });
  // @ts-expect-error not a length
  masterLeases({ leaseMs: '1s' });
  // @ts-expect-error not a length
  masterLeases({ leaseMs: ({ leaseMs }: Counter) => `${leaseMs}`, leaseMsMax: 1_000 });
  // @ts-expect-error not a way out
  masterLeases({ fallback: 'stale' });
}
