import {
  AbortedError,
  type AnyLogEntry,
  type AppendError,
  type AppendFunction,
  type AppendLeadership,
  type AppendOptions,
  type Channel,
  type Commit,
  type DecorationHost,
  type Effect,
  type NodeId,
  type NodeInfo,
  OverloadedError,
  ShutDownError,
} from '@paxakos/core/contracts';
import { Journey } from './journey.ts';
import { Link, type LinkTimes } from './link.ts';
import type { AppendItem, Message } from './message.ts';
import { Outcomes } from './outcomes.ts';
import type { Request, RequestResult } from './request.ts';
import type { Route } from './route.ts';

/** What a delegator is made of. */
export interface DelegatorParts {
  readonly host: DecorationHost;
  readonly channel: Channel;
  readonly route: Route;
  readonly queuedBytesMax: number;
  readonly times: LinkTimes;
}

/** An append as it travels, and who must not wait any more. */
export interface Cargo {
  readonly item: Omit<AppendItem, 'id' | 'type' | 'mustLead'>;
  readonly signal: AbortSignal | undefined;
}

/** What came of an append at a delegatee, or of seeing it in the log. */
export type Arrival =
  | Exclude<RequestResult, { type: 'committed' }>
  | { readonly type: 'committed'; readonly commit: Commit<unknown> };

/** Entries above this would not fit in a message. */
const payloadBytesMax = 32 * 1024 * 1024;
const linksMax = 64;
const leaderships: ReadonlySet<unknown> = new Set<AppendLeadership>(['acquire', 'require', 'check']);

/** Sends the appends of this node to where they belong, and tells those who wait what came of them. */
export class Delegator {
  readonly #parts: DelegatorParts;
  readonly #links = new Map<NodeId, Link>();
  readonly #outcomes: Outcomes;
  /** How to end the pauses between attempts. */
  readonly pausing: Set<() => void> = new Set();
  #inFlight = 0;
  #inFlightBytes = 0;

  constructor(parts: DelegatorParts) {
    this.#parts = parts;
    this.#outcomes = new Outcomes(parts.host);
    const close = (cause?: unknown): void => {
      for (const link of this.#links.values()) link.close((effect) => new ShutDownError(effect, cause));
      for (const end of this.pausing) end();
    };
    parts.host.signal.addEventListener('abort', () => close(), { once: true });
    parts.host.onEvent('failure', ({ error }) => close(error));
    parts.route.onChange(() => {
      for (const link of this.#links.values()) link.reconsider();
    });
  }

  /** How many appends are with delegatees, and the bytes of their entries. */
  get inFlight(): number {
    return this.#inFlight;
  }

  get inFlightBytes(): number {
    return this.#inFlightBytes;
  }

  /** Whether a node was asked lately, and has said nothing. */
  isGone(id: NodeId): boolean {
    return this.#links.get(id)?.isGone === true;
  }

  append(next: AppendFunction, entry: AnyLogEntry, options: AppendOptions): Promise<Commit<unknown>> {
    const { host, route } = this.#parts;
    const isOver = host.signal.aborted || host.node.status === 'failed';
    // What the layers below have something against, they say better.
    if (isOver || options.signal?.aborted === true || !isWellFormed(entry, options)) return next(entry, options);
    const cargoOf = (): Cargo | undefined => this.#cargoOf(entry, options);
    // Also what begins here: where another one turns out to lead, it goes on there.
    return new Journey(this, host, route, next, entry, options, cargoOf).run();
  }

  /** What travels, if it can. */
  #cargoOf({ id: entryId, ...rest }: AnyLogEntry, options: AppendOptions): Cargo | undefined {
    const { leadership = 'acquire', round = {}, signal } = options;
    let payload: Uint8Array;
    try {
      payload = this.#parts.host.codec.encode(rest);
    } catch {
      return undefined;
    }
    if (!(payload instanceof Uint8Array) || payload.length > payloadBytesMax) return undefined;
    return { item: { leadership, from: round.from, to: round.to, entryId, payload }, signal };
  }

  /** Has it appended at `peer`. Rejects where too much is on its way. */
  send(peer: NodeId, mustLead: boolean, { item, signal }: Cargo): Promise<Arrival> {
    const { clock } = this.#parts.host;
    const { queuedBytesMax } = this.#parts;
    const bytes = item.payload.length;
    if (this.#inFlight > 0 && this.#inFlightBytes + bytes > queuedBytesMax)
      return Promise.reject(new OverloadedError(queuedBytesMax));
    this.#inFlight += 1;
    this.#inFlightBytes += bytes;
    return new Promise((resolve) => {
      const link = this.#linkTo(peer);
      const arrive = (arrival: Arrival): void => {
        unwatch();
        signal?.removeEventListener('abort', onAbort);
        this.#inFlight -= 1;
        this.#inFlightBytes -= bytes;
        resolve(arrival);
      };
      const finish = (result: RequestResult): void => {
        if (result.type === 'committed') arrive({ type: 'committed', commit: this.#outcomes.commit(result.round) });
        else arrive(result);
      };
      const now = clock.now();
      const request: Request = {
        item: { ...item, mustLead },
        startedAt: now,
        finish,
        id: 0,
        phase: 'waiting',
        askedAt: now,
        resends: 0,
        error: undefined,
        endsAt: Number.POSITIVE_INFINITY,
      };
      const onAbort = (): void =>
        link.cancel(request, (effect: Effect): AppendError => new AbortedError(effect, signal?.reason));
      const unwatch = this.#outcomes.watch(item.entryId, (commit) => {
        link.forget(request);
        arrive({ type: 'committed', commit });
      });
      signal?.addEventListener('abort', onAbort, { once: true });
      link.submit(request);
    });
  }

  receive({ id }: NodeInfo, message: Message): void {
    const link = this.#links.get(id);
    if (message.type === 'welcome') link?.welcome(message);
    else if (message.type === 'answers') link?.answers(message);
    else if (message.type === 'unknownSession') link?.unknownSession(message.session);
  }

  #linkTo(peer: NodeId): Link {
    const known = this.#links.get(peer);
    if (known !== undefined) return known;
    for (const [id, other] of this.#links) if (this.#links.size >= linksMax && other.isIdle) this.#links.delete(id);
    const { channel, host, route, times } = this.#parts;
    const link = new Link({
      peer,
      clock: host.clock,
      random: host.random,
      codec: host.codec,
      channel,
      info: () => host.node.cluster.find(({ id }) => id === peer) ?? { id: peer },
      isStillWanted: () => !route.isHere && route.leader === peer,
      times,
    });
    this.#links.set(peer, link);
    return link;
  }
}

/** Whether an entry and its options are what they must be, as far as these layers look at them. */
function isWellFormed(entry: AnyLogEntry, options: AppendOptions): boolean {
  const { leadership = 'acquire', retry, round = {}, signal, ...others } = options;
  if (typeof entry !== 'object' || entry === null) return false;
  return (
    typeof entry.id === 'string' &&
    entry.id !== '' &&
    entry.id.length <= 4_096 &&
    typeof entry.type === 'string' &&
    leaderships.has(leadership) &&
    (retry === undefined || typeof retry === 'function') &&
    typeof round === 'object' &&
    round !== null &&
    Object.keys(round).every((name) => name === 'from' || name === 'to') &&
    [round.from, round.to].every((at) => at === undefined || (Number.isSafeInteger(at) && at > 0)) &&
    (signal === undefined || signal instanceof AbortSignal) &&
    Object.keys(others).length === 0
  );
}
