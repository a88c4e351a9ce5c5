import { noopEntry, rejoinEntry, rejoinOf } from '../communicator/index.ts';
import type {
  AnyLogEntry,
  AppendError,
  AppendOptions,
  Commit,
  Communicator,
  Effect,
  Entry,
  MemoryId,
  NodeInfo,
  PaxakosEvent,
  RoundNum,
  Snapshot,
  Status,
  VoteSeen,
} from '../contracts/index.ts';
import {
  DisorientedError,
  InvariantViolation,
  ShutDownError,
  SnapshotError,
  StoppedError,
} from '../contracts/index.ts';
import { BrokenInvariant, type Origin, Replica, type ReplicaEvent } from '../protocol/index.ts';
import type { AnyState } from './any-state.ts';
import { AppendDesk } from './append-desk.ts';
import { appendErrorOf, voteData } from './append-error-of.ts';
import { Applier } from './applier.ts';
import { Driver } from './driver.ts';
import { type EntryCodec, entryCodec } from './entry-codec.ts';
import { EventHub } from './event-hub.ts';
import type { CheckedOptions } from './node-options.ts';
import { SafeVoter } from './safe-voter.ts';
import { decodeSnapshot, encodeSnapshot } from './snapshot-codec.ts';

/** What is known of a node before its replica is made. */
export interface NodeIdentity {
  readonly self: NodeInfo;
  readonly memory: MemoryId;
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
  readonly voter: SafeVoter<AnyLogEntry>;
  readonly channels: Map<string, ChannelListener[]> = new Map();
  readonly voteListeners: ((vote: VoteSeen) => void)[] = [];
  readonly idListeners: Set<(entry: Entry, round: RoundNum) => void> = new Set();
  readonly stopping: AbortController = new AbortController();
  readonly #entryCodec: EntryCodec;
  failure: unknown;
  #status: Status = 'following';
  #started = false;
  #stopped: Promise<Snapshot | undefined> | undefined;
  #snapshotting = false;

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
      encode: (entry) => this.#entryCodec.encode(entry),
      errorOf: (failure) => appendErrorOf(failure, codec, tuning.queuedBytesMax),
      expect: (slot) => this.applier.expect(slot),
      submit: (requests) => this.driver.feed({ type: 'append', requests }),
      retry: (key) => this.driver.feed({ type: 'retry', key }),
      abandon: (key) => this.driver.feed({ type: 'abandon', key }),
      onHookError,
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

  /** Begins to take part, once the bus is open. */
  async open(self: NodeInfo): Promise<void> {
    this.communicator.onTrouble((trouble) => {
      if (this.hub.wants('trouble')) this.emit({ type: 'trouble', trouble });
    });
    await this.communicator.open(self, (sender, message) => {
      if (this.#started) this.driver.deliver(sender, message);
    });
  }

  start(): void {
    this.#started = true;
    this.driver.perform(this.replica.start(this.options.clock.now()));
    this.#refreshStatus();
    this.emit({ type: 'init', status: this.#status, round: this.applier.round });
  }

  #onApplied(through: RoundNum, reports: Parameters<Replica['replayApplied']>[1]): void {
    if (!this.#started) {
      this.replica.replayApplied(through, reports);
      return;
    }
    this.driver.feed({ type: 'applied', through, reports });
    if (this.driver.bytesWritten < this.options.snapshotEveryBytes || this.#snapshotting) return;
    this.#snapshotting = true;
    this.storeSnapshot()
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#snapshotting = false;
      });
  }

  #onChannel(sender: NodeInfo, channel: string, bytes: Uint8Array): void {
    for (const listener of this.channels.get(channel) ?? []) {
      try {
        listener(sender, bytes);
      } catch (error) {
        this.emit({ type: 'hookError', hook: `channel ${channel}`, error });
      }
    }
  }

