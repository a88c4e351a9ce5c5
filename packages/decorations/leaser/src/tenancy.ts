import type { AnyLogEntry, Clock, NodeId, RetryPolicy } from '@paxakos/core/contracts';
import { AbortedError, isPaxakosError } from '@paxakos/core/contracts';
import type { Lease } from './lease.ts';
import type { LeaseClaim, LeaseEntry } from './lease-entry.ts';
import { LeaseLostError, LeaseTimeoutError } from './lease-errors.ts';
import { patient } from './patient.ts';

/** What a tenancy has of its node. */
export interface TenancyParts {
  readonly clock: Clock;
  readonly holder: NodeId;
  readonly driftMax: number;
  /** An id that no other entry or claim has. */
  nextId(this: void): string;
  append(this: void, entry: LeaseEntry, options: { retry: RetryPolicy; signal: AbortSignal }): Promise<unknown>;
  /** It waits and holds no longer. */
  onEnd(tenancy: Tenancy): void;
}

/** A moment by the node's own clock, and by the one that goes on while the machine is suspended; the same where there is none. */
interface Moment {
  readonly own: number;
  readonly wall: number;
}

/** What is asked for. */
export interface TenancyRequest {
  readonly name: string;
  readonly durationMs: number;
  /** Infinite where it waits as long as it takes. */
  readonly waitMs: number;
  readonly signal: AbortSignal | undefined;
}

/** Errors of an append that are the same in the next attempt. */
const hopeless: ReadonlySet<string> = new Set([
  'PAXAKOS_INVALID',
  'PAXAKOS_UNACCEPTABLE',
  'PAXAKOS_EXILED',
  'PAXAKOS_SHUT_DOWN',
  'PAXAKOS_STOPPED',
]);

/** How many appends may be under way: where one takes long, the next one follows all the same. */
const flightsMax = 2;
/** How many of those that were sent may still be met in the log while they matter. */
const sentMax = 4;

/**
 * One claim, from the call of `takeLease` to its end. Each take or extension that is met in the log makes it good for its duration
 * from before it was sent, less what the clocks may be off; nobody who watches it can have begun to count sooner than that.
 */
export class Tenancy implements Lease {
  readonly name: string;
  readonly claim: string;
  readonly #parts: TenancyParts;
  readonly #request: TenancyRequest;
  readonly #lost = new AbortController();
  readonly #sent = new Map<string, Moment>();
  readonly #flights: AbortController[] = [];
  readonly #given: Promise<Lease>;
  #resolve: (lease: Lease) => void = () => {};
  #reject: (error: unknown) => void = () => {};
  #phase: 'waiting' | 'held' | 'over' = 'waiting';
  #token = 0;
  #goodUntil: Moment = { own: Number.NEGATIVE_INFINITY, wall: Number.NEGATIVE_INFINITY };
  #cancelRenewal = (): void => {};
  #cancelWait = (): void => {};
  #cancelExpiry = (): void => {};
  #released: Promise<void> | undefined;
  /** Why the last append failed. */
  #trouble: unknown;

  constructor(parts: TenancyParts, request: TenancyRequest) {
    this.#parts = parts;
    this.#request = request;
    this.name = request.name;
    this.claim = parts.nextId();
    this.#given = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  get token(): number {
    return this.#token;
  }

  get holder(): NodeId {
    return this.#parts.holder;
  }

  get signal(): AbortSignal {
    this.lookAtClock();
    return this.#lost.signal;
  }

  get expiresAt(): number {
    return this.#goodUntil.own;
  }

  get isHeld(): boolean {
    this.lookAtClock();
    return this.#phase === 'held';
  }

  /** Ends the lease where its time is over: the timer that should do so may be late. */
  lookAtClock(): void {
    if (this.#phase === 'held' && this.#leftMs() <= 0) this.#expire();
  }

  #now(): Moment {
    const { clock } = this.#parts;
    const own = clock.now();
    return { own, wall: clock.wallNow?.() ?? own };
  }

  /** For how long it is good, by whichever clock says less. */
  #leftMs(): number {
    const { own, wall } = this.#now();
    return Math.min(this.#goodUntil.own - own, this.#goodUntil.wall - wall);
  }

  check(): void {
    if (!this.isHeld) throw this.#lost.signal.reason;
  }

  /** Claims the lease; resolves once it is held. */
  take(): Promise<Lease> {
    const { waitMs, durationMs, signal } = this.#request;
    if (signal?.aborted) {
      this.#over();
      return Promise.reject(new AbortedError('none', signal.reason));
    }
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    if (waitMs < Number.POSITIVE_INFINITY)
      this.#cancelWait = this.#parts.clock.after(waitMs === 0 ? durationMs : waitMs, () => this.#timeOut());
    this.renew();
    return this.#given;
  }

