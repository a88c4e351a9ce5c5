import {
  type AppendError,
  type Channel,
  type Clock,
  type Codec,
  DecorationAppendError,
  type NodeId,
  type NodeInfo,
  type Random,
} from '@paxakos/core/contracts';
import { encodeMessage } from './encode-message.ts';
import type { AnswerItem, Message, RequestItem, WireError } from './message.ts';
import { NoAnswerError } from './no-answer-error.ts';
import type { Request, RequestResult } from './request.ts';
import { newToken } from './token.ts';
import { errorOfWire } from './wire-error.ts';

/** The times of a link, in milliseconds, each asked when it is used. */
export interface LinkTimes {
  resendMs(): number;
  answerMs(): number;
  cancelMs(): number;
}

/** What a link is made of. */
export interface LinkParts {
  readonly peer: NodeId;
  readonly clock: Clock;
  readonly random: Random;
  readonly codec: Codec;
  readonly channel: Channel;
  /** The peer with its address, as it is known now. */
  info(): NodeInfo;
  /** Whether the appends that chose this peer as the leader would choose it again. */
  isStillWanted(): boolean;
  readonly times: LinkTimes;
}

/** How many requests may be on their way at once, and how many bytes one message takes; more wait here. */
const openMax = 8_192;
const messageBytesMax = 1024 * 1024;
/** How often the peer may say that a request has never come. */
const resendsMax = 8;
/** After so long a silence, the peer is asked whether it is there before anything is sent that would be in doubt. */
const idleMs = 10_000;

/**
 * The way to one delegatee. A request is sent in a session that the peer has given, is asked about until it is answered, and is
 * sent again only where the peer says that it has never come. Nothing is sent while the peer owes an answer for too long: what
 * has not been sent is not in doubt.
 */
export class Link {
  readonly #parts: LinkParts;
  #session: string | undefined;
  #nonce: string;
  #id = 0;
  readonly #waiting = new Set<Request>();
  /** In the order of their ids. */
  readonly #open = new Map<number, Request>();
  #isFlushing = false;
  #cancelTick: (() => void) | undefined;
  #heardAt: number;
  /** Since when the peer owes a sign of life. */
  #owesSince: number | undefined;
  /** Until when the peer counts as gone, and whether it has said anything since it did. */
  #goneUntil = 0;
  #wasSilent = false;

  constructor(parts: LinkParts) {
    this.#parts = parts;
    this.#nonce = newToken(parts.random);
    this.#heardAt = parts.clock.now();
  }

  /** Whether the peer was asked lately, and has said nothing. */
  get isGone(): boolean {
    return this.#parts.clock.now() < this.#goneUntil;
  }

  get isIdle(): boolean {
    return this.#waiting.size === 0 && this.#open.size === 0;
  }

  /** Takes a request in. It leaves at the end of this turn, with all others. */
  submit(request: Request): void {
    this.#waiting.add(request);
    this.#flushSoon();
    this.#cancelTick ??= this.#tickLater();
  }

