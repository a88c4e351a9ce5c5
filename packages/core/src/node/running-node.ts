import type {
  AnyLogEntry,
  AppendFunction,
  AppendOptions,
  Commit,
  EventOfType,
  EventsOptions,
  IncarnationId,
  NodeId,
  NodeInfo,
  Participation,
  PaxakosEvent,
  PaxakosNode,
  ReadFunction,
  ReadOptions,
  RoundNum,
  Snapshot,
  Status,
} from '../contracts/index.ts';
import { StoppedError } from '../contracts/index.ts';
import { checkedAppendOptions } from './append-desk.ts';
import type { NodeCore } from './node-core.ts';

/** A running node as applications, and decorations, see it. Appends and reads go through the layers that are given. */
export class RunningNode implements PaxakosNode {
  readonly #core: NodeCore;
  readonly #append: AppendFunction;
  readonly #read: ReadFunction;

  constructor(core: NodeCore, append: AppendFunction, read: ReadFunction) {
    this.#core = core;
    this.#append = append;
    this.#read = read;
  }

  get id(): NodeId {
    return this.#core.options.id;
  }

  get incarnation(): IncarnationId {
    return this.#core.replica.kernel.incarnation;
  }

  get status(): Status {
    return this.#core.status;
  }

  get participation(): Participation {
    return this.#core.replica.kernel.participation;
  }

  get round(): RoundNum {
    return this.#core.applier.round;
  }

  get committed(): RoundNum {
    return this.#core.replica.kernel.learner.committed;
  }

  get leader(): NodeId | undefined {
    return this.#core.replica.kernel.acceptor.greatest?.node;
  }

  get cluster(): readonly NodeInfo[] {
    return this.#core.applier.members;
  }

  get failure(): unknown {
    return this.#core.failure;
  }

  append(entry: AnyLogEntry, options: AppendOptions = {}): Promise<Commit<never>> {
    try {
      // Before any layer looks into them.
      checkedAppendOptions(options);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#append(entry, options) as Promise<Commit<never>>;
  }

  async read<Result>(fn: (state: never, round: RoundNum) => Result, options: ReadOptions): Promise<Result> {
    return await this.#read(fn as (state: unknown, round: RoundNum) => Result, options);
  }

  events(options?: EventsOptions): AsyncIterableIterator<PaxakosEvent> {
    return this.#core.hub.stream(options);
  }

  on<Type extends PaxakosEvent['type']>(
    type: Type,
    listener: (event: EventOfType<PaxakosEvent, Type>) => void,
  ): () => void {
    return this.#core.hub.on(type, listener as (event: PaxakosEvent) => void);
  }

  takeSnapshot(): Promise<Snapshot> {
    // In a turn of its own, so that no slice of entries is in the middle of being applied.
    return Promise.resolve().then(() => {
      if (this.#core.status === 'stopped') throw new StoppedError('takeSnapshot');
      return this.#core.snapshots.take();
    });
  }

  installSnapshot(snapshot: Snapshot): Promise<void> {
    return Promise.resolve().then(() => this.#core.snapshots.install(snapshot));
  }

  eject(reason: unknown): Promise<void> {
    if (this.#core.status === 'stopped') return Promise.reject(new StoppedError('eject'));
    return this.#core.eject(reason);
  }

  forceActive(): Promise<void> {
    return Promise.resolve().then(() => this.#core.forceActive());
  }

  stop(): Promise<Snapshot | undefined> {
    return this.#core.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