  release(): Promise<void> {
    if (this.#released === undefined) {
      const wasHeld = this.isHeld;
      this.lose('it was released');
      this.#released = wasHeld ? this.#vacate() : Promise.resolve();
    }
    return this.#released;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }

  /** Takes or extends, and will again after a third of the duration, counted from before this was sent. */
  renew(): void {
    this.lookAtClock();
    if (this.#phase === 'over') return;
    const { clock, holder, nextId } = this.#parts;
    const { name, durationMs, waitMs } = this.#request;
    const id = nextId();
    this.#cancelRenewal();
    this.#cancelRenewal = clock.after(durationMs / 3, () => this.renew());
    this.#sent.set(id, this.#now());
    for (const old of this.#sent.keys()) if (this.#sent.size > sentMax) this.#sent.delete(old);
    if (this.#phase === 'held') this.#append({ id, type: 'lease/extend', name, token: this.#token });
    else this.#append({ id, type: 'lease/take', name, claim: this.claim, holder, durationMs, queue: waitMs > 0 });
  }

  /** An entry about this name was applied; `id` is its id, and `found` this claim as the table has it now. */
  observe(id: string | undefined, found: LeaseClaim | undefined): void {
    if (this.#phase === 'over' || (this.#phase === 'held' && !this.isHeld)) return;
    const sentAt = id === undefined ? undefined : this.#sent.get(id);
    if (found === undefined) return this.#missing(sentAt !== undefined);
    if (sentAt !== undefined) {
      const goodMs = this.#request.durationMs * (1 - this.#parts.driftMax);
      this.#goodUntil = {
        own: Math.max(this.#goodUntil.own, sentAt.own + goodMs),
        wall: Math.max(this.#goodUntil.wall, sentAt.wall + goodMs),
      };
    }
    if (this.#phase === 'waiting' && found.token !== undefined) this.#grant(found.token);
    else if (this.#phase === 'held' && found.token !== this.#token) this.lose('it was given to another claim');
  }

  #missing(wasMine: boolean): void {
    if (this.#phase === 'held') return this.lose('it was cleared');
    if (wasMine && this.#request.waitMs === 0) this.#timeOut(this.#sent.size > 1);
  }

  #grant(token: number): void {
    const leftMs = this.#leftMs();
    // Its turn came, but its last extension is too old: one that is on its way will do.
    if (leftMs <= 0) return;
    this.#phase = 'held';
    this.#token = token;
    this.#leaveWait();
    this.#cancelExpiry = this.#parts.clock.after(leftMs, () => this.#checkExpiry());
    this.#resolve(this);
  }

  #checkExpiry(): void {
    const leftMs = this.#leftMs();
    if (leftMs <= 0) this.#expire();
    else this.#cancelExpiry = this.#parts.clock.after(leftMs, () => this.#checkExpiry());
  }

  #expire(): void {
    this.lose('it could not be extended in time', this.#trouble);
    void this.#vacate();
  }

  /** Ends the lease where it is held. */
  lose(why: string, cause?: unknown): void {
    if (this.#phase !== 'held') return;
    this.#over();
    this.#lost.abort(new LeaseLostError(this.name, this.#token, why, cause === undefined ? {} : { cause }));
  }

  /** Ends the wait where it is waited for, and leaves the line. */
  refuse(error: unknown, mayBeThere = true): void {
    if (this.#phase !== 'waiting') return;
    this.#over();
    this.#reject(error);
    if (mayBeThere) void this.#vacate();
  }

  readonly #onAbort = (): void => {
    this.refuse(new AbortedError('unknown', this.#request.signal?.reason));
  };

  #timeOut(mayBeThere = true): void {
    const cause = this.#trouble;
    this.refuse(
      new LeaseTimeoutError(this.name, this.#request.waitMs, cause === undefined ? {} : { cause }),
      mayBeThere,
    );
  }

  #leaveWait(): void {
    this.#cancelWait();
    this.#request.signal?.removeEventListener('abort', this.#onAbort);
  }

  #over(): void {
    this.#phase = 'over';
    this.#leaveWait();
    this.#cancelRenewal();
    this.#cancelExpiry();
    this.#sent.clear();
    for (const flight of this.#flights.splice(0)) flight.abort();
    this.#parts.onEnd(this);
  }

  #append(entry: LeaseEntry): void {
    const flight = new AbortController();
    this.#flights.push(flight);
    const retry = patient(this.#request.durationMs / 10);
    this.#parts.append(entry, { retry, signal: flight.signal }).then(
      () => this.#landed(flight),
      (error: unknown) => {
        this.#landed(flight);
        if (!flight.signal.aborted) this.#failed(error);
      },
    );
    // After the next one is under way, so that a bid for leadership goes on.
    if (this.#flights.length > flightsMax) this.#flights.shift()?.abort();
  }

  #landed(flight: AbortController): void {
    const index = this.#flights.indexOf(flight);
    if (index >= 0) this.#flights.splice(index, 1);
  }

  #failed(error: unknown): void {
    this.#trouble = error;
    if (!isPaxakosError(error) || hopeless.has(error.code)) this.refuse(error);
  }

  /** Has the claim released, as far as that can be done while it matters. Never rejects. */
  async #vacate(): Promise<void> {
    const { clock, nextId, append } = this.#parts;
    const { name, durationMs } = this.#request;
    const limit = new AbortController();
    const cancel = clock.after(durationMs, () => limit.abort());
    const entry: AnyLogEntry & LeaseEntry = { id: nextId(), type: 'lease/release', name, claim: this.claim };
    try {
      await append(entry, { retry: patient(durationMs / 10), signal: limit.signal });
    } catch {
      // Its time will be over.
    } finally {
      cancel();
    }
  }
}
