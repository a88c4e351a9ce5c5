import { noopEntry, rejoinEntry, rejoinOf } from '../communicator/index.ts';
import type {
  AnyLogEntry,
  AppendError,
  AppendOptions,
  Commit,
  Communicator,
  Effect,
  Entry,
  IncarnationId,
  NodeInfo,
  PaxakosEvent,
  RoundNum,
  Snapshot,
  Status,
  VoteSeen,
} from '../contracts/index.ts';
import {
  DisorientedError,
  ExiledError,
  InvalidError,
  InvariantViolation,
  PassiveError,
  ShutDownError,
  StoppedError,
  StorageError,
} from '../contracts/index.ts';
import {
  BrokenInvariant,
  type Origin,
  Replica,
  type Effect as ReplicaEffect,
  type ReplicaEvent,
} from '../protocol/index.ts';
import type { AnyState } from './any-state.ts';
import { AppendDesk } from './append-desk.ts';
import { appendErrorOf, voteData } from './append-error-of.ts';
import { Applier } from './applier.ts';
import { callHook } from './call-hook.ts';
import { Driver } from './driver.ts';
import { type EntryCodec, entryCodec } from './entry-codec.ts';
import { EventHub } from './event-hub.ts';
import type { CheckedOptions } from './node-options.ts';
import { SafeVoter } from './safe-voter.ts';
import { Snapshots } from './snapshots.ts';

/** What is known of a node before its replica is made. */
export interface NodeIdentity {
  readonly self: NodeInfo;
  readonly incarnation: IncarnationId;
  readonly origin: Origin;
  readonly initial: { readonly members: readonly NodeInfo[]; readonly concurrency: number };
}

type ChannelListener = (sender: NodeInfo, bytes: Uint8Array) => void;

/** All parts of one running node, wired together. */
export class NodeCore {
  readonly options: CheckedOptions<AnyState>;
  readonly communicator: Communicator;
  readonly hub: EventHub<AnyLogEntry> = new EventHub();
  readonly replica: Replica;
  readonly driver: Driver;
  readonly applier: Applier;
  readonly desk: AppendDesk;
  readonly snapshots: Snapshots;
  readonly voter: SafeVoter<AnyLogEntry>;
  readonly channels: Map<string, ChannelListener[]> = new Map();
  readonly voteListeners: ((vote: VoteSeen) => void)[] = [];
  readonly idListeners: Set<(entry: Entry, round: RoundNum) => void> = new Set();
  /** Called when the node begins to stop. */
  readonly stopListeners: Set<() => void> = new Set();
  readonly #entryCodec: EntryCodec;
  failure: unknown;
  #status: Status = 'following';
  #started = false;
  #stopped: Promise<Snapshot | undefined> | undefined;
  #isHung = false;
  readonly #onStarted: (() => void)[] = [];

  constructor(options: CheckedOptions<AnyState>, communicator: Communicator, identity: NodeIdentity) {
    this.options = options;
    this.communicator = communicator;
    const { clock, codec, random, storage, tuning } = options;
    this.#entryCodec = entryCodec(codec);
    const onHookError = (hook: string, error: unknown): void => this.emit({ type: 'hookError', hook, error });
    const decode = (entry: Entry): AnyLogEntry => this.#entryCodec.decode(entry);
    this.voter = new SafeVoter(options.voter, { codec, decode, onError: onHookError });
    this.replica = new Replica(
      {
        ...identity,
        cluster: options.cluster,
        random,
        voter: this.voter,
        entries: { noop: noopEntry, rejoin: rejoinEntry, rejoinOf },
        tuning,
        votesWanted: () => this.voteListeners.length > 0,
      },
      () => storage.retainedFrom,
    );
    this.driver = new Driver({
      replica: this.replica,
      storage,
      communicator,
      clock,
      messageEntryBytesMax: tuning.messageEntryBytesMax,
      onApply: (proposals) => {
        for (const listener of this.idListeners) for (const { entry, round } of proposals) listener(entry, round);
        this.applier.push(proposals);
      },
      onSettle: (key, settlement) => this.desk.settled(key, settlement),
      onEvent: (event) => this.#onReplicaEvent(event),
      onChannel: (sender, channel, bytes) => this.#onChannel(sender, channel, bytes),
      onIdle: () => this.#refreshStatus(),
      onFailure: (error) => this.#fail(error),
    });
    this.applier = new Applier({
      clock,
      entryCodec: this.#entryCodec,
      hub: this.hub,
      onApplied: (through, reports) => this.#onApplied(through, reports),
      onFault: (error) => void this.eject(error),
      onHookError,
    });
    this.desk = new AppendDesk({
      clock,
      random,
      encode: (entry) => this.#encode(entry),
      errorOf: (failure) => appendErrorOf(failure, codec, tuning.queuedBytesMax),
      expect: (slot) => this.applier.expect(slot),
      submit: (requests) => this.driver.feed({ type: 'append', requests }),
      retry: (key) => this.driver.feed({ type: 'retry', key }),
      abandon: (key) => this.driver.feed({ type: 'abandon', key }),
      onHookError,
    });
    this.snapshots = new Snapshots({
      options,
      replica: this.replica,
      applier: this.applier,
      driver: this.driver,
      isStopping: () => this.#stopped !== undefined,
      emit: (event) => this.emit(event),
      onFailure: (error) => this.#fail(error),
    });
  }

