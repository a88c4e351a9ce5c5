import type { ApplyContext, Codec, LogEntry, NodeInfo, State } from '@paxakos/core';

/** A 16-byte operation. */
export type Operation = LogEntry<'set', { readonly bytes: Uint8Array }, number>;

/** Entries as their 16 bytes, so that the benchmark measures consensus and not JSON; states as a number. */
export const operationCodec: Codec = {
  encode(value) {
    if (typeof value === 'number') return new TextEncoder().encode(String(value));
    return (value as Operation).bytes;
  },
  decode(bytes) {
    return bytes.length === 16 ? { type: 'set', bytes } : Number(new TextDecoder().decode(bytes));
  },
};

/** Counts what it applied. */
export class Counter implements State<Operation, number> {
  readonly #members: readonly NodeInfo[];
  count: number;

  constructor(members: readonly NodeInfo[], count = 0) {
    this.#members = members;
    this.count = count;
  }

  apply(_entry: Operation, _context: ApplyContext): number {
    this.count += 1;
    return this.count;
  }

  cluster(): readonly NodeInfo[] {
    return this.#members;
  }

  freeze(): number {
    return this.count;
  }
}
