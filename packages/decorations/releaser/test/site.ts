import { applyWith, type LogEntry, type NodeInfo, type State, type StateFactory } from '@paxakos/core';
import { type FrozenLeases, type LeaseEntry, LeaseTable } from '@paxakos/leaser';

export type SiteEntry =
  | LeaseEntry
  | LogEntry<'note', { text: string }>
  | LogEntry<'members', { ids: readonly string[] }>
  | LogEntry<'setting', { marginMs: number }>;

interface FrozenSite {
  readonly ids: readonly string[];
  readonly marginMs: number;
  readonly leases: FrozenLeases;
}

/** A state with leases, members, and a margin that entries change. */
export class Site implements State<SiteEntry, FrozenSite> {
  readonly leases: LeaseTable;
  ids: readonly string[];
  marginMs: number;

  readonly #window: number;

  constructor(ids: readonly string[], leases: LeaseTable = new LeaseTable(), marginMs = 500, window = 1_024) {
    this.ids = ids;
    this.#window = window;
    this.leases = leases;
    this.marginMs = marginMs;
    this.apply = applyWith<SiteEntry>({
      note: () => {},
      members: (entry) => {
        this.ids = entry.ids;
      },
      setting: (entry) => {
        this.marginMs = entry.marginMs;
      },
      ...leases.handlers,
    });
  }

  readonly apply: State<SiteEntry>['apply'];

  cluster(): readonly NodeInfo[] {
    return this.ids.map((id) => ({ id }));
  }

  concurrency(): number {
    return this.#window;
  }

  freeze(): FrozenSite {
    return { ids: this.ids, marginMs: this.marginMs, leases: this.leases.freeze() };
  }
}

/** Makes sites. */
export function sites(ids: readonly string[], window = 1_024): StateFactory<Site, FrozenSite> {
  return {
    create: () => new Site(ids, new LeaseTable(), 500, window),
    thaw: ({ ids: members, marginMs, leases }) => new Site(members, new LeaseTable(leases), marginMs, window),
  };
}
