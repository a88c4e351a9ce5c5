import {
  AbortedError,
  type AnyLogEntry,
  type AppendError,
  type AppendFunction,
  type AppendOptions,
  type Commit,
  type DecorationHost,
  InvalidError,
  type LostError,
  type RetryContext,
  type RetryPolicy,
  ShutDownError,
} from '@paxakos/core/contracts';
import { defaultRetry } from './default-retry.ts';
import type { Arrival, Cargo, Delegator } from './delegator.ts';
import type { Destination, Route } from './route.ts';
import { isAppendError } from './wire-error.ts';

/** How often an attempt is sent on to somebody else before it counts as failed. */
const hopsMax = 4;

/** Where the delegatee itself can append nothing: this node may. */
const unable: ReadonlySet<string> = new Set([
  'PAXAKOS_SHUT_DOWN',
  'PAXAKOS_PASSIVE',
  'PAXAKOS_DISORIENTED',
  'PAXAKOS_EXILED',
]);

/**
 * One append on its way: attempt after attempt, at one place at a time. The next one begins only where it is proven that the
 * one before has placed nothing and never will.
 */
export class Journey {
  readonly #delegator: Delegator;
  readonly #host: DecorationHost;
  readonly #route: Route;
  readonly #next: AppendFunction;
  readonly #entry: AnyLogEntry;
  readonly #options: AppendOptions;
  readonly #cargoOf: () => Cargo | undefined;
  #cargo: Cargo | undefined;
  readonly #policy: RetryPolicy;
  readonly #startedAt: number;
  #attempts = 0;
  #hops = 0;

  constructor(
    delegator: Delegator,
    host: DecorationHost,
    route: Route,
    next: AppendFunction,
    entry: AnyLogEntry,
    options: AppendOptions,
    cargoOf: () => Cargo | undefined,
  ) {
    this.#delegator = delegator;
    this.#host = host;
    this.#route = route;
    this.#next = next;
    this.#entry = entry;
    this.#options = options;
    this.#cargoOf = cargoOf;
    this.#policy = options.retry ?? defaultRetry;
    this.#startedAt = host.clock.now();
  }

  async run(): Promise<Commit<unknown>> {
    let place = this.#choose(undefined);
    for (;;) {
      const result = place === undefined ? await this.#here() : await this.#there(place);
      if (!('error' in result) && !('place' in result)) return result;
      if ('place' in result) {
        place = result.place;
        continue;
      }
      await this.#pause(result.error);
      this.#hops = 0;
      place = this.#choose(result.error);
    }
  }

  #choose(error: AppendError | undefined): Destination | undefined {
    const place = this.#route.next(this.#entry, this.#attempts, error);
    return place === undefined || this.#delegator.isGone(place.peer) ? undefined : place;
  }

  /** One attempt at this node. */
  async #here(): Promise<Commit<unknown> | { readonly error: AppendError }> {
    const retry = (context: RetryContext): number | undefined => {
      // What is in doubt here must come to its end here.
      if (context.error.effect === 'none') return undefined;
      return this.#ask(context.error, context.attempts);
    };
    try {
      return await this.#next(this.#entry, { ...this.#options, retry });
    } catch (error) {
      if (isAppendError(error) && error.effect === 'none' && error.code !== 'PAXAKOS_ABORTED') return { error };
      throw error;
    }
  }

  /** One attempt at another node: it is committed, or has failed there without effect, or goes on to another place. */
  async #there(
    place: Destination,
  ): Promise<Commit<unknown> | { readonly error: AppendError } | { readonly place: Destination | undefined }> {
    this.#cargo ??= this.#cargoOf();
    // What cannot travel is for the layers below, who may say why.
    if (this.#cargo === undefined) return { place: undefined };
    const arrival = await this.#delegator.send(place.peer, place.mustLead, this.#cargo);
    this.#checkAbort(arrival);
    switch (arrival.type) {
      case 'committed':
        return arrival.commit;
      case 'unreached':
        return { place: undefined };
      case 'moved':
        this.#hops += 1;
        return { place: this.#hops > hopsMax ? undefined : this.#choose(undefined) };
      case 'failed': {
        const { error } = arrival;
        if (!isAppendError(error) || error.effect === 'unknown') throw error;
        return place.mustLead ? this.#onwards(place, error) : { error };
      }
    }
  }

  /** Where the one that was taken for the leader is none, another may be, or this one. */
  #onwards(
    place: Destination,
    error: AppendError,
  ): { readonly error: AppendError } | { readonly place: Destination | undefined } {
    if (unable.has(error.code)) return { place: undefined };
    if (error.code !== 'PAXAKOS_LOST') return { error };
    const named = (error as LostError).leader;
    // Who has asked to lead takes itself for the leader.
    const leader = named === place.peer || named === this.#host.node.id ? this.#route.leader : named;
    this.#hops += 1;
    if (leader === undefined || leader === this.#host.node.id || leader === place.peer) return { place: undefined };
    if (this.#hops > hopsMax || this.#delegator.isGone(leader)) return { error };
    return { place: { peer: leader, mustLead: true } };
  }

  #checkAbort(arrival: Arrival): void {
    const { signal } = this.#options;
    if (signal === undefined || !signal.aborted) return;
    const isNone = arrival.type === 'moved' || arrival.type === 'unreached' || isWithoutEffect(arrival);
    throw new AbortedError(isNone ? 'none' : 'unknown', signal.reason);
  }

  /** Waits until the next attempt, or gives up. */
  async #pause(error: AppendError): Promise<void> {
    this.#checkOver();
    this.#attempts += 1;
    const delayMs = this.#ask(error, 0);
    if (delayMs === undefined) throw error;
    const { signal } = this.#options;
    await new Promise<void>((resolve) => {
      const end = (): void => {
        cancel();
        this.#delegator.pausing.delete(end);
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const cancel = this.#host.clock.after(delayMs, end);
      this.#delegator.pausing.add(end);
      signal?.addEventListener('abort', end);
    });
    if (signal?.aborted) throw new AbortedError('none', signal.reason);
    this.#checkOver();
  }

  /** A node that has stopped or failed appends nothing any more, whatever the policy says. */
  #checkOver(): void {
    const { node, signal } = this.#host;
    if (signal.aborted || node.status === 'failed') throw new ShutDownError('none', node.failure);
  }

  /** What the policy says after the failed attempts of before, and `more` here. */
  #ask(error: AppendError, more: number): number | undefined {
    const { clock, random, reportError } = this.#host;
    try {
      const elapsedMs = clock.now() - this.#startedAt;
      const delayMs: unknown = this.#policy({ attempts: this.#attempts + more, error, elapsedMs, random });
      if (delayMs === undefined || (typeof delayMs === 'number' && delayMs >= 0)) return delayMs;
      if (delayMs instanceof Promise) delayMs.catch(() => {});
      throw new InvalidError('retry', delayMs, 'a policy gives milliseconds to wait, 0 or more, or undefined');
    } catch (thrown) {
      reportError('retry', thrown);
      return undefined;
    }
  }
}

function isWithoutEffect(arrival: Arrival): boolean {
  return arrival.type === 'failed' && (!isAppendError(arrival.error) || arrival.error.effect === 'none');
}
