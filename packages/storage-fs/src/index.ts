export { fsStorage } from './fs-storage.ts';
export type { FsStorageOptions } from './fs-storage-over.ts';
