import type { Storage } from '../contracts/index.ts';

async function* nothing(): AsyncIterableIterator<Uint8Array> {}

/** Keeps nothing: what a node has without storage. It is passive after a restart. */
export function noStorage(): Storage {
  return {
    retainedFrom: Number.MAX_SAFE_INTEGER,
    open: () => Promise.resolve({ records: nothing() }),
    append: () => Promise.resolve(),
    saveSnapshot: () => Promise.resolve(),
    read: nothing,
    close: () => Promise.resolve(),
  };
}
