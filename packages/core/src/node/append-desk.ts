import type {
  AnyLogEntry,
  AppendOptions,
  Clock,
  Commit,
  Effect,
  Entry,
  Random,
  RetryPolicy,
  RoundNum,
  RoundRange,
} from '../contracts/index.ts';
import { AbortedError, type AppendError, InvalidError } from '../contracts/index.ts';
import type { AppendRequest, AttemptFailure, Settlement } from '../protocol/index.ts';
import { backoff } from './backoff.ts';
import { isThenable } from './call-hook.ts';
import { checkNames } from './node-options.ts';
import { CommitHandle, OutcomeSlot } from './outcome-slot.ts';

/** What an append desk is made of. */
export interface AppendDeskParts {
  readonly clock: Clock;
  readonly random: Random;
  encode(entry: AnyLogEntry): Entry;
  errorOf(failure: AttemptFailure): AppendError;
  expect(slot: OutcomeSlot): void;
  submit(requests: readonly AppendRequest[]): void;
  retry(key: number): void;
  abandon(key: number): void;
  onHookError(hook: string, error: unknown): void;
}

interface Ticket {
  readonly key: number;
  readonly request: AppendRequest;
  readonly retry: RetryPolicy;
  readonly startedAt: number;
  readonly resolve: (commit: Commit<unknown>) => void;
  readonly reject: (error: unknown) => void;
  readonly signal: AbortSignal | undefined;
  onAbort: (() => void) | undefined;
  attempts: number;
  /** The last attempt's error while another is awaited, and how to stop waiting. */
  pause: { readonly error: AppendError; readonly cancel: () => void } | undefined;
}

const leaderships: ReadonlySet<unknown> = new Set(['acquire', 'require', 'check']);
const optionNames: readonly string[] = ['round', 'leadership', 'retry', 'signal'];
const retryDefault: RetryPolicy = backoff();

/** Takes appends in, hands those of one turn on together, and retries them as their policies say. */
export class AppendDesk {
  readonly #parts: AppendDeskParts;
  readonly #tickets = new Map<number, Ticket>();
  #key = 0;
  #batch: AppendRequest[] = [];
  #refusal: (() => AppendError) | undefined;

  constructor(parts: AppendDeskParts) {
    this.#parts = parts;
  }

  append(entry: AnyLogEntry, options: AppendOptions = {}): Promise<Commit<unknown>> {
    return new Promise((resolve, reject) => this.#take(this.#parts.encode(entry), options, resolve, reject));
  }

  appendEntry(entry: Entry, options: AppendOptions = {}): Promise<Commit<unknown>> {
    return new Promise((resolve, reject) => this.#take(entry, options, resolve, reject));
  }

  #take(entry: Entry, options: AppendOptions, resolve: Ticket['resolve'], reject: Ticket['reject']): void {
    const { leadership, retry, signal } = checkedAppendOptions(options);
    if (this.#refusal !== undefined) throw this.#refusal();
    if (signal?.aborted) throw new AbortedError('none', signal.reason);
    this.#key += 1;
    const key = this.#key;
    const request: AppendRequest = { key, entry, rounds: checkedRounds(options.round), leadership };
    const startedAt = this.#parts.clock.now();
    const ticket: Ticket = {
      key,
      request,
      retry,
      startedAt,
      resolve,
      reject,
      signal,
      onAbort: undefined,
      attempts: 0,
      pause: undefined,
    };
    this.#tickets.set(key, ticket);
    if (signal !== undefined) {
      ticket.onAbort = () => this.#abort(ticket);
      signal.addEventListener('abort', ticket.onAbort, { once: true });
    }
    this.#submit(request);
  }

  #submit(request: AppendRequest): void {
    if (this.#batch.length === 0) queueMicrotask(() => this.#flush());
    this.#batch.push(request);
  }

  #flush(): void {
    const batch = this.#batch;
    this.#batch = [];
    const wanted = batch.filter((request) => this.#tickets.has(request.key));
    if (wanted.length > 0) this.#parts.submit(wanted);
  }

  /** The protocol says what came of an attempt. */
  settled(key: number, settlement: Settlement): void {
    const ticket = this.#tickets.get(key);
    if (ticket === undefined)
      return this.#answerAborted(key, settlement.type === 'committed' ? 'unknown' : settlement.failure.effect);
    if (settlement.type === 'committed') return this.#committed(ticket, settlement.round);
    const { failure } = settlement;
    ticket.attempts += 1;
    this.#failed(ticket, this.#parts.errorOf(failure));
  }

  #committed(ticket: Ticket, round: RoundNum): void {
    const slot = new OutcomeSlot(round);
    this.#parts.expect(slot);
    this.#close(ticket);
    ticket.resolve(new CommitHandle(slot));
  }

  #failed(ticket: Ticket, error: AppendError): void {
    // An attempt in doubt may come to an end while the next one is awaited; that end is what counts.
    ticket.pause?.cancel();
    ticket.pause = undefined;
    // What became of it cannot be found out any more, so another attempt might place the entry twice.
    const isLost = error.effect === 'unknown' && error.code === 'PAXAKOS_CONVERGED';
    const delayMs = isLost ? undefined : this.#delay(ticket, error);
    if (delayMs === undefined) return this.#giveUp(ticket, error);
    const again = (): void => {
      ticket.pause = undefined;
      if (error.effect === 'unknown') this.#parts.retry(ticket.key);
      else this.#submit(ticket.request);
    };
    ticket.pause = { error, cancel: this.#parts.clock.after(delayMs, again) };
  }

  #delay(ticket: Ticket, error: AppendError): number | undefined {
    const { clock, random } = this.#parts;
    try {
      const elapsedMs = clock.now() - ticket.startedAt;
      const delayMs = ticket.retry({ attempts: ticket.attempts, error, elapsedMs, random });
      if (delayMs === undefined || (typeof delayMs === 'number' && delayMs >= 0)) return delayMs;
      if (isThenable(delayMs)) delayMs.then(undefined, () => {});
      throw new InvalidError('retry', delayMs, 'a policy gives milliseconds to wait, 0 or more, or undefined');
    } catch (hookError) {
      this.#parts.onHookError('retry', hookError);
      return undefined;
    }
  }

