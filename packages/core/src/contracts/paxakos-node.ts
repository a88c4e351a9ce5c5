/// <reference lib="esnext.disposable" preserve="true" />
import type { AppendOptions, Commit } from './append.ts';
import type { EventOfType, PaxakosEvent } from './event.ts';
import type { AnyLogEntry, OutcomeOf } from './log-entry.ts';
import type { NodeInfo } from './node-info.ts';
import type { IncarnationId, NodeId, RoundNum } from './numbers.ts';
import type { Snapshot } from './snapshot.ts';
import type { Participation, Status } from './status.ts';

/**
 * How fresh a read must be. `'stale'`: whatever this node has applied. `'linearizable'`: everything that was applied anywhere before
 * the read began; it costs a no-op in the log, and gains leadership as an append does. `'lease'` and `'laxLease'`: the same, from
 * memory, while this node leads and holds the master leases of the members; they need the decoration `masterLeases`.
 */
export type Consistency = 'stale' | 'linearizable' | 'lease' | 'laxLease';

/** How to read. */
export interface ReadOptions {
  readonly consistency: Consistency;
  /** Gives up a read that has to wait: a linearizable one, or one by a lease. */
  readonly signal?: AbortSignal;
}

/** How to read events. */
export interface EventsOptions {
  /** Ends the iteration. */
  readonly signal?: AbortSignal;
  /** How many events may wait before the iterator throws `SlowConsumerError`. Default: 65,536. */
  readonly bufferedMax?: number;
}

/** A running node, before its decorations. */
export interface PaxakosNode<E extends AnyLogEntry = AnyLogEntry, S = unknown> {
  readonly id: NodeId;
  readonly incarnation: IncarnationId;
  readonly status: Status;
  readonly participation: Participation;
  /** The last round applied; 0 before the first. */
  readonly round: RoundNum;
  /** The round up to which every entry is known as committed. */
  readonly committed: RoundNum;
  /** Who owns the greatest number seen: the likely leader. */
  readonly leader: NodeId | undefined;
  /** The members that the state names, or, without a state, the last that were known. */
  readonly cluster: readonly NodeInfo[];
  /** Why the status is `failed`. */
  readonly failure: unknown;

  /**
   * Appends an entry. Resolves when it is committed: a majority has accepted it durably, and no crash takes it back.
   * Rejects with an `AppendError`, whose `effect` says whether it may still be committed; or, with nothing proposed, with
   * `InvalidError` where the entry or an option is not what it must be, or with what the codec threw.
   */
  append<const A extends E>(
    entry: A,
    options?: AppendOptions,
  ): Promise<Commit<OutcomeOf<Extract<E, { readonly type: A['type'] }>>>>;
  /**
   * Gives what `fn` makes of the state, which it must not change. A stale read calls `fn` before it returns. Rejects with `DisorientedError` where there is none, with
   * `StoppedError` after the stop, with what `fn` throws, and with the `AppendError` of a linearizable read's no-op.
   */
  read<Result>(fn: (state: S, round: RoundNum) => Result, options: ReadOptions): Promise<Result>;
  /** The events from now on. Reading them does not drive the node. */
  events(options?: EventsOptions): AsyncIterableIterator<PaxakosEvent<E>>;
  /**
   * Calls `listener` on each event of a type; gives a function that stops it. What a listener throws becomes a `hookError`.
   * Throws `InvalidError` where there is no such type.
   */
  on<Type extends PaxakosEvent<E>['type']>(
    type: Type,
    listener: (event: EventOfType<PaxakosEvent<E>, Type>) => void,
  ): () => void;
  /** Takes a snapshot of the state as applied now. Rejects with `SnapshotError` where there is none, or it cannot be frozen. */
  takeSnapshot(): Promise<Snapshot>;
  /**
   * Installs a snapshot that is ahead of this node, or any where it has no state. Its own promises and accepted proposals stay
   * (rule P3). Rejects with `SnapshotError` where the snapshot is damaged, of another cluster, not ahead, or cannot be thawed.
   */
  installSnapshot(snapshot: Snapshot): Promise<void>;
  /**
   * Gives up the state, with a reason. The node is disoriented until a snapshot is installed. Rejects with `StoppedError` after
   * the stop.
   */
  eject(reason: unknown): Promise<void>;
  /**
   * Makes a passive node vote at once: a last resort, for an operator who knows that no vote of its lost memory matters.
   * DANGER: if one does, entries that were committed can be lost. Rejects with `PassiveError` where the log knows nothing of
   * this node, and with `ExiledError` where it is no member.
   */
  forceActive(): Promise<void>;
  /**
   * Stops: gives up leadership, settles every append, and resolves to a final snapshot (`undefined` without a state) when
   * nothing is open. Idempotent. Rejects with what the storage, the bus or `freeze` failed with; all is closed then, too.
   */
  stop(): Promise<Snapshot | undefined>;
  [Symbol.asyncDispose](): Promise<void>;
}