  #onReplicaEvent(event: ReplicaEvent): void {
    if (event.type === 'vote') {
      const { kind, voter, number, round, requestedAt } = event;
      const data = voteData(event.data, this.options.codec);
      for (const listener of this.voteListeners) listener({ kind, voter, number, round, data, requestedAt });
    } else if (event.type === 'violation') {
      this.emit({ type: 'trouble', trouble: { type: 'refused', peer: event.peer, reason: event.reason } });
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
    if (this.#status === 'failed' || this.#stopped !== undefined) return;
    const isBroken = cause instanceof BrokenInvariant;
    const error = isBroken ? new InvariantViolation(cause.message, { cause }) : cause;
    this.failure = error;
    this.driver.halt();
    this.desk.shut((effect: Effect): AppendError => new ShutDownError(effect, error));
    this.#setStatus('failed');
    this.emit({ type: 'failure', error });
  }

  eject(reason: unknown): Promise<void> {
    const { round } = this.applier;
    if (this.applier.state === undefined) return Promise.resolve();
    this.applier.drop(new DisorientedError('unknown'));
    // Not at once: it may be the state's own apply that is to blame, in the middle of a slice.
    return Promise.resolve().then(() => {
      this.driver.feed({ type: 'ejected' });
      this.emit({ type: 'eject', reason, round });
    });
  }

  /** Freezes the state, with all that goes with it. Throws `SnapshotError` where there is none. */
  takeSnapshot(): Snapshot {
    const { state } = this.applier;
    if (state === undefined) throw new SnapshotError('there is no state to take a snapshot of');
    let frozen: Uint8Array;
    try {
      frozen = this.options.codec.encode(state.freeze());
    } catch (cause) {
      throw new SnapshotError('the state could not be frozen', { cause });
    }
    const taken = this.replica.image(frozen);
    if (taken === undefined) throw new SnapshotError('the cluster has not been founded yet, as far as this node knows');
    if (!this.driver.halted) this.driver.perform(taken.effects);
    return { round: taken.image.round, bytes: encodeSnapshot(taken.image) };
  }

  /** Takes a snapshot and stores it; the log before it may then go. */
  async storeSnapshot(): Promise<Snapshot> {
    const snapshot = this.takeSnapshot();
    this.driver.bytesWritten = 0;
    await this.options.storage.saveSnapshot(snapshot);
    return snapshot;
  }

  async installSnapshot(snapshot: Snapshot): Promise<void> {
    if (this.driver.halted) throw new StoppedError('installSnapshot');
    const image = decodeSnapshot(snapshot.bytes);
    if (image.cluster !== this.options.cluster) {
      throw new SnapshotError(
        `the snapshot is of the cluster "${image.cluster}", and this node of "${this.options.cluster}"`,
      );
    }
    const oriented = this.applier.state !== undefined;
    if (oriented && image.round <= this.applier.round) {
      throw new SnapshotError(
        `the snapshot stands after round ${image.round}, and this node is at ${this.applier.round}`,
      );
    }
    const state = this.#thaw(image.state);
    const report = this.applier.install(state, image.round);
    this.applier.skipThrough(image.round, new DisorientedError('unknown'));
    this.driver.feed({ type: 'installed', image, report });
    this.emit({ type: 'install', round: image.round });
    await this.storeSnapshot();
  }

  #thaw(bytes: Uint8Array): AnyState {
    try {
      return this.options.state.thaw(this.options.codec.decode(bytes));
    } catch (cause) {
      throw new SnapshotError('the state could not be thawed', { cause });
    }
  }

  /** Makes the state of a snapshot of this node's own, before it starts. */
  restore(snapshot: Snapshot): void {
    const image = decodeSnapshot(snapshot.bytes);
    this.replica.restore(image, this.applier.install(this.#thaw(image.state), image.round));
  }

  stop(): Promise<Snapshot | undefined> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<Snapshot | undefined> {
    this.stopping.abort(new StoppedError('the node'));
    const failed = this.#status === 'failed';
    let snapshot: Snapshot | undefined;
    try {
      if (!failed) this.driver.feed({ type: 'stop' });
      this.desk.shut((effect) => new ShutDownError(effect));
      if (!failed) {
        await this.driver.written;
        this.applier.drain();
        await this.driver.written;
        snapshot = await this.#finalSnapshot();
      }
    } finally {
      this.driver.halt();
      this.applier.drop(new ShutDownError('unknown'));
      await this.communicator.close();
      await this.options.storage.close();
      this.#setStatus('stopped');
      this.hub.close();
    }
    return snapshot;
  }

  async #finalSnapshot(): Promise<Snapshot | undefined> {
    if (this.applier.state === undefined || this.replica.kernel.member === undefined) return undefined;
    return await this.storeSnapshot();
  }
}
