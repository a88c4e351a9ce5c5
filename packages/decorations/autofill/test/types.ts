// The types of the decoration: its API on the node, and misuse that must not compile.
import { createNode } from '@paxakos/core';
import { memoryNetwork } from '@paxakos/core/memory';
import { type TestState, testStates } from '@paxakos/testing';
import { autofill } from '../src/index.ts';

const builder = createNode({ id: 'a', state: testStates(['a'], 8, 0), transport: memoryNetwork().transport('a') });

/** The delay may depend on the state. */
export async function use(): Promise<number> {
  const delayMs = ({ setting }: TestState): number => setting;
  const node = await builder.with(autofill({ delayMs, batchRounds: 5, leadership: 'acquire' })).start();
  return node.autofill.filled;
}

/** What must not compile. */
export function misuse(): void {
  // @ts-expect-error: it is installed already
  builder.with(autofill()).with(autofill());
  // @ts-expect-error: there is no such option
  autofill({ delay: 5 });
  // @ts-expect-error: milliseconds are a number
  autofill({ delayMs: '5' });
  // @ts-expect-error: there is no such leadership
  autofill({ leadership: 'require' });
}