  #giveUp(ticket: Ticket, error: AppendError): void {
    this.#close(ticket);
    if (error.effect === 'unknown') this.#parts.abandon(ticket.key);
    ticket.reject(error);
  }

  #abort(ticket: Ticket): void {
    const reason: unknown = ticket.signal?.reason;
    const waited = ticket.pause;
    if (waited !== undefined && waited.error.effect === 'none') {
      this.#close(ticket);
      ticket.reject(new AbortedError('none', reason));
      return;
    }
    const pending = this.#batch.some((request) => request.key === ticket.key);
    this.#close(ticket);
    if (pending) {
      ticket.reject(new AbortedError('none', reason));
      return;
    }
    // The protocol knows whether a proposal has left.
    this.#aborted.set(ticket.key, (effect) => ticket.reject(new AbortedError(effect, reason)));
    this.#parts.abandon(ticket.key);
  }

  readonly #aborted = new Map<number, (effect: Effect) => void>();

  #answerAborted(key: number, effect: Effect): void {
    const answer = this.#aborted.get(key);
    this.#aborted.delete(key);
    answer?.(effect);
  }

  #close(ticket: Ticket): void {
    ticket.pause?.cancel();
    ticket.pause = undefined;
    this.#tickets.delete(ticket.key);
    if (ticket.onAbort !== undefined) ticket.signal?.removeEventListener('abort', ticket.onAbort);
  }

  /** Ends every append, and refuses new ones: the node stops or has failed. */
  shut(refusal: (effect: Effect) => AppendError): void {
    this.#refusal = () => refusal('none');
    for (const ticket of this.#tickets.values()) {
      const waiting =
        ticket.pause?.error.effect === 'none' || this.#batch.some((request) => request.key === ticket.key);
      this.#close(ticket);
      ticket.reject(refusal(waiting ? 'none' : 'unknown'));
    }
    for (const key of this.#aborted.keys()) this.#answerAborted(key, 'unknown');
  }
}

/** The options of an append with their defaults. Throws `InvalidError`. */
export function checkedAppendOptions(
  options: AppendOptions,
): Required<Pick<AppendOptions, 'leadership' | 'retry'>> & AppendOptions {
  checkNames('append', options, optionNames);
  const { leadership = 'acquire', retry = retryDefault, round, signal } = options;
  if (!leaderships.has(leadership))
    throw new InvalidError('leadership', leadership, "give 'acquire', 'require' or 'check'");
  if (typeof retry !== 'function') throw new InvalidError('retry', retry, 'give a policy, such as backoff() or never');
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw new InvalidError('signal', signal, 'give an AbortSignal');
  return { ...(round !== undefined && { round }), ...(signal && { signal }), leadership, retry };
}

function checkedRounds(round: AppendOptions['round']): RoundRange | undefined {
  if (round === undefined) return undefined;
  checkNames('append.round', round, ['from', 'to']);
  const { from = 1, to = Number.MAX_SAFE_INTEGER } = round;
  const fits = Number.isSafeInteger(from) && Number.isSafeInteger(to) && from >= 1 && from <= to;
  if (!fits)
    throw new InvalidError('round', `${from} to ${to}`, 'give integers from 1 to 2^53 - 1, from no greater than to');
  return { from, to };
}
