import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type StorageFixture, storageCases } from '@paxakos/conformance/storage';
import { fsStorage } from '@paxakos/storage-fs';
import test from 'ava';

// A place of its own for one case; each storage is the next one that opens it.
async function fixture(): Promise<StorageFixture> {
  const directory = await mkdtemp(join(tmpdir(), 'storage-'));
  return {
    storage: () => fsStorage({ directory }),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
  };
}

for (const each of storageCases(fixture, ['durable'])) test.serial(each.title, (t) => t.notThrowsAsync(each.run()));
