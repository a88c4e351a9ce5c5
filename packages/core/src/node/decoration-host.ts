import { encodeUtf8 } from '../communicator/index.ts';
import type {
  AnyLogEntry,
  AppendFunction,
  AppendOptions,
  Channel,
  Commit,
  DecorationHost,
  DueTimer,
  Entry,
  EventOfType,
  MandateSeen,
  NodeInfo,
  OfState,
  OpenRounds,
  PaxakosEvent,
  ReadFunction,
  RoundNum,
  Voter,
  VoteSeen,
} from '../contracts/index.ts';
import { AbortedError, InvalidError, StoppedError } from '../contracts/index.ts';
import { callHook } from './call-hook.ts';
import { HostDueTimer } from './due-timer.ts';
import type { NodeCore } from './node-core.ts';
import { RunningNode } from './running-node.ts';

/** Where one decoration stands: above those installed before it. */
export interface DecorationPlace {
  readonly name: string;
  readonly uses: Readonly<Record<string, unknown>>;
  /** The append of the layers below. */
  readonly below: AppendFunction;
  wrapAppend(wrap: (next: AppendFunction) => AppendFunction): void;
  /** The read of the layers below. */
  readonly read: ReadFunction;
  wrapRead(wrap: (next: ReadFunction) => ReadFunction): void;
}

/** What one decoration is given. Everything taken here ends with the node. */
export class CoreDecorationHost implements DecorationHost {
  readonly #core: NodeCore;
  readonly #place: DecorationPlace;
  /** Of this decoration alone: ten of them would be more listeners on one signal than Node.js takes for sound. */
  readonly #ending = new AbortController();
  readonly node: RunningNode;

