import type { Operation, OperationType, Refusal } from './operation.ts';
import { operationTypes } from './operation.ts';

/** One operation that took effect, or was refused. */
export interface HistoryEntry {
  readonly id: string;
  readonly round: number;
  readonly type: OperationType;
  readonly operand: number;
  /** The value right after it. */
  readonly value: number;
  readonly refused: HistoryRefusal | undefined;
}

export type HistoryRefusal = Exclude<Refusal, 'id taken'>;

/** A history at rest: one array a column, the oldest operation first. */
export interface HistoryColumns {
  readonly ids: readonly string[];
  readonly rounds: Float64Array;
  readonly operands: Float64Array;
  readonly values: Float64Array;
  /** Place of the type in `operationTypes`, plus 4 for a division by zero, plus 8 for an overflow. */
  readonly kinds: Uint8Array;
}

const refusals: readonly (HistoryRefusal | undefined)[] = [undefined, 'division by zero', 'overflow'];
const lengthFirst = 1_024;

/**
 * The operations of the calculator in the order in which they were applied, found by id. Keeps the last `lengthMax`; numbers lie
 * in typed arrays, so that half a million of them take about fifty megabytes.
 */
export class History {
  readonly #lengthMax: number;
  readonly #slots = new Map<string, number>();
  readonly #ids: string[] = [];
  #rounds = new Float64Array(lengthFirst);
  #operands = new Float64Array(lengthFirst);
  #values = new Float64Array(lengthFirst);
  #kinds = new Uint8Array(lengthFirst);
  /** The slot of the oldest, once all are in use. */
  #oldest = 0;

  constructor(lengthMax: number) {
    this.#lengthMax = lengthMax;
  }

  get length(): number {
    return this.#ids.length;
  }

  find(id: string): HistoryEntry | undefined {
    const slot = this.#slots.get(id);
    return slot === undefined ? undefined : this.#at(slot);
  }

  /** Takes one in, and gives the one that had to go for it. */
  add(
    { id, type, value: operand }: Operation,
    round: number,
    value: number,
    refused: HistoryRefusal | undefined,
  ): HistoryEntry | undefined {
    const kind = operationTypes.indexOf(type) + 4 * refusals.indexOf(refused);
    return this.#add(id, round, kind, operand, value);
  }

  freeze(): HistoryColumns {
    return {
      ids: [...this.#ids.slice(this.#oldest), ...this.#ids.slice(0, this.#oldest)],
      rounds: this.#inOrder(this.#rounds, new Float64Array(this.length)),
      operands: this.#inOrder(this.#operands, new Float64Array(this.length)),
      values: this.#inOrder(this.#values, new Float64Array(this.length)),
      kinds: this.#inOrder(this.#kinds, new Uint8Array(this.length)),
    };
  }

  static thaw(columns: HistoryColumns, lengthMax: number): History {
    const history = new History(lengthMax);
    const { ids, rounds, kinds, operands, values } = columns;
    for (const [index, id] of ids.entries()) {
      history.#add(id, rounds[index] ?? 0, kinds[index] ?? 0, operands[index] ?? 0, values[index] ?? 0);
    }
    return history;
  }

  #add(id: string, round: number, kind: number, operand: number, value: number): HistoryEntry | undefined {
    const isFull = this.length === this.#lengthMax;
    const slot = isFull ? this.#oldest : this.length;
    const gone = isFull ? this.#at(slot) : undefined;
    if (gone !== undefined) {
      this.#slots.delete(gone.id);
      this.#oldest = (slot + 1) % this.#lengthMax;
    } else if (slot === this.#rounds.length) {
      this.#grow();
    }
    this.#ids[slot] = id;
    this.#rounds[slot] = round;
    this.#operands[slot] = operand;
    this.#values[slot] = value;
    this.#kinds[slot] = kind;
    this.#slots.set(id, slot);
    return gone;
  }

  #inOrder<T extends Float64Array | Uint8Array>(column: T, copy: T): T {
    copy.set(column.subarray(this.#oldest, this.length));
    copy.set(column.subarray(0, this.#oldest), this.length - this.#oldest);
    return copy;
  }

  #grow(): void {
    const length = Math.min(this.#rounds.length * 2, Math.max(this.#lengthMax, lengthFirst));
    const longer = (numbers: Float64Array) => {
      const copy = new Float64Array(length);
      copy.set(numbers);
      return copy;
    };
    this.#rounds = longer(this.#rounds);
    this.#operands = longer(this.#operands);
    this.#values = longer(this.#values);
    const kinds = new Uint8Array(length);
    kinds.set(this.#kinds);
    this.#kinds = kinds;
  }

  #at(slot: number): HistoryEntry {
    const kind = this.#kinds[slot] ?? 0;
    return {
      id: this.#ids[slot] ?? '',
      round: this.#rounds[slot] ?? 0,
      type: operationTypes[kind % 4] ?? 'add',
      operand: this.#operands[slot] ?? 0,
      value: this.#values[slot] ?? 0,
      refused: refusals[kind >> 2],
    };
  }
}
