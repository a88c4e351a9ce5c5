// The options of a node: what must not compile.
import { createNode, type NodeOptions, type Snapshot } from '../../src/index.ts';
import { memoryNetwork } from '../../src/memory/index.ts';
import { type Ledger, ledgers } from '../node/test-state.ts';

const transport = memoryNetwork().transport('a');
const state = ledgers(['a']);
const needed: Pick<NodeOptions<Ledger>, 'id' | 'state' | 'transport'> = { id: 'a', state, transport };

/** Options that do not fit. */
export function options(snapshot: Snapshot): void {
  createNode({
    ...needed,
    starting: { as: 'resume', snapshot },
    tuning: { attemptMs: 5 },
    flags: { heartbeats: false },
  });
  createNode({ ...needed, starting: { as: 'recover' } });
  // @ts-expect-error: a node has an id
  createNode({ state, transport });
  // @ts-expect-error: a node has a state
  createNode({ id: 'a', transport });
  // @ts-expect-error: an option is misspelt
  createNode<Ledger>({ id: 'a', state, transport, stroage: undefined });
  // @ts-expect-error: to resume takes a snapshot
  createNode({ ...needed, starting: { as: 'resume' } });
  // @ts-expect-error: a joiner has none
  createNode<Ledger>({ id: 'a', state, transport, starting: { as: 'join', snapshot } });
  // @ts-expect-error: there is no such way to start
  createNode({ ...needed, starting: { as: 'leader' } });
  // @ts-expect-error: there is no such tuning
  createNode<Ledger>({ id: 'a', state, transport, tuning: { attemptsMs: 5 } });
  // @ts-expect-error: a flag is on or off
  createNode({ ...needed, flags: { heartbeats: 'off' } });
  // @ts-expect-error: a nay is given to a proposal; a candidate gets an abstention
  createNode({ ...needed, voter: { contemplateCandidate: () => ({ vote: 'nay' }) } });
  // @ts-expect-error: a voter is synchronous
  createNode({ ...needed, voter: { contemplateProposal: async () => ({ vote: 'yea' }) } });
}
