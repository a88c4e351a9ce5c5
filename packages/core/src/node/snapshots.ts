import type { PaxakosEvent, Snapshot } from '../contracts/index.ts';
import { DisorientedError, InvalidError, isPaxakosError, SnapshotError, StoppedError } from '../contracts/index.ts';
import type { Replica } from '../protocol/index.ts';
import { type AnyState, checkedConcurrency, checkedMembers } from './any-state.ts';
import type { Applier } from './applier.ts';
import type { Driver } from './driver.ts';
import type { CheckedOptions } from './node-options.ts';
import { decodeSnapshot, encodeSnapshot } from './snapshot-codec.ts';

/** What snapshots are taken of and installed in. */
export interface SnapshotsParts {
  readonly options: CheckedOptions<AnyState>;
  readonly replica: Replica;
  readonly applier: Applier;
  readonly driver: Driver;
  readonly isStopping: () => boolean;
  readonly emit: (event: PaxakosEvent) => void;
  readonly onFailure: (error: unknown) => void;
}

/** Takes, stores and installs the snapshots of one node. */
export class Snapshots {
  readonly #parts: SnapshotsParts;
  #isStoring = false;
  /** Whether one could not be taken when it was due: the state was behind the log. */
  #isOwed = false;

  constructor(parts: SnapshotsParts) {
    this.#parts = parts;
  }

  /** Freezes the state, with all that goes with it. Throws `SnapshotError` where there is none, or it must not stand for the log. */
  take(): Snapshot {
    const { applier, replica } = this.#parts;
    if (applier.state === undefined) throw new SnapshotError('there is no state to take a snapshot of');
    const taken = this.#take(applier.state, false);
    if (taken !== undefined) return taken;
    const isFounded = replica.kernel.founding !== undefined;
    throw new SnapshotError(
      isFounded
        ? `the state stands after round ${applier.round}, behind what this node has settled: wait until it has caught up`
        : 'the cluster has not been founded yet, as far as this node knows',
    );
  }

  #take(state: AnyState, final: boolean): Snapshot | undefined {
    const { applier, driver, options, replica } = this.#parts;
    let frozen: Uint8Array;
    try {
      frozen = options.codec.encode(state.freeze());
    } catch (cause) {
      throw new SnapshotError('the state could not be frozen', { cause });
    }
    const taken = replica.image(frozen, applier.round, final);
    if (taken === undefined) return undefined;
    if (!driver.halted) driver.perform(taken.effects);
    return { round: taken.image.round, bytes: encodeSnapshot(taken.image) };
  }

  /**
   * Takes a snapshot and stores it, where there is one to be had; the log before it may then go. Where it cannot be stored,
   * the node fails. `final`: the node promises nothing any more.
   */
  async store(final = false): Promise<Snapshot | undefined> {
    const { applier, driver, onFailure, options } = this.#parts;
    driver.bytesWritten = 0;
    const snapshot = applier.state === undefined ? undefined : this.#take(applier.state, final);
    this.#isOwed = snapshot === undefined;
    if (snapshot === undefined) return undefined;
    try {
      await options.storage.saveSnapshot(snapshot);
    } catch (error) {
      onFailure(error);
      throw error;
    }
    return snapshot;
  }

  /** Stores one where enough has been written since the last, or one is owed. */
  keepUp(): void {
    const { applier, driver, emit, options, replica } = this.#parts;
    const isOwed = this.#isOwed && applier.round >= replica.kernel.learner.committed;
    if (this.#isStoring || (driver.bytesWritten < options.snapshotEveryBytes && !isOwed)) return;
    this.#isStoring = true;
    this.store()
      .catch((error: unknown) => {
        // The log is kept instead, and a snapshot is tried again after as many bytes.
        this.#isOwed = false;
        if (isPaxakosError(error, 'PAXAKOS_SNAPSHOT')) emit({ type: 'hookError', hook: 'state.freeze', error });
      })
      .finally(() => {
        this.#isStoring = false;
      });
  }

  /** Takes up a snapshot that is ahead of this node, or of one without a state; and stores it, as soon as that can be. */
  async install(snapshot: Snapshot): Promise<void> {
    const { applier, driver, emit, options } = this.#parts;
    if (driver.halted || this.#parts.isStopping()) throw new StoppedError('installSnapshot');
    if (!driver.hasBegun) throw new SnapshotError('the node has not started: install a snapshot after its init event');
    if (!(snapshot?.bytes instanceof Uint8Array))
      throw new InvalidError('snapshot', snapshot, 'give what takeSnapshot() or stop() gave');
    const image = decodeSnapshot(snapshot.bytes);
    if (image.cluster !== options.cluster) {
      throw new SnapshotError(
        `the snapshot is of the cluster "${image.cluster}", and this node of "${options.cluster}"`,
      );
    }
    if (applier.state !== undefined && image.round <= applier.round)
      throw new SnapshotError(`the snapshot stands after round ${image.round}, and this node is at ${applier.round}`);
    const report = applier.install(this.#thaw(image.state), image.round);
    applier.skipThrough(image.round, new DisorientedError('unknown'));
    driver.feed({ type: 'installed', image, report });
    emit({ type: 'install', round: image.round });
    await this.store();
  }

  /** Makes the state of a snapshot that the node starts with. */
  restore(snapshot: Snapshot): void {
    const { applier, replica } = this.#parts;
    const image = decodeSnapshot(snapshot.bytes);
    replica.restore(image, applier.install(this.#thaw(image.state), image.round));
  }

  #thaw(bytes: Uint8Array): AnyState {
    const { codec, state: factory } = this.#parts.options;
    try {
      const state = factory.thaw(codec.decode(bytes));
      checkedMembers(state.cluster());
      checkedConcurrency(state);
      return state;
    } catch (cause) {
      throw new SnapshotError('the state could not be thawed', { cause });
    }
  }
}
