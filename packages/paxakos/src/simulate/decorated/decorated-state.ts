import type { LogEntry, NodeInfo, State, StateFactory } from '@paxakos/core';
import { type FrozenLeases, type LeaseEntry, LeaseTable } from '@paxakos/leaser';
import { type FrozenTestbed, type TestbedEntry, TestbedState } from '@paxakos/simulator';

/** What the simulation with all decorations applies: the testbed's entries, those of leases, and heartbeats. */
export type DecoratedEntry = TestbedEntry | LeaseEntry | LogEntry<'beat', object, null>;

/** What it freezes to. */
export interface FrozenDecorated {
  readonly testbed: FrozenTestbed;
  readonly leases: FrozenLeases;
}

/** The testbed beside a table of leases. */
export class DecoratedState implements State<DecoratedEntry, FrozenDecorated> {
  readonly testbed: TestbedState;
  readonly leases: LeaseTable;

  constructor({ testbed, leases }: { readonly testbed: FrozenTestbed; readonly leases?: FrozenLeases }) {
    this.testbed = new TestbedState(testbed);
    this.leases = new LeaseTable(leases);
  }

  readonly apply: State<DecoratedEntry>['apply'] = (entry, context) => {
    if (entry.type === 'beat') return null as never;
    if (entry.type.startsWith('lease/')) return this.leases.apply(entry as LeaseEntry) as never;
    return this.testbed.apply(entry as TestbedEntry, context as never) as never;
  };

  cluster(): readonly NodeInfo[] {
    return this.testbed.cluster();
  }

  concurrency(): number {
    return this.testbed.concurrency();
  }

  freeze(): FrozenDecorated {
    return { testbed: this.testbed.freeze(), leases: this.leases.freeze() };
  }
}

/** Makes states for a cluster of these founders. */
export function decoratedFactory(
  founders: readonly NodeInfo[],
  window: number,
): StateFactory<DecoratedState, FrozenDecorated> {
  const members = founders.map(({ id }) => id);
  const testbed: FrozenTestbed = { members, window, counter: 0, registers: [], elements: [] };
  return { create: () => new DecoratedState({ testbed }), thaw: (frozen) => new DecoratedState(frozen) };
}
