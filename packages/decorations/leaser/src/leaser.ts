import {
  type AnyLogEntry,
  type Decoration,
  type DecorationHost,
  defineDecoration,
  InvalidError,
  type PaxakosEvent,
  StoppedError,
} from '@paxakos/core/contracts';
import type { Lease } from './lease.ts';
import type { LeaseEntry } from './lease-entry.ts';
import type { LeaseTable } from './lease-table.ts';
import {
  type CheckedLeaserOptions,
  checkedDuration,
  checkedLeaser,
  checkTakeLease,
  durationMsDefault,
  type LeaserOptions,
  type TakeLeaseOptions,
} from './leaser-options.ts';
import { Tenancy, type TenancyParts } from './tenancy.ts';

/** What a node with a leaser offers. */
export interface LeaserApi {
  /**
   * Takes a lease, waiting in line where another one holds it. It extends itself until it is released or lost.
   *
   * Rejects with `LeaseTimeoutError` where it was not to be had within `waitMs`; with `AbortedError`, whose effect is unknown until
   * the claim has been withdrawn; with `StoppedError`; with `InvalidError`; and with the `AppendError` that no further attempt
   * would mend.
   */
  takeLease(name: string, options?: TakeLeaseOptions): Promise<Lease>;
  /** The leases that this node holds now. */
  readonly held: readonly Lease[];
}

/**
 * Lets a node take leases that a table in the state keeps: one holder at a time, the others in line, each with a fencing token that
 * only ever grows. Have a releaser at every node, or the lease of a node that died stays taken.
 */
export function leaser<S>(
  options: LeaserOptions<S>,
  // biome-ignore lint/complexity/noBannedTypes: no needs at all
): Decoration<'leaser', LeaserApi, {}, LeaseEntry> {
  const checked = checkedLeaser(options);
  return defineDecoration<LeaseEntry>()({
    name: 'leaser',
    inert: { held: [] },
    install: (host): LeaserApi => new Leaser(host, checked),
  });
}

const lookEveryMs = 5;

class Leaser implements LeaserApi {
  readonly #host: DecorationHost<AnyLogEntry>;
  readonly #options: CheckedLeaserOptions;
  readonly #durationMs: () => number;
  readonly #parts: TenancyParts;
  readonly #tenancies = new Map<string, Set<Tenancy>>();
  #ids = 0;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #unlisten: (() => void) | undefined;

  constructor(host: DecorationHost<AnyLogEntry>, options: CheckedLeaserOptions) {
    this.#host = host;
    this.#options = options;
    const check = (value: unknown): number => checkedDuration('leaser.durationMs', value);
    this.#durationMs = host.setting('durationMs', options.durationMs, durationMsDefault, check);
    const { clock, node, random, signal, onEvent } = host;
    // No other life of this node draws the same.
    const life = [random(), random()].map((part) => Math.floor(part * 2 ** 32).toString(36)).join('');
    this.#parts = {
      clock,
      holder: node.id,
      driftMax: options.driftMax,
      nextId: () => {
        this.#ids += 1;
        return `${node.id}/${life}/${this.#ids}`;
      },
      append: (entry, how) => node.append(entry as AnyLogEntry, how),
      onEnd: (tenancy) => this.#remove(tenancy),
    };
    onEvent('eject', ({ reason }) => this.#each((tenancy) => tenancy.lose('the node gave up its state', reason)));
    onEvent('failure', ({ error }) => this.#each((tenancy) => tenancy.lose('the node failed', error)));
    onEvent('install', () => this.#caughtUp());
    signal.addEventListener('abort', () => this.#stop(), { once: true });
  }

  get held(): readonly Lease[] {
    return this.#all().filter((tenancy) => tenancy.isHeld);
  }

  async takeLease(name: string, options: TakeLeaseOptions = {}): Promise<Lease> {
    checkTakeLease(name, options);
    if (this.#host.signal.aborted) throw new StoppedError('takeLease');
    // Where there is no state now, the log will tell once there is.
    this.#table();
    const { durationMs = this.#durationMs(), waitMs = Number.POSITIVE_INFINITY, signal } = options;
    const tenancy = new Tenancy(this.#parts, { name, durationMs, waitMs, signal });
    this.#add(tenancy);
    return tenancy.take();
  }

  /** The table as of now; nothing where there is no state. */
  #table(): LeaseTable | undefined {
    let table: LeaseTable | undefined;
    this.#read((state) => {
      table = this.#options.table(state);
      if (typeof table?.find !== 'function')
        throw new InvalidError('leaser.table()', table, 'it must give the LeaseTable of the state');
    });
    return table;
  }

  /** Calls `fn` at once where there is a state, and throws what it throws. */
  #read(fn: (state: unknown) => void): void {
    let failure: { readonly error: unknown } | undefined;
    const guarded = (state: unknown): void => {
      try {
        fn(state);
      } catch (error) {
        failure = { error };
      }
    };
    this.#host.node.read(guarded, { consistency: 'stale' }).catch(() => {});
    if (failure !== undefined) throw failure.error;
  }

  /** Not with every entry: there may be many of both. */
  #lookAtClock(): void {
    const now = this.#host.clock.now();
    if (now < this.#lookedAt + lookEveryMs) return;
    this.#lookedAt = now;
    this.#each((tenancy) => tenancy.lookAtClock());
  }

  /** Something was applied: the first that happens after the event loop stood still may be this. */
  readonly #onApply = ({ entry }: Extract<PaxakosEvent, { type: 'apply' }>): void => {
    this.#lookAtClock();
    if (entry === undefined || !entry.type.startsWith('lease/')) return;
    const concerned = this.#tenancies.get((entry as LeaseEntry).name);
    if (concerned === undefined) return;
    const table = this.#table();
    if (table === undefined) return;
    for (const tenancy of concerned) tenancy.observe(entry.id, table.find(tenancy.name, tenancy.claim));
  };

  /** A snapshot jumped over what may have been about these claims. */
  #caughtUp(): void {
    const table = this.#table();
    this.#each((tenancy) => {
      if (table !== undefined) tenancy.observe(undefined, table.find(tenancy.name, tenancy.claim));
      tenancy.renew();
    });
  }

  #stop(): void {
    this.#each((tenancy) => {
      tenancy.lose('the node stops');
      tenancy.refuse(new StoppedError('takeLease'));
    });
  }

  #all(): Tenancy[] {
    return [...this.#tenancies.values()].flatMap((tenancies) => [...tenancies]);
  }

  #each(call: (tenancy: Tenancy) => void): void {
    for (const tenancy of this.#all()) call(tenancy);
  }

  #add(tenancy: Tenancy): void {
    const tenancies = this.#tenancies.get(tenancy.name) ?? new Set();
    this.#tenancies.set(tenancy.name, tenancies.add(tenancy));
    // Only while there is something to listen for.
    this.#unlisten ??= this.#host.node.on('apply', this.#onApply);
  }

  #remove(tenancy: Tenancy): void {
    const tenancies = this.#tenancies.get(tenancy.name);
    tenancies?.delete(tenancy);
    if (tenancies?.size === 0) this.#tenancies.delete(tenancy.name);
    if (this.#tenancies.size > 0) return;
    this.#unlisten?.();
    this.#unlisten = undefined;
  }
}