  get status(): Status {
    return this.#status;
  }

  append(entry: AnyLogEntry, options?: AppendOptions): Promise<Commit<unknown>> {
    return this.desk.append(entry, options);
  }

  appendNoop(options?: AppendOptions): Promise<Commit<void>> {
    return this.desk.appendEntry(noopEntry, options) as Promise<Commit<void>>;
  }

  emit(event: PaxakosEvent): void {
    this.hub.emit(event);
  }

  #encode(value: AnyLogEntry): Entry {
    const entry = this.#entryCodec.encode(value);
    const { entryBytesMax } = this.options.tuning;
    if (entry.bytes.length <= entryBytesMax) return entry;
    const remedy = `an entry takes at most ${entryBytesMax} bytes: append a smaller one, or raise tuning.entryBytesMax on all nodes`;
    throw new InvalidError('entry', `${entry.bytes.length} bytes`, remedy);
  }

  /** Begins to take part, once the bus is open. */
  async open(self: NodeInfo): Promise<void> {
    this.communicator.onTrouble((trouble) => {
      if (this.hub.wants('trouble')) this.emit({ type: 'trouble', trouble });
    });
    await this.communicator.open(self, (sender, message) => {
      if (this.#started) this.driver.deliver(sender, message);
    });
  }

  /** Carries out what a replay gave, at once. */
  replayed(effects: readonly ReplicaEffect[]): void {
    for (const effect of effects) {
      if (effect.type === 'apply') this.applier.push(effect.proposals);
      if (effect.type === 'emit' && effect.event.type === 'violation') this.#onReplicaEvent(effect.event);
    }
    this.applier.drain();
  }

  start(): void {
    this.#started = true;
    this.driver.perform(this.replica.start(this.options.clock.now()));
    this.#refreshStatus();
    this.emit({ type: 'init', status: this.#status, round: this.applier.round });
    this.driver.begin();
    for (const call of this.#onStarted.splice(0)) call();
  }

  /** Calls `call` once the node takes part. */
  whenStarted(call: () => void): void {
    if (this.#started) call();
    else this.#onStarted.push(call);
  }

  #onApplied(through: RoundNum, reports: Parameters<Replica['replayApplied']>[1]): void {
    if (!this.#started) {
      this.replica.replayApplied(through, reports);
      return;
    }
    this.driver.feed({ type: 'applied', through, reports });
    this.snapshots.keepUp();
  }

  #onChannel(sender: NodeInfo, channel: string, bytes: Uint8Array): void {
    for (const listener of this.channels.get(channel) ?? []) {
      callHook(
        () => listener(sender, bytes),
        (error) => this.emit({ type: 'hookError', hook: `channel ${channel}`, error }),
      );
    }
  }

  #onReplicaEvent(event: ReplicaEvent): void {
    if (event.type === 'vote') {
      const { kind, voter, incarnation, number, round, requestedAt } = event;
      const data = voteData(event.data, this.options.codec);
      for (const listener of this.voteListeners)
        listener({ kind, voter, incarnation, number, round, data, requestedAt });
    } else if (event.type === 'distrust') {
      this.emit({ type: 'trouble', trouble: { type: 'refused', peer: event.peer, reason: event.reason } });
    } else if (event.type === 'violation') {
      this.emit({ type: 'trouble', trouble: { type: 'refused', peer: event.peer, reason: event.reason } });
      // The protocol applies nothing to this state any more, so nobody else should take it for one.
      if (event.peer === this.options.id)
        void this.eject(
          new InvalidError('state.create()', event.reason, 'create the state that the founders began with'),
        );
    } else if (this.hub.wants(event.type)) {
      this.emit(event);
    }
  }

  #refreshStatus(): void {
    if (this.#status === 'failed' || this.#status === 'stopped' || !this.#started) return;
    this.#setStatus(this.replica.standing);
  }

  #setStatus(to: Status): void {
    const from = this.#status;
    if (from === to) return;
    this.#status = to;
    this.emit({ type: 'statusChange', from, to });
  }

  /** The node must not go on: it votes no more, and acknowledges nothing. */
  #fail(cause: unknown): void {
    if (this.failure !== undefined) return;
    const isBroken = cause instanceof BrokenInvariant;
    const error = isBroken ? new InvariantViolation(cause.message, { cause }) : cause;
    this.failure = error;
    if (this.#stopped !== undefined) return;
    this.driver.halt();
    this.desk.shut((effect: Effect): AppendError => new ShutDownError(effect, error));
    this.#setStatus('failed');
    this.emit({ type: 'failure', error });
  }

  eject(reason: unknown): Promise<void> {
    const { round } = this.applier;
    if (this.applier.state === undefined) return Promise.resolve();
    this.applier.drop(new DisorientedError('unknown'));
    if (!this.#started) {
      this.replica.disorient();
      this.emit({ type: 'eject', reason, round });
      return Promise.resolve();
    }
    // Not at once: it may be the state's own apply that is to blame, in the middle of a slice.
    return Promise.resolve().then(() => {
      // A snapshot that was installed in between is a state of its own.
      if (this.applier.state === undefined) this.driver.feed({ type: 'ejected' });
      this.emit({ type: 'eject', reason, round });
    });
  }

  /** Takes up the incarnation that the log knows of this node. */
  async forceActive(): Promise<void> {
    if (this.driver.halted) throw new StoppedError('forceActive');
    this.driver.feed({ type: 'forceActive' });
    await this.driver.written;
    if (this.replica.kernel.participation.type !== 'passive') return;
    throw this.replica.kernel.member === false ? new ExiledError('none') : new PassiveError('none');
  }

  /** Ends a start that failed. Leaves nothing open. */
  async abandon(): Promise<void> {
    this.#stopped = Promise.resolve(undefined);
    this.#endDecorations();
    this.desk.shut((effect) => new ShutDownError(effect));
    this.#halt();
    await closeAll([this.communicator, this.options.storage]).catch(() => {});
  }

  #endDecorations(): void {
    for (const listener of this.stopListeners) {
      this.stopListeners.delete(listener);
      callHook(listener, (error) => this.emit({ type: 'hookError', hook: 'stop', error }));
    }
  }

  stop(): Promise<Snapshot | undefined> {
    // In a turn of its own: what hears that the node stops may call this again.
    this.#stopped ??= Promise.resolve().then(() => this.#stop());
    return this.#stopped;
  }

  async #stop(): Promise<Snapshot | undefined> {
    const failed = this.#status === 'failed';
    this.#endDecorations();
    try {
      if (!failed) this.driver.feed({ type: 'stop' });
      this.desk.shut((effect) => new ShutDownError(effect));
      return failed ? undefined : await this.#finish();
    } finally {
      this.#halt();
      const closed = closeAll([this.communicator, this.options.storage]);
      await (this.#isHung ? this.communicator.close() : closed);
    }
  }

  #halt(): void {
    this.driver.halt();
    this.applier.drop(new ShutDownError('unknown'));
    this.#setStatus('stopped');
    this.hub.close();
  }

  /** Applies what is committed, and takes a final snapshot, once all is durable. */
  async #finish(): Promise<Snapshot | undefined> {
    await this.#written();
    this.applier.drain();
    await this.#written();
    if (this.failure !== undefined) throw this.failure;
    if (this.applier.state === undefined || this.replica.kernel.member === undefined) return undefined;
    return await this.snapshots.store(true);
  }

  /** Waits for the storage, but not for ever (H47). */
  async #written(): Promise<void> {
    const { clock, tuning } = this.options;
    let cancel = (): void => {};
    const late = new Promise<void>((resolve) => {
      cancel = clock.after(tuning.persistMsMax, () => {
        this.#isHung = true;
        resolve();
      });
    });
    await Promise.race([this.driver.written, late]);
    cancel();
    if (!this.#isHung) return;
    throw new StorageError('PAXAKOS_STORAGE_FAILED', `the storage has not answered for ${tuning.persistMsMax} ms`);
  }
}

/** Closes each, whatever becomes of the others; then rejects with the first error, if any. */
async function closeAll(parts: readonly { close(): Promise<unknown> }[]): Promise<void> {
  const results = await Promise.allSettled(parts.map(async (part) => part.close()));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
