// The types of the decoration: its API on the node, and misuse that must not compile.
import { createNode } from '@paxakos/core';
import { memoryNetwork } from '@paxakos/core/memory';
import { add, type TestState, testStates } from '@paxakos/testing';
import { ensureLeadership } from '../src/index.ts';

const builder = createNode({ id: 'a', state: testStates(['a'], 8, 0), transport: memoryNetwork().transport('a') });

/** Options may depend on the state, and the entry is one of the log's. */
export async function use(): Promise<number> {
  const intervalMs = ({ setting }: TestState): number => setting;
  const node = await builder.with(ensureLeadership({ intervalMs, entry: () => add(1) })).start();
  return node.ensureLeadership.attempts;
}

/** What must not compile. */
export function misuse(): void {
  // @ts-expect-error: it is installed already
  builder.with(ensureLeadership()).with(ensureLeadership());
  // @ts-expect-error: the log has no such entry
  builder.with(ensureLeadership({ entry: () => ({ id: '1', type: 'beat' }) }));
  // @ts-expect-error: there is no such option
  ensureLeadership({ interval: 5 });
  // @ts-expect-error: milliseconds are a number
  ensureLeadership({ intervalMs: '5' });
  // @ts-expect-error: milliseconds are a number, also from the state
  ensureLeadership({ intervalMs: ({ ids }: TestState) => ids });
}