  /** Another node may lead by now: what has not been sent need not wait until it is next looked at. */
  reconsider(): void {
    if (this.#cancelTick === undefined || this.#parts.isStillWanted()) return;
    this.#cancelTick();
    this.#tick();
  }

  /** The request is not wanted any more; whoever waits is told what is known of its effect. */
  cancel(request: Request, errorOf: (effect: 'none' | 'unknown') => AppendError): void {
    if (request.phase === 'waiting') return this.#finish(request, { type: 'failed', error: errorOf('none') });
    if (request.phase !== 'sent') return;
    this.#cancel(request, errorOf('unknown'));
    this.#flushSoon();
  }

  /** Whoever waited knows already. */
  forget(request: Request): void {
    request.phase = 'finished';
    this.#open.delete(request.id);
    this.#waiting.delete(request);
  }

  /** Ends every request. */
  close(errorOf: (effect: 'none' | 'unknown') => AppendError): void {
    this.#cancelTick?.();
    this.#cancelTick = undefined;
    for (const request of [...this.#waiting, ...this.#open.values()])
      this.#finish(request, { type: 'failed', error: errorOf(request.id === 0 ? 'none' : 'unknown') });
  }

  welcome({ nonce, session }: Extract<Message, { type: 'welcome' }>): void {
    if (nonce !== this.#nonce || this.#session !== undefined) return;
    this.#session = session;
    this.#heard();
  }

  /** The peer has another life, or has forgotten this node: it will not say any more what came of what was sent. */
  unknownSession(session: string): void {
    if (session !== this.#session) return;
    this.#session = undefined;
    this.#nonce = newToken(this.#parts.random);
    for (const request of this.#open.values()) this.#doubt(request, this.#noAnswer('it was started anew'));
    this.#heard();
  }

  answers({ session, items }: Extract<Message, { type: 'answers' }>): void {
    if (session !== this.#session) return;
    for (const item of items) this.#answer(item);
    this.#heard();
  }

  #heard(): void {
    this.#heardAt = this.#parts.clock.now();
    this.#owesSince = undefined;
    this.#goneUntil = 0;
    this.#wasSilent = false;
    this.#flush();
  }

  #answer(item: AnswerItem): void {
    const request = this.#open.get(item.id);
    if (request === undefined) return;
    switch (item.type) {
      case 'committed':
        return this.#finish(request, { type: 'committed', round: item.round });
      case 'failed':
        return this.#failed(request, item.error);
      case 'forgotten':
        return this.#doubt(request, this.#noAnswer('it has forgotten'));
      case 'missing':
        if (request.phase !== 'sent') return;
        request.resends += 1;
        if (request.resends > resendsMax) this.#cancel(request, this.#noAnswer('the request never arrives'));
        else this.#send([{ type: 'append', id: request.id, ...request.item }]);
    }
  }

  #failed(request: Request, wire: WireError): void {
    const { codec, peer } = this.#parts;
    const error = errorOfWire(wire, peer, codec);
    const isCancelled = request.phase === 'cancelling';
    if ('effect' in error && error.effect === 'unknown') {
      if (request.error?.code === 'PAXAKOS_ABORTED') this.#end(request);
      // It may be in the log all the same, and be seen there in a moment.
      else this.#doubt(request, error);
    } else if (isCancelled && wire.code === 'PAXAKOS_ABORTED') this.#finish(request, { type: 'unreached' });
    else this.#finish(request, { type: 'failed', error });
  }

  #cancel(request: Request, error: AppendError): void {
    request.phase = 'cancelling';
    request.error = error;
    request.endsAt = this.#parts.clock.now() + this.#parts.times.cancelMs();
    this.#cancels.push(request);
  }

  /** To be told at the end of this turn. */
  #cancels: Request[] = [];

  #doubt(request: Request, error: AppendError): void {
    if (request.phase === 'doubtful') return;
    request.error ??= error;
    request.phase = 'doubtful';
    request.endsAt = this.#parts.clock.now() + this.#parts.times.cancelMs();
  }

  #noAnswer(why: string): AppendError {
    return new DecorationAppendError('unknown', new NoAnswerError(this.#parts.peer, why));
  }

  #finish(request: Request, result: RequestResult): void {
    if (request.phase === 'finished') return;
    this.forget(request);
    request.finish(result);
  }

  #flushSoon(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    queueMicrotask(() => {
      this.#isFlushing = false;
      this.#flush();
    });
  }

  #flush(): void {
    const cancels = this.#cancels.filter(({ phase }) => phase === 'cancelling');
    this.#cancels = [];
    if (cancels.length > 0) this.#send(cancels.map(({ id }) => ({ type: 'cancel', id })));
    if (this.#waiting.size === 0) return;
    if (this.#session === undefined) {
      if (this.#owesSince === undefined) this.#greet();
    } else if (!this.#isSuspect()) this.#sendWaiting();
    else if (this.#owesSince === undefined) this.#send([]);
  }

  /** Whether what would be sent now might well be in doubt for long. */
  #isSuspect(): boolean {
    const now = this.#parts.clock.now();
    if (this.#owesSince === undefined)
      return this.#wasSilent || (this.#open.size === 0 && now - this.#heardAt > idleMs);
    return now - this.#owesSince > this.#parts.times.resendMs() * 2;
  }

  #sendWaiting(): void {
    const now = this.#parts.clock.now();
    let bytes = 0;
    let items: RequestItem[] = [];
    for (const request of this.#waiting) {
      if (this.#open.size >= openMax) break;
      this.#waiting.delete(request);
      this.#id += 1;
      request.id = this.#id;
      request.phase = 'sent';
      request.askedAt = now;
      this.#open.set(request.id, request);
      items.push({ type: 'append', id: request.id, ...request.item });
      bytes += request.item.payload.length + 64;
      if (bytes < messageBytesMax) continue;
      this.#send(items);
      items = [];
      bytes = 0;
    }
    if (items.length > 0) this.#send(items);
  }

  #greet(): void {
    this.#tell({ type: 'hello', nonce: this.#nonce });
  }

  #send(items: readonly RequestItem[]): void {
    if (this.#session === undefined) return;
    const [floor = this.#id + 1] = this.#open.keys();
    this.#tell({ type: 'requests', session: this.#session, floor, items });
  }

  #tell(message: Message): void {
    this.#owesSince ??= this.#parts.clock.now();
    this.#parts.channel.send([this.#parts.info()], encodeMessage(message));
  }

  #tickLater(): () => void {
    return this.#parts.clock.after(this.#parts.times.resendMs(), () => this.#tick());
  }

  #tick(): void {
    this.#cancelTick = undefined;
    const now = this.#parts.clock.now();
    const owedMs = now - (this.#owesSince ?? now);
    const isSilent = owedMs >= this.#parts.times.answerMs();
    const isUnwanted = !this.#parts.isStillWanted();
    if (isSilent) {
      this.#goneUntil = now + this.#parts.times.answerMs();
      this.#wasSilent = true;
    }
    // Whoever leads by now settles what this peer has left behind.
    const isLeft = isUnwanted && owedMs > this.#parts.times.resendMs() * 2;
    for (const request of this.#open.values()) {
      const { item, phase } = request;
      if (phase !== 'sent') {
        if (now >= request.endsAt) this.#end(request);
      } else if (isSilent || (isLeft && item.mustLead)) this.#cancel(request, this.#noAnswer('it is silent'));
    }
    for (const request of this.#waiting) {
      if (isUnwanted && request.item.mustLead) this.#finish(request, { type: 'moved' });
      else if (isSilent) this.#finish(request, { type: 'unreached' });
    }
    this.#ask(now);
    if (this.isIdle) this.#owesSince = undefined;
    else this.#cancelTick = this.#tickLater();
  }

  #end(request: Request): void {
    const error = request.error ?? this.#noAnswer('it is silent');
    this.#finish(request, { type: 'failed', error });
  }

  /** Asks what became of all that is open, and whether the peer is there at all. */
  #ask(now: number): void {
    if (this.#session === undefined) {
      if (this.#waiting.size > 0) this.#greet();
      return;
    }
    this.#cancels = [];
    const items: RequestItem[] = [];
    for (const { id, phase, askedAt } of this.#open.values()) {
      if (phase === 'cancelling') items.push({ type: 'cancel', id });
      else if (phase === 'sent' && now - askedAt >= this.#parts.times.resendMs()) items.push({ type: 'again', id });
    }
    if (items.length > 0 || this.#waiting.size > 0) this.#send(items);
  }
}
