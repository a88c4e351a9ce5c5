// The types: what delegation needs, what it gives, and misuse that must not compile.
import { createNode } from '@paxakos/core';
import { memoryNetwork } from '@paxakos/core/memory';
import { trackLeadership } from '@paxakos/track-leadership';
import { delegation } from '../src/index.ts';
import { type Ledger, ledgers } from './test-state.ts';

const builder = createNode({ id: 'a', state: ledgers(['a']), transport: memoryNetwork().transport('a') });

/** Its API is there, and appends keep their types. */
export async function chain(): Promise<void> {
  const node = await builder.with(trackLeadership()).with(delegation()).start();
  const leader: string | undefined = node.delegation.leader;
  const inFlight: number = node.delegation.inFlight;
  const commit = await node.append({ id: '1', type: 'add', value: 1 });
  const outcome: number = await commit.applied();
  // @ts-expect-error: an outcome is what the entry says
  const wrong: string = await commit.applied();
  // @ts-expect-error: what it says of itself is not for others to change
  node.delegation.inFlight = 1;
  void [leader, inFlight, outcome, wrong];
}

/** What must not compile. */
export function misuse(): void {
  // @ts-expect-error: install these decorations first: trackLeadership
  builder.with(delegation());
  // @ts-expect-error: this decoration is installed already: delegation
  builder.with(trackLeadership()).with(delegation()).with(delegation());
  // @ts-expect-error: there is no such option
  delegation({ answer: 5 });
  // @ts-expect-error: a time is a number, or a function that gives one
  delegation({ answerMs: '5' });
  // @ts-expect-error: a delegatee is a node's id
  delegation({ delegatee: () => 5 });
  delegation<Ledger>({ answerMs: (state) => state.answerMs });
  // @ts-expect-error: the state has no such time
  delegation<Ledger>({ answerMs: (state) => state.patience });
}
