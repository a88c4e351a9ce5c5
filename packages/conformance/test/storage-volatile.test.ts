// The suite over the storage in memory, which declares nothing: it forgets.
import { volatileStorage } from '@paxakos/core/memory';
import test from 'ava';
import { storageCases } from '../src/storage/index.ts';

for (const retain of [65_536, 10]) {
  const create = () => ({ storage: () => volatileStorage({ retain }), async [Symbol.asyncDispose]() {} });
  for (const each of storageCases(create)) {
    test.serial(`volatile, retain ${retain}: ${each.title}`, (t) => t.notThrowsAsync(each.run()));
  }
}
