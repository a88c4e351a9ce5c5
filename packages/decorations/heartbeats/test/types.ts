// The types of the decoration: its API on the node, and misuse that must not compile.
import { createNode } from '@paxakos/core';
import { memoryNetwork } from '@paxakos/core/memory';
import { add, type TestState, testStates } from '@paxakos/testing';
import { heartbeats } from '../src/index.ts';

const builder = createNode({ id: 'a', state: testStates(['a'], 8, 0), transport: memoryNetwork().transport('a') });

/** Options may depend on the state, and the entry is one of the log's. */
export async function use(): Promise<boolean> {
  const intervalMs = ({ setting }: TestState): number => setting;
  const node = await builder.with(heartbeats({ intervalMs, leaderIntervalMs: 5, entry: () => add(1) })).start();
  return node.heartbeats.isCutOff;
}

/** What must not compile. */
export function misuse(): void {
  // @ts-expect-error: it is installed already
  builder.with(heartbeats()).with(heartbeats());
  // @ts-expect-error: the log has no such entry
  builder.with(heartbeats({ entry: () => ({ id: '1', type: 'beat' }) }));
  // @ts-expect-error: there is no such option
  heartbeats({ interval: 5 });
  // @ts-expect-error: milliseconds are a number
  heartbeats({ leaderIntervalMs: '5' });
  // @ts-expect-error: milliseconds are a number, also from the state
  heartbeats({ intervalMs: ({ ids }: TestState) => ids });
}
