import type { LogRecord, Storage } from '@paxakos/core/contracts';
import { bytesOf, numberOf } from './model.ts';

/** What an acceptor must never forget: the number that it promised, and under which one it accepted in each round. */
export class AcceptorLog {
  promised = 0;
  /** The number of each round, from 1 on. */
  readonly accepted: number[] = [];

  /** Opens a storage and takes back what it holds. Throws where it holds what no acceptor wrote. */
  static async open(storage: Storage): Promise<AcceptorLog> {
    const log = new AcceptorLog();
    const { snapshot, records } = await storage.open();
    if (snapshot !== undefined) log.#thaw(snapshot.round, snapshot.bytes);
    for await (const record of records) log.#replay(record);
    return log;
  }

  /** A promise, or an acceptance in the next round, and the record of it. */
  next(promises: boolean, length: number): LogRecord {
    if (promises) {
      this.promised += 1;
      return { parts: [Uint8Array.of(1), bytesOf(this.promised, length)] };
    }
    this.accepted.push(this.promised);
    const round = this.accepted.length;
    return {
      parts: [Uint8Array.of(2), bytesOf(this.promised, 4), bytesOf(round, length)],
      rounds: { from: round, to: round },
    };
  }

  freeze(): Uint8Array {
    return Buffer.concat([bytesOf(this.promised, 4), ...this.accepted.map((number) => bytesOf(number, 4))]);
  }

  #thaw(round: number, bytes: Uint8Array): void {
    this.promised = numberOf(bytes.subarray(0, 4));
    for (let at = 4; at < bytes.length; at += 4) this.accepted.push(numberOf(bytes.subarray(at, at + 4)));
    if (this.accepted.length !== round)
      throw new Error(`the snapshot of ${round} rounds holds ${this.accepted.length}`);
  }

  #replay(record: Uint8Array): void {
    const number = numberOf(record[0] === 1 ? record.subarray(1) : record.subarray(1, 5));
    if (record[0] === 1) {
      if (number !== this.promised + 1) throw new Error(`promise ${number} follows ${this.promised}`);
      this.promised = number;
      return;
    }
    const round = numberOf(record.subarray(5));
    if (round !== this.accepted.length + 1) throw new Error(`round ${round} follows ${this.accepted.length}`);
    if (number !== this.promised) throw new Error(`round ${round} is of ${number}, where ${this.promised} is promised`);
    this.accepted.push(number);
  }
}
