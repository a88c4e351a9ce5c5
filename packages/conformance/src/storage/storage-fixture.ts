/// <reference lib="esnext.disposable" preserve="true" />
import type { Storage } from '@paxakos/core/contracts';

/**
 * What a storage, or the fixture that makes it, can do beyond the contract. Cases that need what isn't declared are skipped.
 *
 * - `durable`: what was appended is there for the next storage that opens the same place.
 * - `exclusive`: while one storage has the place open, every other one is refused.
 * - `crash`: the fixture has `crash()`.
 * - `resources`: the fixture has `resources()`.
 */
export type StorageCapability = 'durable' | 'exclusive' | 'crash' | 'resources';

/** One place of its own, made for one case. Disposing of it deletes the place. */
export interface StorageFixture extends AsyncDisposable {
  /** Makes an unopened storage over the place; called again: the same place, as a node finds it that starts anew. */
  storage(): Storage | Promise<Storage>;
  /** Ends all storages of the place at once, as a power cut does: none of them does anything from then on. */
  crash?(): void | Promise<void>;
  /** Names of what would keep the process alive now, such as `process.getActiveResourcesInfo()` gives. */
  resources?(): readonly string[];
}
