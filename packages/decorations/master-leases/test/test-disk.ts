import type { LogRecord, RoundRange, Storage, StoredLog, StoredSnapshot } from '@paxakos/core';

interface Kept {
  readonly bytes: Uint8Array;
  readonly rounds: RoundRange | undefined;
}

/** A disk in memory: it keeps all that was written when its process is killed. */
export class TestDisk {
  readonly #records: Kept[] = [];
  #snapshot: StoredSnapshot | undefined;
  #since = 0;

  /** A way in for the next life. */
  storage(): Storage {
    const records = this.#records;
    const append = async (added: readonly LogRecord[]): Promise<void> => {
      for (const { parts, rounds } of added) records.push({ bytes: Uint8Array.from(Buffer.concat(parts)), rounds });
    };
    return {
      open: async (): Promise<StoredLog> => {
        const since = each(records.slice(this.#since));
        return this.#snapshot === undefined ? { records: since } : { snapshot: this.#snapshot, records: since };
      },
      append,
      saveSnapshot: async ({ round, bytes }) => {
        this.#snapshot = { round, bytes: bytes.slice() };
        this.#since = records.length;
      },
      retainedFrom: 1,
      read: ({ from, to }) =>
        each(records.filter(({ rounds }) => rounds !== undefined && rounds.from <= to && rounds.to >= from)),
      close: async () => {},
    };
  }
}

async function* each(records: readonly Kept[]): AsyncIterable<Uint8Array> {
  for (const { bytes } of records) yield bytes.slice();
}
