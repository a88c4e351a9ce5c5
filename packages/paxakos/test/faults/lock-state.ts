import type { NodeInfo, State, StateFactory } from '@paxakos/core';
import { type FrozenLeases, type LeaseEntry, LeaseTable } from '@paxakos/leaser';

export const lockNodeIds: readonly string[] = ['n1', 'n2', 'n3'];

/** A state of nothing but leases. */
export class LockState implements State<LeaseEntry, FrozenLeases> {
  readonly leases: LeaseTable;
  readonly apply: State<LeaseEntry>['apply'];

  constructor(frozen?: FrozenLeases) {
    this.leases = new LeaseTable(frozen);
    this.apply = (entry) => this.leases.apply(entry);
  }

  cluster(): readonly NodeInfo[] {
    return lockNodeIds.map((id) => ({ id }));
  }

  freeze(): FrozenLeases {
    return this.leases.freeze();
  }
}

/** Makes them. */
export const lockStates: StateFactory<LockState, FrozenLeases> = {
  create: () => new LockState(),
  thaw: (frozen) => new LockState(frozen),
};