  constructor(core: NodeCore, place: DecorationPlace) {
    this.#core = core;
    this.#place = place;
    this.node = new RunningNode(core, place.below, place.read);
    core.stopListeners.add(() => this.#ending.abort(new StoppedError('the node')));
    // A decoration may take what it uses out of the host: `install({ node, poll }) { … }`.
    this.onEvent = this.onEvent.bind(this);
    this.aroundAppend = this.aroundAppend.bind(this);
    this.aroundRead = this.aroundRead.bind(this);
    this.aroundVoter = this.aroundVoter.bind(this);
    this.onVote = this.onVote.bind(this);
    this.openRounds = this.openRounds.bind(this);
    this.mandate = this.mandate.bind(this);
    this.channel = this.channel.bind(this);
    this.poll = this.poll.bind(this);
    this.dueTimer = this.dueTimer.bind(this);
    this.eject = this.eject.bind(this);
    this.awaitCommitOf = this.awaitCommitOf.bind(this);
    this.appendNoop = this.appendNoop.bind(this);
    this.setting = this.setting.bind(this);
    this.reportError = this.reportError.bind(this);
  }

  get uses(): never {
    return this.#place.uses as never;
  }

  get clock(): NodeCore['options']['clock'] {
    return this.#core.options.clock;
  }

  get random(): NodeCore['options']['random'] {
    return this.#core.options.random;
  }

  get codec(): NodeCore['options']['codec'] {
    return this.#core.options.codec;
  }

  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  onEvent<Type extends PaxakosEvent['type']>(
    type: Type,
    listener: (event: EventOfType<PaxakosEvent, Type>) => void,
  ): void {
    this.#core.hub.on(type, listener as (event: PaxakosEvent) => void);
  }

  aroundAppend(wrap: (next: AppendFunction) => AppendFunction): void {
    this.#place.wrapAppend(wrap);
  }

  aroundRead(wrap: (next: ReadFunction) => ReadFunction): void {
    this.#place.wrapRead(wrap);
  }

  aroundVoter(wrap: (next: Required<Voter<AnyLogEntry>>) => Voter<AnyLogEntry>): void {
    this.#core.voter.wrap(wrap);
  }

  onVote(listener: (vote: VoteSeen) => void): void {
    this.#core.voteListeners.push((vote) => this.#guard('onVote', () => listener(vote)));
  }

  openRounds(): OpenRounds {
    const { window, learner } = this.#core.replica.kernel;
    return { from: window.applied + 1, to: window.reach, committed: learner.greatest, clusters: window.epochs };
  }

  mandate(): MandateSeen | undefined {
    const { driver, replica } = this.#core;
    const { mandate } = replica;
    if (mandate === undefined || driver.halted) return undefined;
    return { number: mandate.number, holdsThrough: mandate.horizon, inheritedThrough: mandate.inheritedThrough };
  }

  channel(name: string): Channel {
    const full = `${this.#place.name}/${name}`;
    const { channels, communicator } = this.#core;
    return {
      send: (receivers: readonly NodeInfo[], bytes: Uint8Array) =>
        communicator.send(receivers, { type: 'channel', channel: full, bytes }),
      onMessage: (listener) => {
        const listeners = channels.get(full) ?? [];
        listeners.push(listener);
        channels.set(full, listeners);
      },
    };
  }

  poll(fn: () => number | undefined | Promise<number | undefined>): void {
    const { clock, signal } = this;
    const { stopListeners } = this.#core;
    let cancel = (): void => {};
    const again = (delayMs: number | undefined): void => {
      if (delayMs === undefined || signal.aborted) return;
      if (!(delayMs >= 0))
        throw new InvalidError('poll', delayMs, 'give milliseconds, 0 or more, or undefined to end it');
      cancel = clock.after(delayMs, () => void run());
    };
    const run = async (): Promise<void> => {
      if (signal.aborted) return;
      try {
        again(await fn());
      } catch (error) {
        this.reportError('poll', error);
      }
    };
    stopListeners.add(() => cancel());
    this.#core.whenStarted(() => void run());
  }

  dueTimer(dueAt: () => number, onDue: () => void): DueTimer {
    return new HostDueTimer(this, dueAt, onDue, (error) => this.reportError('dueTimer', error));
  }

  eject(reason: unknown): Promise<void> {
    return this.node.eject(reason);
  }

  awaitCommitOf(entryId: string, signal?: AbortSignal): Promise<RoundNum> {
    const { idListeners, stopListeners } = this.#core;
    const wanted = encodeUtf8(entryId);
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        idListeners.delete(listener);
        signal?.removeEventListener('abort', onAbort);
        stopListeners.delete(onStop);
      };
      const listener = (entry: Entry, round: RoundNum): void => {
        if (entry.id.length !== wanted.length || entry.id.some((byte, at) => byte !== wanted[at])) return;
        leave();
        resolve(round);
      };
      const onAbort = (): void => {
        leave();
        reject(new AbortedError('unknown', signal?.reason));
      };
      const onStop = (): void => {
        leave();
        reject(new StoppedError('awaitCommitOf'));
      };
      if (this.signal.aborted) return onStop();
      if (signal?.aborted) return onAbort();
      idListeners.add(listener);
      signal?.addEventListener('abort', onAbort);
      stopListeners.add(onStop);
    });
  }

  appendNoop(options?: AppendOptions): Promise<Commit<void>> {
    return this.#core.appendNoop(options);
  }

  setting<Value>(
    name: string,
    option: OfState<never, Value>,
    initial: Value,
    check: (value: unknown) => Value,
  ): () => Value {
    if (typeof option !== 'function') return () => option;
    const make = option as (state: unknown) => unknown;
    let last = initial;
    let isBad = false;
    return () => {
      const { state } = this.#core.applier;
      if (state === undefined) return last;
      try {
        last = check(make(state));
        isBad = false;
      } catch (error) {
        // It may be read with every entry: once is enough.
        if (!isBad) this.reportError(name, error);
        isBad = true;
      }
      return last;
    };
  }

  reportError(hook: string, error: unknown): void {
    this.#core.emit({ type: 'hookError', hook: `${this.#place.name}: ${hook}`, error });
  }

  #guard(hook: string, call: () => unknown): void {
    callHook(call, (error) => this.reportError(hook, error));
  }
}
