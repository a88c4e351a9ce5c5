import { within } from '../transport/expect.ts';
import { appendCases } from './append-cases.ts';
import { durabilityCases } from './durability-cases.ts';
import { openCases } from './open-cases.ts';
import { readCases } from './read-cases.ts';
import { snapshotCases } from './snapshot-cases.ts';
import { StorageBed } from './storage-bed.ts';
import type { StorageCapability, StorageFixture } from './storage-fixture.ts';

/** One rule that a storage must keep. */
export interface StorageCase {
  /** The rule, in words. */
  readonly title: string;
  /** The capabilities it needs. */
  readonly requires: readonly StorageCapability[];
  /** Whether a capability it needs isn't declared: report it as skipped. */
  readonly isSkipped: boolean;
  /** Rejects where the storage breaks the rule, at the latest after 60 s. */
  run(): Promise<void>;
}

/** Title, work, and the capabilities it needs. */
export type StorageCaseTable = readonly (readonly [
  title: string,
  work: (bed: StorageBed) => Promise<void>,
  requires?: readonly StorageCapability[],
])[];

const caseMsMax = 60_000;

/** The rules of the storage contract, as data for any test runner: each case makes a fixture, uses it and disposes of it. */
export function storageCases(
  create: () => StorageFixture | Promise<StorageFixture>,
  capabilities: readonly StorageCapability[] = [],
): readonly StorageCase[] {
  const tables = [openCases, appendCases, readCases, snapshotCases, durabilityCases];
  return tables.flat().map(([title, work, requires = []]) => ({
    title,
    requires,
    isSkipped: !requires.every((capability) => capabilities.includes(capability)),
    async run() {
      await using bed = new StorageBed(await create());
      await within(caseMsMax, title, work(bed));
    },
  }));
}
