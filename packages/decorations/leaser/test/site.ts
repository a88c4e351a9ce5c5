import { applyWith, type LogEntry, type NodeInfo, type State, type StateFactory } from '@paxakos/core';
import { type FrozenLeases, type LeaseEntry, LeaseTable } from '../src/index.ts';

export type SiteEntry =
  | LeaseEntry
  | LogEntry<'note', { text: string }>
  | LogEntry<'members', { ids: readonly string[] }>
  | LogEntry<'window', { size: number }>
  | LogEntry<'duration', { ms: number }>;

interface FrozenSite {
  readonly ids: readonly string[];
  readonly durationMs: number;
  readonly window: number;
  readonly leases: FrozenLeases;
}

/** A state with leases, and members, a window and a duration that entries change. */
export class Site implements State<SiteEntry, FrozenSite> {
  readonly leases: LeaseTable;
  ids: readonly string[];
  durationMs: number;
  #window: number;

  constructor(ids: readonly string[], leases: LeaseTable = new LeaseTable(), durationMs = 3_000, window = 1_024) {
    this.ids = ids;
    this.#window = window;
    this.leases = leases;
    this.durationMs = durationMs;
    this.apply = applyWith<SiteEntry>({
      note: () => {},
      members: (entry) => {
        this.ids = entry.ids;
      },
      window: ({ size }) => {
        this.#window = size;
      },
      duration: ({ ms }) => {
        this.durationMs = ms;
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
    return { ids: this.ids, durationMs: this.durationMs, window: this.#window, leases: this.leases.freeze() };
  }
}

/** Makes sites. */
export function sites(ids: readonly string[]): StateFactory<Site, FrozenSite> {
  return {
    create: () => new Site(ids),
    thaw: ({ ids: members, durationMs, window, leases }) =>
      new Site(members, new LeaseTable(leases), durationMs, window),
  };
}
