// The suite over a simulated disk, power cuts included: a random part of what was not synced reaches the disk.
import { type StorageFixture, storageCases } from '@paxakos/conformance/storage';
import test from 'ava';
import { randomOf, storageOver } from './model.ts';
import { SimulatedDisk } from './simulated-disk.ts';

let seed = 0;

function diskFixture(): StorageFixture {
  seed += 1;
  const random = randomOf(seed);
  let disk = new SimulatedDisk();
  return {
    storage: () => storageOver(disk),
    crash() {
      disk = disk.cut(() => random(2) === 0);
    },
    async [Symbol.asyncDispose]() {},
  };
}

const heavy = /16 MiB|20,000 records|retainedFrom|a reader gets all/; // run over real files; too slow on a disk of arrays

for (const each of storageCases(diskFixture, ['durable', 'exclusive', 'crash'])) {
  if (heavy.test(each.title)) continue;
  test.serial(`simulated disk: ${each.title}`, (t) => t.notThrowsAsync(each.run()));
}
