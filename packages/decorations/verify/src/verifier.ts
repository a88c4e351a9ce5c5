import type { DecorationHost, NodeInfo, RoundNum } from '@paxakos/core/contracts';
import { Agenda } from './agenda.ts';
import { Ballots } from './ballots.ts';
import { digestOf } from './digest.ts';
import { DivergedError } from './diverged-error.ts';
import { Electorate } from './electorate.ts';
import { Initiator } from './initiator.ts';
import { decodeMessage, encodeMessage, type Message } from './message.ts';
import type { CheckedVerifyOptions } from './verify-options.ts';

/** How often others are asked for a digest, of how many check points at once, and how often a check is tried. */
const asksMax = 5;
const openMax = 4;
const triesMax = 5;

/** What came of a check point, as this node sees it. */
export type Check =
  /** A majority has the state that this node has: of the members now, and of those who were trusted before. */
  | { readonly type: 'equal'; readonly round: RoundNum }
  /** A majority has another state: this node has given up its own. */
  | { readonly type: 'diverged'; readonly round: RoundNum; readonly error: DivergedError }
  /** States differ, and none is that of a majority: nobody can tell who is wrong, and nothing is done about it. */
  | { readonly type: 'undecided'; readonly round: RoundNum };

/** The times and intervals, as they are now. */
export interface VerifierSettings {
  readonly everyRounds: () => number;
  readonly answerMs: () => number;
}

/** A state of any kind, as far as it is looked at. */
interface AnyState {
  freeze(): unknown;
  cluster(): readonly NodeInfo[];
}

/** Compares this node's state with those of the others, check point by check point. */
export class Verifier {
  readonly #host: DecorationHost;
  readonly #options: CheckedVerifyOptions;
  readonly #settings: VerifierSettings;
  readonly #channel: ReturnType<DecorationHost['channel']>;
  readonly #ballots: Ballots;
  readonly #agenda: Agenda;
  readonly #electorate: Electorate;
  readonly #initiator: Initiator;
  /** Check points that are not settled, and how often others have been asked about them. */
  readonly #open = new Map<RoundNum, number>();
  readonly #waiters = new Set<() => void>();
  #cancelAsking: (() => void) | undefined;
  /** Counts the states that this node had. */
  #era = 0;
  lastConfirmed: RoundNum | undefined;
  /** The last round in which no member had another state, though those that have any are no majority. */
  #lastUnopposed: RoundNum | undefined;
  /** A round whose entry no peer has any more. */
  #stranded: RoundNum = 0;
  /** Since when nothing is lacking but the word of members that this node trusts, and does not hear. */
  #lackingSince: number | undefined;
  /** When a check point was last reached. */
  checkedAt: number;
  refused = 0;
  onCheck: (check: Check) => void = () => {};

