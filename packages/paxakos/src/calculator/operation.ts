import type { LogEntry, RoundNum } from '@paxakos/core';

/** Why an operation was not carried out. The value stays as it was. */
export type Refusal = 'division by zero' | 'overflow' | 'id taken';

/** What an operation came to. */
export interface Outcome {
  /** The round in which the operation took effect, which is that of its first commit. */
  readonly round: RoundNum;
  /** The new value: right after the operation took effect. */
  readonly value: number;
  readonly refused?: Refusal;
  /** The operation had been committed before, under the same id; this is the outcome of then. */
  readonly repeated?: true;
}

interface Operand {
  readonly value: number;
}

/** One step of the calculator: `value` is the operand. Takes effect once per id. */
export type Operation =
  | LogEntry<'add', Operand, Outcome>
  | LogEntry<'sub', Operand, Outcome>
  | LogEntry<'mul', Operand, Outcome>
  | LogEntry<'div', Operand, Outcome>;

export type OperationType = Operation['type'];

/** In the order of the numbers that stand for them at rest. */
export const operationTypes: readonly OperationType[] = ['add', 'sub', 'mul', 'div'];

/** The value after an operation, or why there is none. */
export type Calculation =
  | { readonly value: number; readonly refused?: undefined }
  | { readonly value?: undefined; readonly refused: 'division by zero' | 'overflow' };

/**
 * Calculates with 64-bit floating point numbers (IEEE 754), which every machine rounds alike. What would not be a finite number
 * is refused; there is no negative zero, which JSON would not keep.
 */
export function calculate(type: OperationType, before: number, operand: number): Calculation {
  if (type === 'div' && operand === 0) return { refused: 'division by zero' };
  const value = resultOf(type, before, operand);
  return Number.isFinite(value) ? { value: value + 0 } : { refused: 'overflow' };
}

function resultOf(type: OperationType, before: number, operand: number): number {
  switch (type) {
    case 'add':
      return before + operand;
    case 'sub':
      return before - operand;
    case 'mul':
      return before * operand;
    case 'div':
      return before / operand;
  }
}
