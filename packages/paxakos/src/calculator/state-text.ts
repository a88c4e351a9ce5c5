import type { CalculatorImage } from './calculator.ts';
import { operationTypes } from './operation.ts';

/** One operation as the state's text lists it: id, round, type, operand, value after it. */
export type StateRow = readonly [id: string, round: number, type: string, operand: number, value: number];

/** The text of a state, parsed. */
export interface StateDocument {
  readonly value: number;
  readonly base: number;
  readonly forgotten: number;
  readonly operations: readonly StateRow[];
}

const rowsPerPart = 2_000;

/**
 * The whole state as one JSON text, in parts: equal states give equal bytes. The operations stand in the order in which they were
 * applied, one a line; a refused one has the value of the one before it.
 */
export function* stateText(image: CalculatorImage): Generator<string> {
  const { value, base, forgotten, ids, rounds, kinds, operands, values } = image;
  yield `{"value":${value},"base":${base},"forgotten":${forgotten},"operations":[`;
  for (let from = 0; from < ids.length; from += rowsPerPart) {
    const rows: string[] = [];
    for (let index = from; index < Math.min(from + rowsPerPart, ids.length); index += 1) {
      const type = operationTypes[(kinds[index] ?? 0) % 4] ?? 'add';
      const row: StateRow = [ids[index] ?? '', rounds[index] ?? 0, type, operands[index] ?? 0, values[index] ?? 0];
      rows.push(`\n${JSON.stringify(row)}`);
    }
    yield `${from === 0 ? '' : ','}${rows.join(',')}`;
  }
  yield ']}\n';
}
