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
  /** Rejects if the storage breaks the rule, at the latest after 10 minutes. */
  run(): Promise<void>;
}

/** Title, work, and the capabilities it needs. */
export type StorageCaseTable = readonly (readonly [
  title: string,
  work: (bed: StorageBed) => Promise<void>,
  requires?: readonly StorageCapability[],
])[];

const caseMsMax = 600_000;

/**
 * The rules of the storage contract, as data for any test runner: each case makes a fixture, uses it and disposes of it. Cases
 * that need a capability beyond `capabilities` are left out.
 */
export function storageCases(
  create: () => StorageFixture | Promise<StorageFixture>,
  capabilities: readonly StorageCapability[] = [],
): readonly StorageCase[] {
  const tables = [openCases, appendCases, readCases, snapshotCases, durabilityCases];
  const applies = (requires: readonly StorageCapability[]): boolean =>
    requires.every((capability) => capabilities.includes(capability));
  return tables.flat().flatMap(([title, work, requires = []]) => {
    const run = async (): Promise<void> => {
      await using bed = new StorageBed(await create());
      await within(caseMsMax, title, work(bed));
    };
    return applies(requires) ? [{ title, requires, run }] : [];
  });
}
