// The types of the leaser: its API on the node, and misuse that must not compile.
import { applyWith, createNode, type LogEntry, type NodeInfo, type State } from '@paxakos/core';
import { memoryNetwork } from '@paxakos/core/memory';
import { type Lease, type LeaseClaim, LeaseTable, leaser } from '../../src/index.ts';
import { type Site, sites } from '../site.ts';

type PlainEntry = LogEntry<'add', { value: number }, number>;

/** A state whose log has no lease entries. */
class Plain implements State<PlainEntry, number> {
  value = 0;
  readonly apply: State<PlainEntry>['apply'] = applyWith<PlainEntry>({ add: ({ value }) => value });
  cluster(): readonly NodeInfo[] {
    return [{ id: 'a' }];
  }
  freeze(): number {
    return this.value;
  }
}

const transport = memoryNetwork().transport('a');
const builder = createNode({ id: 'a', state: sites(['a']), transport });
const table = ({ leases }: Site): LeaseTable => leases;

/** The API under its name, and the outcomes of entries. */
export async function chain(): Promise<void> {
  const node = await builder.with(leaser({ table, durationMs: ({ durationMs }) => durationMs })).start();
  await using lease: Lease = await node.leaser.takeLease('x', { durationMs: 1_000, waitMs: 5_000 });
  const token: number = lease.token;
  const commit = await node.append({ id: '1', type: 'lease/extend', name: 'x', token });
  const claim: LeaseClaim | undefined = await commit.applied();
  const outcome: boolean = new LeaseTable().apply({ id: '1', type: 'lease/release', name: 'x', claim: 'c' });
  void [claim, outcome];
  // @ts-expect-error: the unit is part of the name
  await node.leaser.takeLease('x', { duration: 1_000 });
  // @ts-expect-error: a token is not to be changed
  lease.token = 5;
}

/** What must not be chained. */
export function misuse(): void {
  const plain = createNode({ id: 'a', state: { create: () => new Plain(), thaw: () => new Plain() }, transport });
  // @ts-expect-error: this decoration appends entries that the state does not have
  plain.with(leaser({ table: () => new LeaseTable() }));
  // @ts-expect-error: this decoration is installed already: leaser
  builder.with(leaser({ table })).with(leaser({ table }));
  // @ts-expect-error: it must know where the table is
  leaser({});
  // @ts-expect-error: what it gives is no table
  leaser({ table: (site: Site) => site.ids });
}
