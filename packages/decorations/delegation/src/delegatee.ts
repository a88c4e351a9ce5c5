import {
  AbortedError,
  type AnyLogEntry,
  type AppendError,
  type AppendOptions,
  type Channel,
  type Codec,
  type DecorationHost,
  InvalidError,
  type NodeId,
  type NodeInfo,
} from '@paxakos/core/contracts';
import { encodeMessage } from './encode-message.ts';
import type { AnswerItem, AppendItem, Message, RequestItem, WireError } from './message.ts';
import { RequestTable } from './request-table.ts';
import { newToken } from './token.ts';
import { isAppendError, wireErrorOf } from './wire-error.ts';

/** Bounds on what peers can make this node hold. */
const requestsMax = 16_384;
const sessionsMax = 256;
const sessionsOfPeerMax = 2;
const rememberMs = 60_000;
const answersOfMessageMax = 4_096;

/** What came of a request, without its id. */
type Answer =
  | { readonly type: 'committed'; readonly round: number }
  | { readonly type: 'failed'; readonly error: WireError };

/** One appender, as long as it lives and this node does. */
interface Session {
  readonly token: string;
  readonly nonce: string;
  peer: NodeInfo;
  readonly table: RequestTable<Answer>;
  readonly work: Map<number, AbortController>;
  /** Answers that leave at the end of this turn; `undefined` where none do. */
  leaving: AnswerItem[] | undefined;
}

/** The longest delay that timers know. */
const pauseMs = 2 ** 31 - 1;
const giveUp = Symbol('the doubt has lasted too long');

/**
 * Appends what others send. Every request belongs to a session, which this life of the node has made: so what a former life may
 * have taken is never taken again. It is appended through the layers below only, once, and is never sent on.
 */
export class Delegatee {
  readonly #host: DecorationHost;
  readonly #channel: Channel;
  readonly #doubtMs: () => number;
  /** Which other node leads, or seems to. */
  readonly #leader: () => NodeId | undefined;
  /** The one used last comes last. */
  readonly #sessions = new Map<string, Session>();

  constructor(host: DecorationHost, channel: Channel, doubtMs: () => number, leader: () => NodeId | undefined) {
    this.#host = host;
    this.#channel = channel;
    this.#doubtMs = doubtMs;
    this.#leader = leader;
  }

