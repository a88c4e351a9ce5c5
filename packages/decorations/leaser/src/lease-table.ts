import type { ApplyHandlers, EntryOfType, OutcomeOf } from '@paxakos/core/contracts';
import type { ClearEntry, ExtendEntry, LeaseClaim, LeaseEntry, ReleaseEntry, TakeEntry } from './lease-entry.ts';

/** How many claims a table holds; further ones are refused until some are gone. */
const claimsMax = 65_536;
/** How long a name, a claim or a holder may be, in characters. */
const textMax = 1_024;
/** The longest time that timers measure, in milliseconds. */
const durationMsMax = 2 ** 31 - 1;

/** What `LeaseTable.freeze` gives: plain data, for any codec. */
export interface FrozenLeases {
  /** The greatest token or extension number given so far. */
  readonly last: number;
  /** Line by line, each in its order. */
  readonly claims: readonly LeaseClaim[];
}

/**
 * The leases of a cluster, as part of a state: who holds which, and who waits for it in what order.
 *
 * Deterministic, and without a clock: a claim is there until an entry gives it up or clears it. Its tokens strictly grow for ever;
 * what `freeze` gives keeps their count. Malformed entries change nothing. It holds 65,536 claims at most, and refuses more.
 */
export class LeaseTable {
  #last: number;
  #size = 0;
  /** Who holds a lease, first, and who waits for it. */
  readonly #lines = new Map<string, LeaseClaim[]>();

  /** An empty one, or one out of what `freeze` gave. */
  constructor(frozen: FrozenLeases = { last: 0, claims: [] }) {
    this.#last = frozen.last;
    for (const claim of frozen.claims) this.#lineOf(claim.name).push(claim);
    this.#size = frozen.claims.length;
  }

  /** One handler for each entry, for `applyWith({ …, ...leases.handlers })`. */
  readonly handlers: ApplyHandlers<LeaseEntry> = {
    'lease/take': (entry) => this.#take(entry),
    'lease/extend': (entry) => this.#extend(entry),
    'lease/release': (entry) => this.#release(entry),
    'lease/clear': (entry) => this.#clear(entry),
  };

  /** Applies one entry and gives its outcome. */
  apply<const E extends LeaseEntry>(entry: E): OutcomeOf<EntryOfType<LeaseEntry, E['type']>> {
    const handler = this.handlers[entry.type] as unknown as (entry: E) => never;
    return handler(entry);
  }

  /** Who holds a lease. */
  holderOf(name: string): LeaseClaim | undefined {
    return this.#lines.get(name)?.[0];
  }

  /** Who waits for a lease; the first one is the next. */
  waitersFor(name: string): readonly LeaseClaim[] {
    return this.#lines.get(name)?.slice(1) ?? [];
  }

  /** A claim, held or waiting. */
  find(name: string, claim: string): LeaseClaim | undefined {
    return this.#lines.get(name)?.find((other) => other.claim === claim);
  }

  /** All claims, held or waiting. */
  *claims(): IterableIterator<LeaseClaim> {
    for (const line of this.#lines.values()) yield* line;
  }

  /** How many claims there are. */
  get size(): number {
    return this.#size;
  }

  /** All of it as a value that does not change afterwards. */
  freeze(): FrozenLeases {
    return { last: this.#last, claims: [...this.claims()] };
  }

  #take({ name, claim, holder, durationMs, queue }: TakeEntry): LeaseClaim | undefined {
    const isDuration = typeof durationMs === 'number' && durationMs > 0 && durationMs <= durationMsMax;
    if (!isText(name) || !isText(claim) || !isText(holder) || !isDuration) return undefined;
    const line = this.#lines.get(name);
    const index = line?.findIndex((other) => other.claim === claim) ?? -1;
    if (line !== undefined && index >= 0) return this.#renew(line, index);
    if ((line !== undefined && queue !== true) || this.#size >= claimsMax) return undefined;
    const extension = this.#next();
    const taken = { name, claim, holder, durationMs, extension };
    this.#size += 1;
    this.#lineOf(name).push(taken);
    return this.#promote(name) ?? taken;
  }

  #extend({ name, token }: ExtendEntry): LeaseClaim | undefined {
    const line = this.#lines.get(name);
    return line?.[0] !== undefined && line[0].token === token ? this.#renew(line, 0) : undefined;
  }

  #release({ name, claim }: ReleaseEntry): boolean {
    return this.#remove(name, (other) => other.claim === claim);
  }

  #clear({ name, extension }: ClearEntry): boolean {
    return this.#remove(name, (other) => other.extension === extension);
  }

  #renew(line: LeaseClaim[], index: number): LeaseClaim {
    const renewed = { ...(line[index] as LeaseClaim), extension: this.#next() };
    line[index] = renewed;
    return renewed;
  }

  #remove(name: string, isIt: (claim: LeaseClaim) => boolean): boolean {
    const line = this.#lines.get(name);
    const index = line?.findIndex(isIt) ?? -1;
    if (line === undefined || index < 0) return false;
    line.splice(index, 1);
    this.#size -= 1;
    if (line.length === 0) this.#lines.delete(name);
    else this.#promote(name);
    return true;
  }

  /** Gives the first in line its token, unless it has one. */
  #promote(name: string): LeaseClaim | undefined {
    const line = this.#lines.get(name);
    const first = line?.[0];
    if (line === undefined || first === undefined || first.token !== undefined) return undefined;
    const held = { ...first, token: this.#next() };
    line[0] = held;
    return held;
  }

  #next(): number {
    this.#last += 1;
    return this.#last;
  }

  #lineOf(name: string): LeaseClaim[] {
    let line = this.#lines.get(name);
    if (line === undefined) {
      line = [];
      this.#lines.set(name, line);
    }
    return line;
  }
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && value.length <= textMax;
}
