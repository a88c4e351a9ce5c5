// The suite over real files, with segments of the default size and with tiny ones that are left behind all the time.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type StorageFixture, storageCases } from '@paxakos/conformance/storage';
import test from 'ava';
import { type FsStorageOptions, fsStorage } from '../src/index.ts';

async function filesFixture(options: Omit<FsStorageOptions, 'directory'>): Promise<StorageFixture> {
  const directory = await mkdtemp(join(tmpdir(), 'paxakos-'));
  return {
    storage: () => fsStorage({ ...options, directory }),
    resources: () => process.getActiveResourcesInfo(),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
  };
}

const kinds = { default: {}, tiny: { segmentBytes: 65_536, retain: { entries: 100, bytes: 300_000 } } };

for (const [name, options] of Object.entries(kinds)) {
  for (const each of storageCases(() => filesFixture(options), ['durable', 'exclusive', 'resources'])) {
    test.serial(`files, ${name}: ${each.title}`, (t) => t.notThrowsAsync(each.run()));
  }
}
