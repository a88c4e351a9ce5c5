import type { PaxakosEvent, Snapshot } from '../contracts/index.ts';
import { DisorientedError, isPaxakosError, SnapshotError, StoppedError } from '../contracts/index.ts';
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
  emit(event: PaxakosEvent): void;
  onFailure(error: unknown): void;
}

/** Takes, stores and installs the snapshots of one node. */
export class Snapshots {
  readonly #parts: SnapshotsParts;
  #isStoring = false;

  constructor(parts: SnapshotsParts) {
    this.#parts = parts;
  }

  /** Freezes the state, with all that goes with it. Throws `SnapshotError` where there is none. */
  take(): Snapshot {
    const { applier, driver, options, replica } = this.#parts;
    const { state } = applier;
    if (state === undefined) throw new SnapshotError('there is no state to take a snapshot of');
    let frozen: Uint8Array;
    try {
      frozen = options.codec.encode(state.freeze());
    } catch (cause) {
      throw new SnapshotError('the state could not be frozen', { cause });
    }
    const taken = replica.image(frozen);
    if (taken === undefined) throw new SnapshotError('the cluster has not been founded yet, as far as this node knows');
    if (!driver.halted) driver.perform(taken.effects);
    return { round: taken.image.round, bytes: encodeSnapshot(taken.image) };
  }

  /** Takes a snapshot and stores it; the log before it may then go. Where it cannot be stored, the node fails. */
  async store(): Promise<Snapshot> {
    const { driver, onFailure, options } = this.#parts;
    driver.bytesWritten = 0;
    const snapshot = this.take();
    try {
      await options.storage.saveSnapshot(snapshot);
    } catch (error) {
      onFailure(error);
      throw error;
    }
    return snapshot;
  }

  /** Stores one where enough has been written since the last. */
  keepUp(): void {
    const { driver, emit, options } = this.#parts;
    if (driver.bytesWritten < options.snapshotEveryBytes || this.#isStoring) return;
    this.#isStoring = true;
    this.store()
      .catch((error: unknown) => {
        // The log is kept instead, and a snapshot is tried again after as many bytes.
        if (isPaxakosError(error, 'PAXAKOS_SNAPSHOT')) emit({ type: 'hookError', hook: 'state.freeze', error });
      })
      .finally(() => {
        this.#isStoring = false;
      });
  }

  /** Takes up a snapshot that is ahead of this node, and stores it. */
  async install(snapshot: Snapshot): Promise<void> {
    const { applier, driver, emit, options } = this.#parts;
    if (driver.halted) throw new StoppedError('installSnapshot');
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
