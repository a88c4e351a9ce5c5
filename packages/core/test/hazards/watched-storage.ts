import type { Storage } from '../../src/index.ts';

export type WriteKind = 'append' | 'saveSnapshot';

/** A storage that does one write after the other, and asks around each: what `around` never does is never written. */
export function watchedStorage(
  storage: Storage,
  around: (kind: WriteKind, write: () => Promise<void>) => Promise<void>,
): Storage {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = (kind: WriteKind, write: () => Promise<void>): Promise<void> => {
    const done = last.then(() => around(kind, write));
    last = done.catch(() => {});
    return done;
  };
  return {
    open: () => storage.open(),
    append: (records) => inTurn('append', () => storage.append(records)),
    saveSnapshot: (snapshot) => inTurn('saveSnapshot', () => storage.saveSnapshot(snapshot)),
    get retainedFrom() {
      return storage.retainedFrom;
    },
    read: (rounds) => storage.read(rounds),
    close: () => storage.close(),
  };
}
