import type { CoordNum, Entry, RoundNum, RoundRange } from '../contracts/index.ts';
import { sameCoordNum } from './coord-num.ts';
import type { AttemptFailure } from './effect.ts';
import type { AppendRequest } from './input.ts';
import type { Kernel } from './kernel.ts';
import { sameBytes } from './same-bytes.ts';

/** An append on its way. */
export interface AppendItem {
  readonly key: number;
  readonly entry: Entry;
  readonly rounds: RoundRange | undefined;
  /** Where it has been proposed; it stays in doubt until that round is known. */
  placed: RoundNum | undefined;
  /** The number under which it was first proposed. */
  under: CoordNum | undefined;
  /** When the attempt fails; infinite between attempts. */
  deadline: number;
}

/** All appends of this node that have not come to an end: waiting for a round, or placed in one. */
export class AppendBook {
  readonly #kernel: Kernel;
  readonly #items = new Map<number, AppendItem>();
  readonly #placed = new Map<RoundNum, AppendItem>();
  #queue: AppendItem[] = [];
  #head = 0;
  #queuedBytes = 0;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** How many wait for a round. */
  get waiting(): number {
    return this.#queue.length - this.#head;
  }

  /** Whether anything waits for a round or is in doubt. */
  get busy(): boolean {
    return this.#items.size > 0;
  }

  /** The soonest moment at which an attempt fails. */
  get deadline(): number {
    let deadline = Number.POSITIVE_INFINITY;
    // Items are kept in the order of their attempts, so the first one with a deadline has the soonest.
    for (const item of this.#items.values()) {
      if (item.deadline === Number.POSITIVE_INFINITY) continue;
      deadline = item.deadline;
      break;
    }
    return deadline;
  }

  /** Takes an append in, unless too much is waiting. */
  add(request: AppendRequest): void {
    const bytes = request.entry.bytes.length;
    if (this.waiting > 0 && this.#queuedBytes + bytes > this.#kernel.settings.tuning.queuedBytesMax) {
      this.#settleFailed(request.key, { code: 'overloaded', effect: 'none' });
      return;
    }
    const item: AppendItem = {
      key: request.key,
      entry: request.entry,
      rounds: request.rounds,
      placed: undefined,
      under: undefined,
      deadline: this.#kernel.now + this.#kernel.settings.tuning.attemptMs,
    };
    this.#items.set(item.key, item);
    this.#queue.push(item);
    this.#queuedBytes += bytes;
  }

  /** The greatest round that an append has been placed in and is not known yet. */
  get placedThrough(): RoundNum {
    let through = 0;
    for (const round of this.#placed.keys()) if (round > through) through = round;
    return through;
  }

  placedIn(round: RoundNum): AppendItem | undefined {
    return this.#placed.get(round);
  }

  /** Tries again what is in doubt. Gives whether there is anything to try. */
  retry(key: number): boolean {
    const item = this.#items.get(key);
    if (item === undefined) {
      this.#settleFailed(key, { code: 'lost', effect: 'unknown', leader: undefined });
      return false;
    }
    item.deadline = this.#kernel.now + this.#kernel.settings.tuning.attemptMs;
    this.#items.delete(key);
    this.#items.set(key, item);
    return true;
  }

  /** Nobody waits any more: says what is known of the effect. */
  abandon(key: number): void {
    const item = this.#items.get(key);
    if (item === undefined) return this.#settleFailed(key, { code: 'aborted', effect: 'unknown' });
    if (item.placed === undefined) this.#removeQueued(this.#queue.indexOf(item, this.#head));
    this.fail(item, { code: 'aborted', effect: effectOf(item) });
    this.#forget(item);
  }

  /** Takes the next item that fits `round`, the least free round, and the round it goes to under `number`, none beyond `through`. */
  takeFor(
    round: RoundNum,
    { number, through }: { readonly number: CoordNum; readonly through: RoundNum },
    free: (round: RoundNum) => boolean,
  ): readonly [AppendItem, RoundNum] | undefined {
    for (let index = this.#head; index < this.#queue.length; index += 1) {
      const item = this.#queue[index] as AppendItem;
      const place = this.#placeFor(item, round, through, free);
      if (place === undefined) continue;
      this.#removeQueued(index);
      if (place === 'converged') {
        this.fail(item, {
          code: 'converged',
          effect: 'none',
          caughtUp: (item.rounds?.to ?? 0) <= this.#kernel.learner.committed,
        });
        index = this.#head - 1;
        continue;
      }
      item.placed = place;
      item.under = number;
      this.#placed.set(place, item);
      return [item, place];
    }
    return undefined;
  }

  #placeFor(
    item: AppendItem,
    round: RoundNum,
    through: RoundNum,
    free: (round: RoundNum) => boolean,
  ): RoundNum | 'converged' | undefined {
    if (item.rounds === undefined) return round <= through ? round : undefined;
    const last = Math.min(item.rounds.to, through);
    let place = Math.max(round, item.rounds.from);
    while (place <= last && !free(place)) place += 1;
    if (place <= last) return place;
    return place > item.rounds.to ? 'converged' : undefined;
  }