  constructor(host: DecorationHost, options: CheckedVerifyOptions, settings: VerifierSettings) {
    this.#host = host;
    this.#options = options;
    this.#settings = settings;
    this.#channel = host.channel('digests');
    this.#ballots = new Ballots(host.node.id);
    this.#agenda = new Agenda(settings.everyRounds);
    this.#electorate = new Electorate(host);
    this.checkedAt = host.clock.now();
    this.#initiator = new Initiator({
      host,
      announce: (round) => this.#announce(round),
      entry: () => options.entry?.(this.#ballots.last?.digest ?? '', this.#ballots.last?.round ?? 0),
    });
    this.#agenda.skip(host.node.round);
    host.onEvent('apply', ({ round }) => {
      const isChange = this.#electorate.follow();
      // Where members change, too: those that go can still tell whether it is right that they do.
      if ((round >= this.#agenda.due && this.#agenda.reach(round)) || isChange) this.#look(round);
    });
    host.onEvent('install', ({ round }) => this.#changed(round));
    host.onEvent('eject', ({ round }) => this.#changed(round));
    host.onEvent('stranded', ({ round }) => {
      this.#stranded = round;
    });
    this.#channel.onMessage((sender, bytes) => this.#receive(sender, bytes));
    host.signal.addEventListener('abort', () => this.#stop(), { once: true });
  }

  /** The rounds between check points may be others now. */
  refresh(): void {
    if (typeof this.#options.everyRounds === 'function') this.#agenda.skip(this.#host.node.round);
  }

  /** Makes a check point soon. A node that does not lead leaves that to the one that does, unless it `insists`. */
  request(insists: boolean): void {
    const { status } = this.#host.node;
    if (status === 'leading') void this.#initiator.initiate('require');
    else if (insists && status !== 'disoriented') void this.#initiator.initiate('acquire');
    else this.#send({ type: 'wanted' });
  }

  /**
   * Whether the state that this node has now is that of a majority, in this round or a later one; or, where most members have no
   * state at all, that of all that have one.
   */
  async confirms(round: RoundNum): Promise<boolean> {
    const { clock, node, signal } = this.#host;
    const era = this.#era;
    let seen: RoundNum | undefined;
    const isSo = (): boolean =>
      Math.max(this.lastConfirmed ?? -1, this.#lastUnopposed ?? -1) >= round || this.#isBacked(seen);
    const isOver = (): boolean => era !== this.#era || signal.aborted || node.status === 'disoriented';
    for (let tries = 0; tries < triesMax && !isSo() && !isOver(); tries += 1) {
      this.request(tries >= 2);
      // Where nobody can append, there are no rounds to come: then the state as it is now has to do.
      if (tries > 0 && node.round >= round - 1) seen = this.#lookNow();
      const until = clock.now() + this.#settings.answerMs();
      while (!isSo() && !isOver() && clock.now() < until) await this.#pause(until - clock.now());
    }
    return isSo() && !isOver();
  }

  #isBacked(round: RoundNum | undefined): boolean {
    return (
      round !== undefined &&
      (this.#ballots.judge(round, this.#isPatient(round)) === 'equal' || this.#ballots.isUnopposed(round))
    );
  }

  /** Looks at the state as it is now. Gives its round, unless it is not what it was in that very round before. */
  #lookNow(): RoundNum | undefined {
    const { round } = this.#host.node;
    const digest = this.#digest(round);
    if (digest === undefined || !this.#note(round, digest)) return undefined;
    this.#send({ type: 'digest', round, digest, asks: true });
    this.#judge(round);
    return round;
  }

  /** Keeps a digest of this node. Gives whether it is as it was before, where there is one. */
  #note(round: RoundNum, digest: string): boolean {
    const before = this.#ballots.ownDigest(round);
    if (before !== undefined) return before === digest;
    const ids = (members: readonly NodeInfo[]): readonly string[] => members.map(({ id }) => id);
    const electorate = this.#electorate;
    electorate.note(round);
    this.#ballots.own(round, digest, ids(electorate.governing(round)), () => ids(electorate.trusted(round)));
    return true;
  }

  #look(round: RoundNum): void {
    const { clock } = this.#host;
    const digest = this.#digest(round);
    this.checkedAt = clock.now();
    if (digest === undefined) return;
    this.#note(round, digest);
    this.#open.set(round, 0);
    if (this.#open.size > openMax) this.#open.delete(Math.min(...this.#open.keys()));
    this.#send({ type: 'digest', round, digest, asks: this.#waiters.size > 0 });
    this.#judge(round);
    this.#askLater();
  }

  /** The digest of the state, which stands after `round` at this very moment. */
  #digest(round: RoundNum): string | undefined {
    const { codec, node, reportError } = this.#host;
    const { digest } = this.#options;
    let found: string | undefined;
    const look = (state: unknown, at: RoundNum): void => {
      if (at !== round) return;
      try {
        const any = state as AnyState;
        const content = digestOf(digest === undefined ? codec.encode(any.freeze()) : digest(state as never));
        // Whatever the application looks at: members that are wrong make everything wrong.
        const members = any.cluster().map(({ id }) => id);
        found = digestOf(JSON.stringify([content, members]));
      } catch (error) {
        reportError('digest', error);
      }
    };
    // A stale read calls its function before it returns.
    node.read(look, { consistency: 'stale' }).catch(() => {});
    return found;
  }

  #judge(round: RoundNum): void {
    const verdict = this.#ballots.judge(round, this.#isPatient(round));
    if (verdict === 'open' && this.#ballots.isUnopposed(round)) {
      this.#lastUnopposed = Math.max(this.#lastUnopposed ?? 0, round);
      this.#wakeAll();
    }
    if (verdict !== 'equal' && verdict !== 'diverged') return;
    if (!this.#ballots.settle(round)) return;
    this.#open.delete(round);
    this.#initiator.heeded(true);
    // What a majority had later counts for more: those that are heard of an earlier check point only now may come from far behind.
    if (verdict === 'diverged') return round > (this.lastConfirmed ?? 0) ? this.#diverged(round) : undefined;
    this.lastConfirmed = Math.max(this.lastConfirmed ?? 0, round);
    this.#lackingSince = undefined;
    this.#electorate.confirm(round);
    this.onCheck({ type: 'equal', round });
    this.#wakeAll();
  }

  /** Whether those that are trusted have been silent for as long as they are asked: they may be gone for good. */
  #isPatient(round: RoundNum): boolean {
    const { clock } = this.#host;
    if (this.#ballots.lacksTrusted(round)) this.#lackingSince ??= clock.now();
    return clock.now() - (this.#lackingSince ?? clock.now()) >= asksMax * this.#settings.answerMs();
  }

  #diverged(round: RoundNum): void {
    const error = new DivergedError((this.lastConfirmed ?? 0) + 1, round);
    this.#changed(round);
    this.#host.eject(error).catch(() => {});
    this.onCheck({ type: 'diverged', round, error });
  }

  /** Another state, or none: nothing that was said of the last one holds for it. */
  #changed(round: RoundNum): void {
    this.#era += 1;
    this.#ballots.forgetOwn();
    this.#open.clear();
    this.lastConfirmed = undefined;
    this.#lackingSince = undefined;
    this.#electorate.begin();
    this.#lastUnopposed = undefined;
    this.#agenda.skip(round);
    this.#wakeAll();
  }

  #announce(round: RoundNum): boolean {
    if (!this.#agenda.announce(round, this.#host.node.round)) return false;
    this.#send({ type: 'checkAt', round });
    return true;
  }

  #receive(sender: NodeInfo, bytes: Uint8Array): void {
    let message: Message;
    try {
      message = decodeMessage(bytes);
    } catch {
      this.refused += 1;
      return;
    }
    if (message.type === 'wanted') {
      if (this.#host.node.status === 'leading') this.request(false);
    } else if (message.type === 'checkAt') {
      this.#agenda.announce(message.round, this.#host.node.round);
    } else {
      this.#ballots.other(sender.id, message.round, message.type === 'digest' ? message.digest : undefined);
      if (message.type === 'digest' && message.asks) this.#answer(sender, message.round);
      this.#judge(message.round);
    }
  }

  #answer(to: NodeInfo, round: RoundNum): void {
    const { node } = this.#host;
    const digest = this.#ballots.ownDigest(round) ?? this.#digestIfAt(round);
    const isLost = node.status === 'disoriented' || (node.status === 'lagging' && node.round < this.#stranded);
    if (digest !== undefined) this.#channel.send([to], encodeMessage({ type: 'digest', round, digest, asks: false }));
    else if (isLost) this.#channel.send([to], encodeMessage({ type: 'blank', round }));
  }

  /** This node may stand in the very round that it is asked about. */
  #digestIfAt(round: RoundNum): string | undefined {
    if (this.#host.node.round !== round || this.#host.node.status === 'disoriented') return undefined;
    const digest = this.#digest(round);
    if (digest !== undefined) this.#note(round, digest);
    return digest;
  }

  #askLater(): void {
    if (this.#cancelAsking !== undefined || this.#open.size === 0 || this.#host.signal.aborted) return;
    this.#cancelAsking = this.#host.clock.after(this.#settings.answerMs(), () => {
      this.#cancelAsking = undefined;
      for (const [round, asks] of this.#open) this.#ask(round, asks);
      this.#askLater();
    });
  }

  /** Asks those who have said nothing of a round; gives up after a while, though what comes later still counts. */
  #ask(round: RoundNum, asks: number): void {
    const digest = this.#ballots.ownDigest(round);
    const silent = this.#ballots.silent(round);
    if (digest === undefined) return void this.#open.delete(round);
    if (asks < asksMax && silent.length > 0) {
      this.#open.set(round, asks + 1);
      this.#send({ type: 'digest', round, digest, asks: true }, silent);
      return;
    }
    this.#judge(round);
    if (!this.#open.delete(round)) return;
    if (this.#ballots.views(round) > 1) this.onCheck({ type: 'undecided', round });
    else this.#initiator.heeded(false);
  }

  #send(message: Message, only?: readonly string[]): void {
    const to = this.#electorate.others().filter(({ id }) => only?.includes(id) !== false);
    if (to.length > 0) this.#channel.send(to, encodeMessage(message));
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        this.#waiters.delete(done);
        resolve();
      };
      const cancel = this.#host.clock.after(ms, done);
      this.#waiters.add(done);
    });
  }

  #wakeAll(): void {
    for (const wake of this.#waiters) wake();
  }

  #stop(): void {
    this.#cancelAsking?.();
    this.#wakeAll();
  }
}
