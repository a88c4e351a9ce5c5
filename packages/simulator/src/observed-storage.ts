import type { LogRecord, RoundNum, RoundRange, Storage, StoredLog, StoredSnapshot } from '@paxakos/core/contracts';
import { decodeRecord, decodeSnapshot } from '@paxakos/core/formats';
import type { Life } from './life.ts';
import type { Observation } from './observation.ts';

/** A storage whose user is watched: what is given to it, and what it promises to keep. */
export class ObservedStorage implements Storage {
  readonly #inner: Storage;
  readonly #life: Life;
  readonly #observe: (observation: Observation) => void;

  constructor(inner: Storage, life: Life, observe: (observation: Observation) => void) {
    this.#inner = inner;
    this.#life = life;
    this.#observe = observe;
  }

  get retainedFrom(): RoundNum {
    return this.#inner.retainedFrom;
  }

  async open(): Promise<StoredLog> {
    const life = this.#life;
    const { snapshot, records } = await this.#inner.open();
    if (snapshot !== undefined) {
      this.#observe({ type: 'restored', life, image: decodeSnapshot(snapshot.bytes) });
    }
    return snapshot === undefined ? { records: this.#found(records) } : { snapshot, records: this.#found(records) };
  }

  async *#found(records: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    const life = this.#life;
    for await (const record of records) {
      this.#observe({ type: 'recovered', life, records: [decodeRecord(record)] });
      yield record;
    }
    this.#observe({ type: 'opened', life });
  }

  async append(records: readonly LogRecord[]): Promise<void> {
    const life = this.#life;
    const decoded = records.map(({ parts }) => decodeRecord(joined(parts)));
    this.#observe({ type: 'written', life, records: decoded });
    await this.#inner.append(records);
    this.#observe({ type: 'durable', life, records: decoded });
  }

  async saveSnapshot(snapshot: StoredSnapshot): Promise<void> {
    this.#observe({ type: 'saving', life: this.#life });
    await this.#inner.saveSnapshot(snapshot);
    this.#observe({ type: 'saved', life: this.#life, image: decodeSnapshot(snapshot.bytes) });
  }

  read(rounds: RoundRange): AsyncIterable<Uint8Array> {
    this.#observe({ type: 'served', life: this.#life, rounds });
    return this.#inner.read(rounds);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
