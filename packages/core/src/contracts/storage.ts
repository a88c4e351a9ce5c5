import type { RoundNum, RoundRange } from './numbers.ts';

/**
 * One record of the log. The storage does not look into it.
 *
 * `rounds` are the rounds whose entries it holds or concerns; a record without them matters until the next snapshot.
 */
export interface LogRecord {
  /** The parts follow one another; they do not change once handed over. */
  readonly parts: readonly Uint8Array[];
  readonly rounds?: RoundRange;
}

/** A snapshot at rest: the state after `round`, and all that the acceptor promised and accepted up to the moment it was taken. */
export interface StoredSnapshot {
  readonly round: RoundNum;
  readonly bytes: Uint8Array;
}

/** What a storage held when it was opened. */
export interface StoredLog {
  readonly snapshot?: StoredSnapshot;
  /** The records appended after that snapshot was handed over, in the order of their append. To be read once, to its end. */
  readonly records: AsyncIterable<Uint8Array>;
}

/**
 * Stable storage for one node.
 *
 * A failed write or sync poisons it: that call and every later one reject with a `StorageError`, and nothing is acknowledged again.
 */
export interface Storage {
  /**
   * Takes exclusive hold and gives what is there. Rejects with a `StorageError` where another process holds it, or where
   * anything but the tail of the log is damaged.
   */
  open(): Promise<StoredLog>;
  /**
   * Resolves when the records are durable, and with them all appended before. Order is kept. Appends of one turn of the
   * event loop share one sync.
   */
  append(records: readonly LogRecord[]): Promise<void>;
  /**
   * Resolves when the snapshot is durable. It stands for every record appended before this call, so those may be dropped, but
   * for the retained ones that hold the newest rounds at or below `snapshot.round`.
   */
  saveSnapshot(snapshot: StoredSnapshot): Promise<void>;
  /** The first round of which `read` gives every record; 1 where nothing has been dropped. */
  readonly retainedFrom: RoundNum;
  /** Every retained record that concerns one of these rounds, in the order of their append. */
  read(rounds: RoundRange): AsyncIterable<Uint8Array>;
  /** Writes out what was appended and lets go. Idempotent. */
  close(): Promise<void>;
}