  #removeQueued(index: number): void {
    const item = this.#queue[index] as AppendItem;
    this.#queuedBytes -= item.entry.bytes.length;
    if (index !== this.#head) {
      this.#queue.splice(index, 1);
      return;
    }
    this.#head += 1;
    if (this.#head > 1_024 && this.#head * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
  }

  /** This node's own voter is against an item that was just taken. */
  refuse(item: AppendItem, data: Uint8Array): void {
    this.#settleFailed(item.key, { code: 'unacceptable', effect: 'none', data });
    this.#forget(item);
  }

  /** The round is known: whoever was placed there learns what came of it. */
  learned(round: RoundNum, number: CoordNum | undefined, entry: Entry | undefined): void {
    const item = this.#placed.get(round);
    if (item === undefined) return;
    if (entry === undefined) {
      this.fail(item, { code: 'converged', effect: 'unknown', caughtUp: false });
    } else if (isOf(item, number, entry)) {
      this.#kernel.outbox.settle(item.key, { type: 'committed', round });
    } else {
      this.#settleFailed(item.key, { code: 'railroaded', effect: 'none', round });
    }
    this.#forget(item);
  }

  /** A state that stands after `round` was installed: what was placed at or before it can no more be told. */
  jumped(round: RoundNum): void {
    for (const placed of this.#placed.keys()) if (placed <= round) this.learned(placed, undefined, undefined);
  }

  /** Ends an attempt. What was never proposed is closed; what was stays in doubt. */
  fail(item: AppendItem, failure: AttemptFailure): void {
    this.#settleFailed(item.key, failure);
    if (failure.effect === 'none') this.#forget(item);
    else item.deadline = Number.POSITIVE_INFINITY;
  }

  /** Ends the attempts of all that wait for a round. */
  failWaiting(failure: (item: AppendItem) => AttemptFailure): void {
    const waiting = this.#queue.slice(this.#head);
    this.#queue = [];
    this.#head = 0;
    this.#queuedBytes = 0;
    for (const item of waiting) this.fail(item, failure(item));
  }

  /** Ends every attempt, waiting or placed. */
  failAll(failure: (item: AppendItem) => AttemptFailure): void {
    this.failWaiting(failure);
    for (const item of this.#items.values())
      if (item.deadline !== Number.POSITIVE_INFINITY) this.fail(item, failure(item));
  }

  /** Ends the attempts whose time is up. */
  failOverdue(failure: (item: AppendItem) => AttemptFailure): void {
    for (const item of this.#items.values()) {
      if (item.deadline > this.#kernel.now) {
        if (item.deadline !== Number.POSITIVE_INFINITY) return;
        continue;
      }
      if (item.placed === undefined) this.#removeQueued(this.#queue.indexOf(item, this.#head));
      this.fail(item, failure(item));
    }
  }

  #forget(item: AppendItem): void {
    this.#items.delete(item.key);
    if (item.placed !== undefined && this.#placed.get(item.placed) === item) this.#placed.delete(item.placed);
  }

  #settleFailed(key: number, failure: AttemptFailure): void {
    this.#kernel.outbox.settle(key, { type: 'failed', failure });
  }
}

/**
 * Whether what was committed is the entry of this append. No-ops are all alike: only the number tells whose one is, and that it
 * stands above all that was applied anywhere before it was placed.
 */
function isOf({ entry, under }: AppendItem, number: CoordNum | undefined, committed: Entry): boolean {
  return sameBytes(entry.bytes, committed.bytes) && (entry.kind !== 'noop' || sameCoordNum(under, number));
}

/** Whether the entry of an append may still be committed. */
export function effectOf(item: AppendItem): 'none' | 'unknown' {
  return item.placed === undefined ? 'none' : 'unknown';
}
