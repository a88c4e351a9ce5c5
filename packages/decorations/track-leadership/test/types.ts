// The types of the decoration: its API on the node, and misuse that must not compile.
import { createNode } from '@paxakos/core';
import { defineDecoration, required } from '@paxakos/core/contracts';
import { memoryNetwork } from '@paxakos/core/memory';
import { testStates } from '@paxakos/testing';
import { type TrackLeadership, trackLeadership } from '../src/index.ts';

const builder = createNode({ id: 'a', state: testStates(['a'], 8, 0), transport: memoryNetwork().transport('a') });
const user = () =>
  defineDecoration()({
    name: 'user',
    needs: { trackLeadership: required<TrackLeadership>() },
    inert: { leader: () => undefined },
    install: ({ uses }) => ({ leader: (): string | undefined => uses.trackLeadership.strict.leader }),
  });

/** What needs it comes after it. */
export async function inOrder(): Promise<string | undefined> {
  const node = await builder.with(trackLeadership()).with(user()).start();
  const leader: string | undefined = node.trackLeadership.lax.leader;
  return leader ?? node.user.leader();
}

/** What needs it does not compile before it, and it does not compile twice. */
export function misuse(): void {
  // @ts-expect-error: install it first
  builder.with(user()).with(trackLeadership());
  // @ts-expect-error: it is installed already
  builder.with(trackLeadership()).with(trackLeadership());
  // @ts-expect-error: there is no such option
  trackLeadership({ ranges: 3 });
  // @ts-expect-error: a number of ranges
  trackLeadership({ rangesMax: '3' });
}
