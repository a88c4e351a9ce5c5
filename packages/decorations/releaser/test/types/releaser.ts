// The types of the releaser: its API on the node, and misuse that must not compile.
import { applyWith, createNode, type LogEntry, type NodeInfo, type State } from '@paxakos/core';
import { memoryNetwork } from '@paxakos/core/memory';
import { LeaseTable } from '@paxakos/leaser';
import { releaser } from '../../src/index.ts';
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

/** The API under its name. */
export async function chain(): Promise<number> {
  const node = await builder.with(releaser({ table, marginMs: ({ marginMs }) => marginMs })).start();
  // @ts-expect-error: it is not to be changed
  node.releaser.cleared = 5;
  return node.releaser.cleared;
}

/** What must not be chained. */
export function misuse(): void {
  const plain = createNode({ id: 'a', state: { create: () => new Plain(), thaw: () => new Plain() }, transport });
  // @ts-expect-error: this decoration appends entries that the state does not have
  plain.with(releaser({ table: () => new LeaseTable() }));
  // @ts-expect-error: this decoration is installed already: releaser
  builder.with(releaser({ table })).with(releaser({ table }));
  // @ts-expect-error: it must know where the table is
  releaser({});
  // @ts-expect-error: what it gives is no table
  releaser({ table: (site: Site) => site.ids });
}
