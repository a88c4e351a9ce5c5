export { type StorageCase, storageCases } from './storage-cases.ts';
export type { StorageCapability, StorageFixture } from './storage-fixture.ts';