  /** How many requests of others are being worked on. */
  get working(): number {
    let working = 0;
    for (const { table } of this.#sessions.values()) working += table.working;
    return working;
  }

  /** How many requests of others are remembered. */
  get remembered(): number {
    let remembered = 0;
    for (const { table } of this.#sessions.values()) remembered += table.size;
    return remembered;
  }

  hello(peer: NodeInfo, nonce: string): void {
    const ofPeer = [...this.#sessions.values()].filter((session) => session.peer.id === peer.id);
    let session = ofPeer.find((other) => other.nonce === nonce);
    if (session === undefined) {
      if (ofPeer.length >= sessionsOfPeerMax) this.#sessions.delete((ofPeer[0] as Session).token);
      for (const token of this.#sessions.keys()) {
        if (this.#sessions.size < sessionsMax) break;
        this.#sessions.delete(token);
      }
      const token = newToken(this.#host.random);
      const table = new RequestTable<Answer>(requestsMax, rememberMs);
      session = { token, nonce, peer, table, work: new Map(), leaving: undefined };
      this.#sessions.set(token, session);
    }
    this.#send(peer, { type: 'welcome', nonce, session: session.token });
  }

  requests(peer: NodeInfo, { session: token, floor, items }: Extract<Message, { type: 'requests' }>): void {
    const session = this.#sessions.get(token);
    if (session === undefined || session.peer.id !== peer.id)
      return this.#send(peer, { type: 'unknownSession', session: token });
    this.#sessions.delete(token);
    this.#sessions.set(token, session);
    session.peer = peer;
    const now = this.#host.clock.now();
    session.table.release(floor, now);
    // Whoever asks wants to hear at once that somebody is there.
    if (!items.some(({ type }) => type === 'append')) this.#leave(session);
    for (const item of items) this.#request(session, item, now);
  }

  #request(session: Session, item: RequestItem, now: number): void {
    const { table, work } = session;
    const { id } = item;
    const verdict =
      item.type === 'append'
        ? table.take(id, now)
        : item.type === 'again'
          ? table.look(id)
          : table.refuse(id, refused(this.#host), now);
    switch (verdict.type) {
      case 'take':
        void this.#append(session, item as AppendItem);
        break;
      case 'working':
        if (item.type === 'cancel') work.get(id)?.abort('cancelled');
        break;
      case 'answered':
        this.#leave(session, { id, ...verdict.answer });
        break;
      case 'missing':
      case 'forgotten':
        this.#leave(session, { type: verdict.type, id });
        break;
      // As if it had been lost on its way: it is asked for again.
      case 'full':
        break;
    }
  }

  async #append(session: Session, item: AppendItem): Promise<void> {
    const { id } = item;
    const { clock, codec, node } = this.#host;
    const controller = new AbortController();
    session.work.set(id, controller);
    const doubt = new Doubt(() => clock.after(Math.min(this.#doubtMs(), pauseMs - 1), () => controller.abort(giveUp)));
    let answer: Answer;
    try {
      const retry = ({ error }: { readonly error: AppendError }): number | undefined =>
        // A paused attempt that comes to its end counts; the pause is longer than the doubt may last.
        doubt.about(error) ? pauseMs : undefined;
      const options = { ...this.#optionsOf(item), retry, signal: controller.signal };
      const { round } = await node.append(entryOf(item, codec), options);
      answer = { type: 'committed', round };
    } catch (error) {
      const isOver = controller.signal.reason === giveUp && isAppendError(error) && error.effect === 'unknown';
      answer = { type: 'failed', error: wireErrorOf(isOver ? doubt.error : error, codec) };
    }
    doubt.end();
    session.work.delete(id);
    session.table.answer(id, answer, clock.now());
    this.#leave(session, { id, ...answer });
  }

  #optionsOf({ leadership, mustLead, from, to }: AppendItem): AppendOptions {
    const { node } = this.#host;
    // Where nobody else is known to lead, this node may gain leadership again. Else it must not take it from another one.
    const mayGain = !mustLead || (node.leader === node.id && this.#leader() === undefined);
    const round = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
    const isRanged = from !== undefined || to !== undefined;
    return { leadership: leadership === 'acquire' && !mayGain ? 'require' : leadership, ...(isRanged && { round }) };
  }

  /** Answers at the end of this turn, together with whatever else is answered until then. */
  #leave(session: Session, item?: AnswerItem): void {
    if (session.leaving === undefined) {
      session.leaving = [];
      queueMicrotask(() => this.#flush(session));
    }
    if (item !== undefined) session.leaving.push(item);
  }

  #flush(session: Session): void {
    const { leaving = [], peer, token } = session;
    session.leaving = undefined;
    for (let at = 0; at === 0 || at < leaving.length; at += answersOfMessageMax)
      this.#send(peer, { type: 'answers', session: token, items: leaving.slice(at, at + answersOfMessageMax) });
  }

  #send(peer: NodeInfo, message: Message): void {
    this.#channel.send([peer], encodeMessage(message));
  }
}

/** An attempt that may still come to a good end. */
class Doubt {
  readonly #begin: () => () => void;
  #cancel: (() => void) | undefined;
  error: AppendError | undefined;

  constructor(begin: () => () => void) {
    this.#begin = begin;
  }

  /** Whether there is doubt after this error. Begins to measure how long it lasts. */
  about(error: AppendError): boolean {
    if (error.effect === 'none') return false;
    this.error = error;
    this.#cancel ??= this.#begin();
    return true;
  }

  end(): void {
    this.#cancel?.();
  }
}

function refused({ codec }: DecorationHost): Answer {
  return { type: 'failed', error: wireErrorOf(new AbortedError('none', undefined), codec) };
}

/** As core does it: the id goes beside what the codec makes of the rest. */
function entryOf({ entryId, payload }: AppendItem, codec: Codec): AnyLogEntry {
  let rest: unknown;
  try {
    rest = codec.decode(payload);
  } catch (error) {
    throw new InvalidError('entry', error, 'it cannot be decoded: have the same codec on all nodes');
  }
  // Else each character, item or byte of it would become a property.
  if (typeof rest !== 'object' || rest === null || Array.isArray(rest) || ArrayBuffer.isView(rest))
    throw new InvalidError('entry', typeof rest, 'an entry is an object');
  return { ...(rest as AnyLogEntry), id: entryId };
}
