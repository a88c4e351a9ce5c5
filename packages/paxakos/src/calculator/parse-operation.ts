import { type Operation, operationTypes } from './operation.ts';

/** The longest id, in characters. */
export const idLengthMax = 200;

/** An operation, or why the text is none. */
export type ParsedOperation =
  | { readonly operation: Operation; readonly reason?: undefined }
  | { readonly operation?: undefined; readonly reason: string };

const kinds = operationTypes.join(', ');

/**
 * Reads `{"type":"add","value":3,"id":"a1"}`, or short `add 3`. `op` stands for `type` too; an operation without an id gets
 * one from `makeId`; other fields are not looked at.
 */
export function parseOperation(text: string, makeId: () => string): ParsedOperation {
  const trimmed = text.trim();
  if (trimmed === '') return { reason: 'it is empty' };
  if (trimmed.startsWith('{')) return parseJson(trimmed, makeId);
  const [type = '', number, ...rest] = trimmed.split(/\s+/);
  if (number === undefined || rest.length > 0 || !/^[a-z]+$/.test(type)) {
    return { reason: 'it is neither a JSON object, such as {"type":"add","value":3}, nor short, such as: add 3' };
  }
  return checked(type, numberOf(number), undefined, makeId);
}

function parseJson(text: string, makeId: () => string): ParsedOperation {
  let fields: { readonly type?: unknown; readonly op?: unknown; readonly value?: unknown; readonly id?: unknown };
  try {
    fields = JSON.parse(text) as typeof fields;
  } catch (error) {
    return { reason: `it is not JSON: ${(error as Error).message}` };
  }
  const { type, op } = fields;
  if (type !== undefined && op !== undefined && type !== op) {
    return { reason: `type is ${shown(type)}, but op is ${shown(op)}: give one of the two` };
  }
  return checked(type ?? op, fields.value, fields.id, makeId);
}

function checked(type: unknown, value: unknown, id: unknown, makeId: () => string): ParsedOperation {
  const known = operationTypes.find((name) => name === type);
  if (known === undefined) return { reason: `type is ${shown(type)}: give one of ${kinds}` };
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    return { reason: `value is ${shown(value)}: give a finite number` };
  }
  if (id !== undefined && (typeof id !== 'string' || id.length === 0 || id.length > idLengthMax)) {
    return { reason: `id is ${shown(id)}: give a string of 1 to ${idLengthMax} characters, or none` };
  }
  // No negative zero, which JSON would not keep.
  return { operation: { id: id ?? makeId(), type: known, value: value + 0 } };
}

function numberOf(text: string): unknown {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : text;
}

function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? typeof value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
