// Compiled, not run: what the preset lets through and what it refuses.
import type { Delegation } from '@paxakos/delegation';
import { type LogEntry, type StateFactory, startNode } from '../src/index.ts';

type Op = LogEntry<'add', { value: number }, number>;

declare const state: StateFactory<
  { apply(entry: Op): number; sum: number; cluster(): readonly { id: string }[]; freeze(): number },
  number
>;

export async function usual(): Promise<void> {
  const node = await startNode({ id: 'a', state, transport: 'memory:' });
  const delegation: Delegation = node.delegation;
  const outcome: number = await (await node.append({ id: '1', type: 'add', value: 1 })).applied();
  await node.catchUp.now();
  // @ts-expect-error: master leases are off unless they are switched on
  void node.masterLeases;
  // @ts-expect-error: the state has no such entries
  await node.append({ id: '1', type: 'sub', value: 1 });
  void [delegation, outcome];
}

export async function chosen(): Promise<void> {
  const features = {
    masterLeases: true,
    autofill: false,
    verify: { digest: ({ sum }: { sum: number }) => `${sum}` },
    heartbeats: { intervalMs: ({ sum }: { sum: number }) => sum },
  } as const;
  const node = await startNode({ id: 'a', state, transport: 'memory:', features });
  const forMs: number = node.masterLeases.strictForMs;
  // @ts-expect-error: autofill is off
  void node.autofill;
  void forMs;
}

/** What only the run tells may be there, or not. */
export async function open(isOn: boolean, leaser: false | { table: never }): Promise<void> {
  const features = { autofill: isOn, masterLeases: isOn, trackLeadership: isOn, leaser };
  const node = await startNode({ id: 'a', state, transport: 'memory:', features });
  const filled: number | undefined = node.autofill?.filled;
  const forMs: number | undefined = node.masterLeases?.strictForMs;
  const held: number | undefined = node.leaser?.held.length;
  await node.catchUp.now();
  // @ts-expect-error: it may be off
  void node.autofill.filled;
  // @ts-expect-error: it may be off
  void node.masterLeases.strictForMs;
  // @ts-expect-error: it may be off, as what it needs is
  void node.delegation.inFlight;
  void [filled, forMs, held];
}

export async function refused(): Promise<void> {
  // @ts-expect-error: there is no such feature
  await startNode({ id: 'a', state, transport: 'memory:', features: { heartbeat: true } });
  // @ts-expect-error: an option is not what it must be
  await startNode({ id: 'a', state, transport: 'memory:', features: { heartbeats: { intervalMs: 'soon' } } });
  await startNode({
    id: 'a',
    state,
    transport: 'memory:',
    // @ts-expect-error: the state has no `total`
    features: { verify: { digest: ({ total }) => `${total}` } },
  });
  // @ts-expect-error: it has to be told where the table is
  await startNode({ id: 'a', state, transport: 'memory:', features: { leaser: true } });
}
